import { z } from 'zod';

const count = z.int().min(0);
const prices = z.array(z.number().nullable());

/**
 * Overview of a whole session, in columns of `bins_per_column` bins: `GET /v1/servings/{serving}/overview`. Every number is
 * of the bins that are streamed; the last column may be of fewer bins. A column without a mid has null for it.
 */
export const sessionOverviewSchema = z.object({
  serving_id: z.string(),
  /** Start of bin 0, UNIX nanoseconds as a decimal string. */
  start_ns: z.string(),
  cell_width_ms: z.number(),
  /** Bins known so far; with `is_complete`, all that the stream will send. */
  bin_count: count,
  is_complete: z.boolean(),
  /** Why the replay file cannot be read to its end, or null. */
  failure: z.string().nullable(),
  bins_per_column: z.int().min(1),
  columns: z.object({
    mid_first: prices,
    mid_last: prices,
    mid_min: prices,
    mid_max: prices,
    event_count: z.array(count),
    /** Bins whose book is valid. */
    valid_bins: z.array(count),
  }),
});

export type SessionOverview = Readonly<z.output<typeof sessionOverviewSchema>>;
