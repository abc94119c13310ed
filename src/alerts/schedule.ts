import { type MutedStretch, weekdays } from './rule.ts';

/** Whether a moment, UNIX nanoseconds, lies in a stretch of the week in which a rule is mute, on New York's clocks. */
export function isMuted(muted: readonly MutedStretch[], tsNs: string): boolean {
  if (muted.length === 0) return false;
  const now = new Temporal.ZonedDateTime(BigInt(tsNs), 'America/New_York');
  const clock = now.toPlainTime().toString({ smallestUnit: 'minute', roundingMode: 'floor' });
  const today = weekdays[now.dayOfWeek - 1];
  const yesterday = weekdays[(now.dayOfWeek + 5) % 7];
  return muted.some(({ days, from, to }) => {
    const on = (day: typeof today) => days.some((each) => each === day);
    if (from < to) return on(today) && clock >= from && clock < to;
    return (on(today) && clock >= from) || (on(yesterday) && clock < to);
  });
}
