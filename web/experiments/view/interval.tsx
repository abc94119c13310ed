import './interval.css';
import { percent } from '../model/format.ts';
import { type Run, verdict } from '../model/runs.ts';

/**
 * A rate's 95 % interval from 0 to 100 %, against the break-even rate; its words are for who cannot see it. One element,
 * painted by its style sheet, since a table that scrolls makes many of them a frame.
 */
export function Interval({ run }: { run: Pick<Run, 'tp_rate' | 'tp_rate_low' | 'tp_rate_high' | 'break_even_rate'> }) {
  const { tp_rate: rate, tp_rate_low: low, tp_rate_high: high, break_even_rate: even } = run;
  if (rate === null) return <span class="quiet">no signals</span>;
  if (low === null || high === null || even === null) return <span class="quiet">no interval</span>;
  const words = `${percent(rate)}, between ${percent(low)} and ${percent(high)}, break-even ${percent(even)}`;
  const style = `--low:${low};--high:${high};--rate:${rate};--even:${even}`;
  return <span class={`rate-interval is-${verdict(run)}`} role="img" aria-label={words} style={style} />;
}
