import { percent } from '../model/format.ts';
import { type Run, verdict } from '../model/runs.ts';

const widthPx = 108;
const heightPx = 16;
const x = (rate: number) => 2 + rate * (widthPx - 4);

/** A rate's 95 % interval from 0 to 100 %, against the break-even rate; its words are for who cannot see it. */
export function Interval({ run }: { run: Pick<Run, 'tp_rate' | 'tp_rate_low' | 'tp_rate_high' | 'break_even_rate'> }) {
  const { tp_rate: rate, tp_rate_low: low, tp_rate_high: high, break_even_rate: even } = run;
  if (rate === null || low === null || high === null || even === null) return <span class="quiet">no signals</span>;
  const words = `${percent(rate)}, between ${percent(low)} and ${percent(high)}, break-even ${percent(even)}`;
  return (
    <svg class={`interval is-${verdict(run)}`} width={widthPx} height={heightPx} role="img" aria-label={words}>
      <line class="track" x1={x(0)} x2={x(1)} y1={8} y2={8} />
      <line class="range" x1={x(low)} x2={x(high)} y1={8} y2={8} />
      <line class="even" x1={x(even)} x2={x(even)} y1={1} y2={15} />
      <circle class="rate" cx={x(rate)} cy={8} r={3.2} />
    </svg>
  );
}
