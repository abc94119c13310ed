import { z } from 'zod';
import { calendarDay, clockTime, sessionDate } from './capture.ts';
import { block, integer, list, matching, oneOf, type Rule, withRules } from './fields.ts';
import { maxSessions } from './limits.ts';

const distinct = <T extends z.ZodType>(item: T, what: string) =>
  list(item, what)
    .max(maxSessions, { error: `at most ${maxSessions} of them` })
    .refine((values) => new Set(values).size === values.length, { error: what });

const whatDate = 'a date of the calendar YYYY-MM-DD';

/** A date that the calendar has. */
const realDate = z
  .string({ error: whatDate })
  .refine(
    (date) => {
      try {
        return calendarDay(date).toString() === date;
      } catch {
        return false;
      }
    },
    { error: whatDate },
  )
  .describe(whatDate);

const whatDates = 'a list of different dates YYYY-MM-DD';
const whatDatasets = 'a list of different ids of datasets, or of names SYMBOL_DATE_START_END';

const schema = block({
  /** First and last date of a range, both in it. */
  from: z.optional(realDate),
  to: z.optional(realDate),
  /** Dates one by one; one that never was is named in the plan. */
  dates: z.optional(distinct(sessionDate, whatDates)),
  /** Datasets of the lake, one a session. */
  datasets: z.optional(distinct(matching(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,255}$/, whatDatasets), whatDatasets)),
  /** New York times; absent: the pipeline's capture. */
  window: z.optional(block({ start_time: clockTime, end_time: clockTime })),
  /** Dates that are left out. */
  exclude: z
    .array(sessionDate, { error: 'a list of dates YYYY-MM-DD' })
    .default([])
    .describe('a list of dates YYYY-MM-DD'),
  /** Sessions that the exchange ends early: left out, or cut at that time. */
  early_close: oneOf(['skip', 'clip']).default('skip'),
  /** The pipeline's symbol, or for each session the most traded contract of the exchange session before. */
  contract: oneOf(['fixed', 'previous_volume']).default('fixed'),
  /** A day on which the exchange was open and the lake has no file. */
  missing: oneOf(['fail', 'skip']).default('fail'),
  /** Sessions at the end that stay locked. */
  holdout: integer(0, maxSessions).default(0),
  /** When to judge; before that day every verdict is an interim one. */
  final: z.optional(realDate),
});

/** The sessions that an experiment is asked of. */
export type SessionsSpec = Readonly<z.output<typeof schema>>;

const ways = ({ from, dates, datasets }: SessionsSpec) => [from, dates, datasets].filter((way) => way !== undefined);

const rules: readonly Rule<SessionsSpec>[] = [
  {
    keys: ['from', 'dates', 'datasets'],
    allowed: 'one of from (with to), dates and datasets',
    holds: (sessions) => ways(sessions).length === 1,
  },
  {
    keys: ['to', 'from'],
    allowed: 'a date with from, not before it',
    holds: ({ from, to }) => (from === undefined ? to === undefined : to !== undefined && from <= to),
  },
  {
    keys: ['window', 'datasets'],
    allowed: 'no window with datasets, which have theirs',
    holds: ({ window, datasets }) => window === undefined || datasets === undefined,
  },
  {
    keys: ['contract', 'datasets'],
    allowed: 'fixed with datasets, which have their contracts',
    holds: ({ contract, datasets }) => contract === 'fixed' || datasets === undefined,
  },
];

export const sessionsSchema = withRules(schema, rules);
