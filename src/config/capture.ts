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

const zone = 'America/New_York';

export const sessionDate = matching(/^\d{4}-\d{2}-\d{2}$/, 'a date YYYY-MM-DD');
export const clockTime = matching(/^([01]\d|2[0-3]):[0-5]\d$/, 'a New York time HH:MM');

/**
 * The session of a date and the capture inside it (model.md §1.4): futures have [date 00:00 UTC, next day 00:00 UTC),
 * equities [02:00, 16:00) New York time; `startTime` and `endTime` are New York clock times HH:MM of `date`.
 * Throws CONFIG_INVALID for a date or time that does not exist, one outside the session, and a start not before the end.
 */
export function captureWindow(
  productType: ProductType,
  date: string,
  startTime: string,
  endTime?: string | null,
): CaptureWindow {
  const day = calendarDay(date);
  const future = productType === 'future_mbo';
  const sessionStart = future ? day.toZonedDateTime('UTC') : newYork(day, '02:00', 'stream_dt');
  const sessionEnd = future ? day.add({ days: 1 }).toZonedDateTime('UTC') : newYork(day, '16:00', 'stream_dt');
  const start = newYork(day, startTime, 'stream_start_time');
  const end = endTime === undefined || endTime === null ? null : newYork(day, endTime, 'end_time');
  if (end !== null && start.epochNanoseconds >= end.epochNanoseconds) {
    throw invalid(
      'end_time',
      endTime as string,
      `the capture starts at ${startTime}, which is not before its end at ${endTime}; give an end after the start`,
    );
  }
  const session = `the session of ${date}, ${clock(sessionStart)} to ${clock(sessionEnd)} New York time`;
  if (start.epochNanoseconds < sessionStart.epochNanoseconds || start.epochNanoseconds >= sessionEnd.epochNanoseconds) {
    throw invalid('stream_start_time', startTime, `the start ${startTime} lies outside ${session}`);
  }
  if (end !== null && end.epochNanoseconds > sessionEnd.epochNanoseconds) {
    throw invalid('end_time', endTime as string, `the end ${endTime} lies outside ${session}`);
  }
  return {
    sessionStartNs: sessionStart.epochNanoseconds,
    sessionEndNs: sessionEnd.epochNanoseconds,
    startNs: start.epochNanoseconds,
    endNs: end?.epochNanoseconds ?? null,
  };
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

function calendarDay(date: string): Temporal.PlainDate {
  if (!sessionDate.safeParse(date).success) throw invalid('stream_dt', date, `${date} is not a date YYYY-MM-DD`);
  try {
    return Temporal.PlainDate.from(date, { overflow: 'reject' });
  } catch (cause) {
    throw invalid('stream_dt', date, `${date} is not in the calendar`, cause);
  }
}

/**
 * UNIX nanoseconds of a New York clock time HH:MM or HH:MM:SS of a date; of the two that a clock set back has, the earlier.
 * Throws CONFIG_INVALID for what is no date or time, or not there on that day.
 */
export function newYorkTimeNs(date: string, time: string): bigint {
  const [, minutes = time, seconds = '00'] = /^(..:..):([0-5]\d)$/.exec(time) ?? [];
  return newYork(calendarDay(date), minutes, 'time').add({ seconds: Number(seconds) }).epochNanoseconds;
}

/** A New York clock time of a day; of the two that a clock set back has, the earlier. */
function newYork(day: Temporal.PlainDate, time: string, key: string): Temporal.ZonedDateTime {
  if (!clockTime.safeParse(time).success) throw invalid(key, time, `${time} is not a time HH:MM`);
  const plain = day.toPlainDateTime(Temporal.PlainTime.from(time));
  const moment = plain.toZonedDateTime(zone, { disambiguation: 'compatible' });
  if (!moment.toPlainDateTime().equals(plain)) {
    throw invalid(key, time, `${time} does not exist in New York on ${day}, when clocks are set forward`);
  }
  return moment;
}

/** Date and clock of a moment in New York, for messages. */
function clock(moment: Temporal.ZonedDateTime): string {
  const local = moment.withTimeZone(zone);
  return `${local.toPlainDate()} ${local.toPlainTime().toString({ smallestUnit: 'minute' })}`;
}

function invalid(key: string, value: string, what: string, cause?: unknown): SpymasterError {
  return new SpymasterError('CONFIG_INVALID', `Cannot set the capture: ${what}.`, { key, value }, cause);
}
