/**
 * The rate of take-profits at which a strategy that ends every trade at +tp or −sl earns nothing.
 * `tpTicks` and `slTicks` are distances from entry in ticks, `costTicks` what a round trip costs in ticks.
 *
 * p·(tp − cost) = (1 − p)·(sl + cost)  ⇒  p = (sl + cost)/(tp + sl); above 1 when the cost eats the whole profit.
 */
export function breakEvenRate(tpTicks: number, slTicks: number, costTicks = 0): number {
  return (slTicks + costTicks) / (tpTicks + slTicks);
}
