import { formatFixed, formatLatencyUs } from '../../format.ts';
import { type ExecutionSettings, executionAssumptions } from './execution_terms.ts';
import type { MeanWithInterval, TrialExecution } from './trial_execution.ts';

/** What execution leaves of a trial, in ticks a trade. */
export interface ExecutedTrial {
  readonly execution: TrialExecution;
  /** As executed, after fees. */
  readonly net: MeanWithInterval;
}

const holds = ({ low }: Pick<MeanWithInterval, 'low'>) => low !== null && low > 0;
const ticks = (value: number | null) => (value === null ? 'unknown' : formatFixed(value, 2));
const between = ({ mean, low, high }: MeanWithInterval) =>
  low === null || high === null ? ticks(mean) : `${ticks(mean)} (${ticks(low)} to ${ticks(high)})`;

/** Whether the mid moves against orders more after their fills than after their misses. */
function isAdverse({ againstAfterFill, againstAfterMiss }: TrialExecution): boolean {
  return againstAfterFill !== null && againstAfterFill > 0 && againstAfterFill > (againstAfterMiss ?? 0);
}

/** What survives execution, in a few words; *holds* is an interval above 0. */
export function executionWords(entry: ExecutionSettings['entry'], { execution, net }: ExecutedTrial): string {
  const { orders, missed, midGross, withoutMet } = execution;
  const share = `${((100 * missed) / Math.max(1, orders)).toFixed(0)} % missed`;
  const isJoined = entry === 'join';
  if (holds(net)) return isJoined ? `holds joined, ${share}` : 'holds after the spread';
  if (isJoined && holds(withoutMet)) return `holds joined only without met, ${share}`;
  if (!holds(midGross)) return 'does not hold at the mid';
  if (!isJoined) return 'holds at the mid, not after the spread';
  return `holds at the mid, not joined: ${share}${isAdverse(execution) ? ', adverse selection eats it' : ''}`;
}

/** Marks results of a market that does not execute first in, first out, and was taken as if it did. */
export function notFifoSentence(frontShare: number | null): string {
  const share = frontShare === null ? 'no execution' : `${(100 * frontShare).toFixed(2)} % of the executions`;
  return `Not first in, first out, and taken as if it were: ${share} at the front of their queue; the fills are not to be believed as they stand.`;
}

/** The second line of a verdict: what survives execution, the numbers behind it, and what is assumed. */
export function executionSentence(settings: ExecutionSettings, trial: ExecutedTrial): string {
  const { entry, entryLatencyUs, size } = settings;
  const { execution, net } = trial;
  const { frontShare, notFifo, tooLarge, orders, againstAfterFill, againstAfterMiss } = execution;
  const colocated = entryLatencyUs === 500 ? ', a colocated machine' : '';
  const how = `${entry}, ${formatLatencyUs(entryLatencyUs)}${colocated}${size === 1 ? '' : `, size ${size}`}`;
  return [
    `In the real book (${how}): ${executionWords(entry, trial)}.`,
    `Ticks a trade: ${between(net)} as executed, ${between(execution.withoutMet)} without met, ${between(execution.midNet)} at the`,
    `mid after costs, ${between(execution.midGross)} before. The mid moves ${ticks(againstAfterFill)} ticks against an order in the second`,
    `after a fill, ${ticks(againstAfterMiss)} after a miss.`,
    ...(tooLarge === 0
      ? []
      : [`${tooLarge} of ${orders} orders are above a tenth of their level: too large to believe.`]),
    ...(notFifo === true ? [notFifoSentence(frontShare)] : []),
    `Assumed: ${executionAssumptions.join('; ')}.`,
  ].join(' ');
}
