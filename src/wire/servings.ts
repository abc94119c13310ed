import { z } from 'zod';

/** A published version in the list of what can be streamed. */
const listedVersionSchema = z.object({
  serving_id: z.string(),
  /** That point at it now, by name. */
  aliases: z.array(z.string()),
  created_at_utc: z.string(),
  description: z.string(),
  experiment_name: z.string(),
  signal_name: z.string(),
  run_id: z.string(),
  /** The session that streams; null where the version's file cannot be read. */
  session: z
    .object({
      symbol: z.string(),
      /** Trading date, YYYY-MM-DD. */
      date: z.iso.date(),
      /** New York time HH:MM of the first bin and of the end; a null end is that of the file. */
      start_time: z.string(),
      end_time: z.string().nullable(),
      cell_width_ms: z.number(),
    })
    .nullable(),
  /** Verdict on the experiment that was stored with the version; null where none was. */
  verdict: z.string().nullable(),
  /** Why the version cannot be streamed; null where it can. */
  problem: z.string().nullable(),
});

/** Answer of `GET /v1/servings`: what can be streamed by an alias or an id. */
export const servingListSchema = z.object({
  /** The newest first; versions that an alias points at come before all others. */
  versions: z.array(listedVersionSchema),
  /** All that are published; more than are listed where there are many. */
  n_versions: z.int().min(0),
});

export type ListedVersion = Readonly<z.output<typeof listedVersionSchema>>;
export type ServingList = Readonly<z.output<typeof servingListSchema>>;

/** Answer of `GET /v1/experiments`: the experiments that have results, those evaluated last first. */
export const experimentListSchema = z.object({
  experiments: z.array(
    z.object({
      experiment_name: z.string(),
      n_runs: z.int().min(0),
      /** When a run of it was evaluated last, ISO 8601 in UTC. */
      evaluated_at_utc: z.string(),
    }),
  ),
});

export type ExperimentList = Readonly<z.output<typeof experimentListSchema>>;
