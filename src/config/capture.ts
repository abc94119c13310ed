import { SpymasterError } from '../errors.ts';
import { locatedIn } from './check.ts';
import { matching } from './fields.ts';
import { type Origin, originOf } from './origin.ts';
import type { ProductType } from './runtime.ts';

/** Moments of a capture in UNIX nanoseconds; both windows are half-open. */
export interface CaptureWindow {
  readonly sessionStartNs: bigint;
  readonly sessionEndNs: bigint;
  /** First bin's start. */
  readonly startNs: bigint;
  /** End of the capture; null runs to the end of the input. */
  readonly endNs: bigint | null;
}

/** The time zone of session dates and clock times. */
export const newYorkZone = 'America/New_York';

/** When regular hours open in New York. */
export const openingBell = '09:30';

export const sessionDate = matching(/^\d{4}-\d{2}-\d{2}$/, 'a date YYYY-MM-DD');
export const clockTime = matching(/^([01]\d|2[0-3]):[0-5]\d$/, 'a New York time HH:MM');

/** A session of the market: [start, end) on New York's clocks. */
interface SessionWindow {
  readonly date: string;
  readonly start: Temporal.ZonedDateTime;
  readonly end: Temporal.ZonedDateTime;
}

/**
 * The session of a date and the capture inside it (model.md §1.4): futures have [date 00:00 UTC, next day 00:00 UTC),
 * equities [02:00, 16:00) New York time. `startTime` and `endTime` are HH:MM, each the one moment of the session at which
 * New York's clocks show it: 20:00 of a futures session is the evening before its date.
 * Throws CONFIG_INVALID for a date or time that does not exist, a time that the session has not or has twice, and a start
 * that is not before the end.
 */
export function captureWindow(
  productType: ProductType,
  date: string,
  startTime: string,
  endTime?: string | null,
): CaptureWindow {
  const session = sessionOf(productType, date);
  const startNs = momentNs(session, 'start', startTime, 'stream_start_time');
  const endNs = endTime === undefined || endTime === null ? null : momentNs(session, 'end', endTime, 'end_time');
  if (endNs !== null && startNs >= endNs) {
    throw invalid(
      'end_time',
      endTime as string,
      `the capture starts at ${startTime} New York time (${clock(newYorkAt(startNs))}), which is not before its end at ${endTime} ` +
        `(${clock(newYorkAt(endNs))}); give an end after the start`,
    );
  }
  const { start, end } = session;
  return { sessionStartNs: start.epochNanoseconds, sessionEndNs: end.epochNanoseconds, startNs, endNs };
}

/** Fields of a serving version's runtime snapshot that give its capture. */
export interface CaptureFields {
  readonly product_type: ProductType;
  readonly stream_dt: string;
  readonly stream_start_time: string;
  readonly end_time?: string | null | undefined;
}

/** The capture of a serving version's runtime snapshot; throws what `captureWindow` does. */
export function captureOf({ product_type, stream_dt, stream_start_time, end_time }: CaptureFields): CaptureWindow {
  return captureWindow(product_type, stream_dt, stream_start_time, end_time);
}

/**
 * UNIX nanoseconds of a New York clock time HH:MM or HH:MM:SS within a session. An `end` may be the session's own end, a
 * `start` may not. Throws CONFIG_INVALID as `captureWindow` does.
 */
export function sessionTimeNs(
  productType: ProductType,
  date: string,
  time: string,
  edge: 'start' | 'end' = 'start',
): bigint {
  const [, minutes = time, seconds = '00'] = /^(..:..):([0-5]\d)$/.exec(time) ?? [];
  return momentNs(sessionOf(productType, date), edge, minutes, 'time') + BigInt(seconds) * 1_000_000_000n;
}

/** Where a file says what `captureWindow` takes. */
export type CapturePaths = Readonly<Record<'stream_dt' | 'stream_start_time' | 'end_time', readonly string[]>>;

/** `captureWindow` of what a file says, whose errors point at the line in it. */
export function captureWindowOf(
  origin: string | Origin,
  paths: CapturePaths,
  ...capture: Parameters<typeof captureWindow>
): CaptureWindow {
  try {
    return captureWindow(...capture);
  } catch (error) {
    const key = (error as SpymasterError).fields?.key as keyof CapturePaths;
    throw locatedIn(error, originOf(origin), paths[key]);
  }
}

