import './interval.css';
import { percent, signed } from '../model/format.ts';
import { netVerdict, onNetScale, type Run, verdict } from '../model/runs.ts';

interface BarProps {
  /** Places from 0 to 1: the interval, the estimate in it, and the upright tick. */
  readonly low: number;
  readonly high: number;
  readonly at: number;
  readonly even: number;
  readonly side: 'above' | 'below' | 'open';
  /** The same in words. */
  readonly words: string;
}

/** An interval as one element, painted by its style sheet, since a table that scrolls makes many of them a frame. */
function IntervalBar({ low, high, at, even, side, words }: BarProps) {
  const style = `--low:${low};--high:${high};--rate:${at};--even:${even}`;
  return <span class={`interval-bar is-${side}`} role="img" aria-label={words} style={style} />;
}

/** A rate's 95 % interval from 0 to 100 %, against the break-even rate. */
export function RateInterval({
  run,
}: {
  run: Pick<Run, 'tp_rate' | 'tp_rate_low' | 'tp_rate_high' | 'break_even_rate'>;
}) {
  const { tp_rate: rate, tp_rate_low: low, tp_rate_high: high, break_even_rate: even } = run;
  if (rate === null) return <span class="quiet">no signals</span>;
  if (low === null || high === null || even === null) return <span class="quiet">no interval</span>;
  const words = `${percent(rate)}, between ${percent(low)} and ${percent(high)}, break-even ${percent(even)}`;
  return <IntervalBar low={low} high={high} at={rate} even={even} side={verdict(run)} words={words} />;
}

/** The 95 % interval of net PnL a trade, against zero in the middle; `reachTicks` is at either end, and what lies beyond it is cut. */
export function NetInterval({
  run,
  reachTicks,
}: {
  run: Pick<Run, 'mean_net_pnl_ticks' | 'mean_net_pnl_ticks_low' | 'mean_net_pnl_ticks_high' | 'n_signals'>;
  reachTicks: number;
}) {
  const { mean_net_pnl_ticks: net, mean_net_pnl_ticks_low: low, mean_net_pnl_ticks_high: high } = run;
  if (net === null) return <span class="quiet">no signals</span>;
  if (low === null || high === null) return <span class="quiet">no interval</span>;
  const place = (ticks: number) => onNetScale(ticks, reachTicks);
  const words = `${signed(net, 2)} ticks, between ${signed(low, 2)} and ${signed(high, 2)}`;
  return (
    <IntervalBar low={place(low)} high={place(high)} at={place(net)} even={0.5} side={netVerdict(run)} words={words} />
  );
}
