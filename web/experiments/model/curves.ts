import { present } from '../../../src/errors.ts';
import type { Outcomes } from '../../../src/wire/index.ts';

/** Earned ticks over time, a point where a trade ended; columns as uPlot takes them. */
export interface Equity {
  /** Seconds since the dataset's first bin. */
  readonly seconds: number[];
  /** With both fills at the mid, less costs. */
  readonly netTicks: number[];
  /** Less the same costs, if orders filled at their prices. */
  readonly orderPriceTicks: number[];
  /** Largest fall of the net curve below its own peak. */
  readonly drawdownTicks: number;
}

/** Trades in the order of their ends, each with the same weight, summed up; starts at nothing earned. */
export function equityOf({
  exit_bin,
  gain_ticks,
  mid_gain_ticks,
  cost_ticks,
  cell_width_ms,
}: Pick<Outcomes, 'exit_bin' | 'gain_ticks' | 'mid_gain_ticks' | 'cost_ticks' | 'cell_width_ms'>): Equity {
  const order = exit_bin.map((_, index) => index).sort((a, b) => present(exit_bin[a]) - present(exit_bin[b]) || a - b);
  const seconds = [0];
  const netTicks = [0];
  const orderPriceTicks = [0];
  let [net, atPrices, peak, drawdownTicks] = [0, 0, 0, 0];
  for (const index of order) {
    atPrices += present(gain_ticks[index]) - present(cost_ticks[index]);
    net += present(mid_gain_ticks[index]) - present(cost_ticks[index]);
    peak = Math.max(peak, net);
    drawdownTicks = Math.max(drawdownTicks, peak - net);
    const second = ((present(exit_bin[index]) + 1) * cell_width_ms) / 1000;
    // Trades that end together are one step.
    if (second === seconds.at(-1)) {
      netTicks[netTicks.length - 1] = net;
      orderPriceTicks[orderPriceTicks.length - 1] = atPrices;
      continue;
    }
    seconds.push(second);
    netTicks.push(net);
    orderPriceTicks.push(atPrices);
  }
  return { seconds, netTicks, orderPriceTicks, drawdownTicks };
}

type Gains = Parameters<typeof equityOf>[0];

/**
 * Trades whose equity is that of the real book, a contract after fees, with that of the mid in place of fills at the order prices;
 * the trades themselves where they are not known there.
 */
export function inRealBook(outcomes: Gains & Pick<Outcomes, 'executed' | 'start_ms'>): Gains {
  const { executed, start_ms, cell_width_ms, exit_bin, mid_gain_ticks, cost_ticks } = outcomes;
  if (executed === null || start_ms === null) return outcomes;
  const filled = executed.exit_ms.flatMap((exitMs, index) => {
    const net = executed.net_ticks[index] ?? null;
    if (exitMs === null || net === null) return [];
    return [{ bin: Math.floor((exitMs - start_ms) / cell_width_ms), net }];
  });
  const nothing = filled.map(() => 0);
  return {
    cell_width_ms,
    exit_bin: [...exit_bin, ...filled.map(({ bin }) => bin)],
    gain_ticks: [...mid_gain_ticks.map((gain, index) => gain - present(cost_ticks[index])), ...nothing],
    mid_gain_ticks: [...mid_gain_ticks.map(() => 0), ...filled.map(({ net }) => net)],
    cost_ticks: [...cost_ticks.map(() => 0), ...nothing],
  };
}

/** Seconds as `12:05` or `1:02:05`. */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const pad = (value: number) => String(value).padStart(2, '0');
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60), whole % 60];
  return h > 0 ? `${h}:${pad(m)}:${pad(s)}` : `${m}:${pad(s)}`;
}

/** Puts curves with points of their own on one axis; a curve has null where it has no point. */
export function onOneAxis(
  curves: readonly { x: readonly number[]; y: readonly (number | null)[] }[],
): (number | null)[][] {
  const xs = [...new Set(curves.flatMap(({ x }) => x))].sort((a, b) => a - b);
  const at = new Map(xs.map((x, index) => [x, index]));
  return [
    xs,
    ...curves.map(({ x, y }) => {
      const column = new Array<number | null>(xs.length).fill(null);
      x.forEach((value, index) => {
        column[present(at.get(value))] = present(y[index]);
      });
      return column;
    }),
  ];
}