/** A day of the calendar; throws CONFIG_INVALID for a text that names none. */
export function calendarDay(date: string): Temporal.PlainDate {
  if (!sessionDate.safeParse(date).success) throw invalid('stream_dt', date, `${date} is not a date YYYY-MM-DD`);
  try {
    return Temporal.PlainDate.from(date, { overflow: 'reject' });
  } catch (cause) {
    throw invalid('stream_dt', date, `${date} is not in the calendar`, cause);
  }
}

function sessionOf(productType: ProductType, date: string): SessionWindow {
  const day = calendarDay(date);
  if (productType === 'future_mbo') {
    const start = day.toZonedDateTime('UTC').withTimeZone(newYorkZone);
    const end = day.add({ days: 1 }).toZonedDateTime('UTC').withTimeZone(newYorkZone);
    return { date, start, end };
  }
  const [start, end] = ['02:00', '16:00'].map((time) => {
    const [moment] = shownOn(day, Temporal.PlainTime.from(time));
    if (moment !== undefined) return moment;
    throw invalid('stream_dt', date, `${time} does not exist in New York on ${day}, when clocks are set forward`);
  }) as [Temporal.ZonedDateTime, Temporal.ZonedDateTime];
  return { date, start, end };
}

/** The moments of a day at which New York's clocks show a time: none or two where they are set forward or back. */
function shownOn(day: Temporal.PlainDate, time: Temporal.PlainTime): Temporal.ZonedDateTime[] {
  const plain = day.toPlainDateTime(time);
  const earlier = plain.toZonedDateTime(newYorkZone, { disambiguation: 'earlier' });
  if (!earlier.toPlainDateTime().equals(plain)) return [];
  const later = plain.toZonedDateTime(newYorkZone, { disambiguation: 'later' });
  return later.epochNanoseconds === earlier.epochNanoseconds ? [earlier] : [earlier, later];
}

/** The one moment inside a session at which New York's clocks show `time`, UNIX nanoseconds. */
function momentNs(session: SessionWindow, edge: 'start' | 'end', time: string, key: string): bigint {
  if (!clockTime.safeParse(time).success) throw invalid(key, time, `${time} is not a time HH:MM`);
  const { date, start, end } = session;
  const days = [start.toPlainDate(), end.toPlainDate()].filter(
    (day, i, all) => i === 0 || !day.equals(all[0] as never),
  );
  const moments = days
    .flatMap((day) => shownOn(day, Temporal.PlainTime.from(time)))
    .map(({ epochNanoseconds }) => epochNanoseconds)
    .filter((ns) =>
      edge === 'start'
        ? ns >= start.epochNanoseconds && ns < end.epochNanoseconds
        : ns > start.epochNanoseconds && ns <= end.epochNanoseconds,
    );
  const [moment] = moments;
  if (moment !== undefined && moments.length === 1) return moment;
  const name = `the session of ${date}, ${clock(start)} to ${clock(end)} New York time`;
  const change = end.offsetNanoseconds - start.offsetNanoseconds;
  const because = `because they are set ${change > 0 ? 'forward' : 'back'} in it`;
  if (moments.length > 1) {
    const shown = moments.map(newYorkAt).map((at) => `${clock(at)} at UTC${at.offset.slice(0, 3)}`);
    throw invalid(
      key,
      time,
      `New York's clocks show the ${edge} ${time} twice (${shown.join(' and ')}) in ${name}, ${because}; give a time that comes once`,
    );
  }
  throw invalid(
    key,
    time,
    change === 0
      ? `the ${edge} ${time} lies outside ${name}; give a time inside it`
      : `New York's clocks do not show the ${edge} ${time} in ${name}, ${because}; give a time that they show`,
  );
}

const newYorkAt = (unixNs: bigint) => new Temporal.ZonedDateTime(unixNs, newYorkZone);

/** Date and clock of a moment in New York, for messages. */
function clock(moment: Temporal.ZonedDateTime): string {
  const local = moment.withTimeZone(newYorkZone);
  return `${local.toPlainDate()} ${local.toPlainTime().toString({ smallestUnit: 'minute' })}`;
}

function invalid(key: string, value: string, what: string, cause?: unknown): SpymasterError {
  return new SpymasterError('CONFIG_INVALID', `Cannot set the capture: ${what}.`, { key, value }, cause);
}
