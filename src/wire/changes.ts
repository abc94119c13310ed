import { z } from 'zod';
import { integer, runningSweepSchema, sweepEndSchema } from './experiments.ts';

/* What pages ask for beside results: who may change something, and the sweeps. */

export const changesSchema = z.object({
  /** Whether who asks may change something: `needs_token` until the page was opened with the token. */
  changes: z.enum(['allowed', 'needs_token', 'off']),
});

export const sweepsSchema = z.object({
  /** Started from a page, and not yet heard of. */
  starting: z.array(z.object({ sweep_id: z.string(), experiment_name: z.string() })),
  running: z.array(runningSweepSchema),
  ended: z.array(sweepEndSchema.extend({ has_log: z.boolean() })),
});

export const cancelledSchema = z.object({ sweep_id: z.string(), state: z.enum(['cancelling', 'removed']) });

/** Experiment specs of the folder that the server was started with. */
export const specListSchema = z.object({
  folder: z.string(),
  /** Whether the server can start sweeps. */
  can_run: z.boolean(),
  specs: z.array(z.object({ name: z.string(), modified_utc: z.string() })),
});

export const specSchema = z.object({
  name: z.string(),
  path: z.string(),
  text: z.string(),
  /** Changes with the text; a change of the file must name the one that it is of. */
  etag: z.string(),
});

/** What running an experiment takes. */
export const experimentCostSchema = z.object({
  sweep_id: z.string(),
  signal_name: z.string(),
  cells: integer,
  /** Sessions that are evaluated, and those that stay locked. */
  sessions: integer,
  held_out: integer,
  datasets_made: integer,
  datasets_to_make: integer,
  /** Of the datasets to make. */
  disk_bytes: integer,
  /** `similar`: as like datasets in the lake take; `at_most`: without compression. */
  disk_basis: z.enum(['similar', 'at_most']),
  /** Days that lack a file; the first of them are named. */
  missing_days: z.array(z.object({ date: z.string(), reason: z.string() })),
  missing_days_count: integer,
  /** Different trials times sessions, and those that have results; null where that was not counted. */
  units: integer,
  units_known: integer.nullable(),
  /** Seconds, as earlier runs in this lake took; null where none tells. */
  datasets_s: z.number().nullable(),
  cells_s: z.number().nullable(),
  /** What the run would be refused for. */
  refusal: z.object({ code: z.string(), message: z.string() }).nullable(),
});

/** Longest text of a spec, in characters. */
export const maxSpecLength = 200_000;
const specText = z.string().max(maxSpecLength);

export const checkRequestSchema = z.strictObject({ name: z.string().max(128), text: specText });
export const saveRequestSchema = z.strictObject({ text: specText, etag: z.string().max(64).nullable() });
export const startRequestSchema = z.strictObject({
  etag: z.string().max(64),
  force: z.boolean().default(false),
  keep_going: z.boolean().default(false),
});

/** A spec that is sound, with its plan and cost; or the error that `spymaster validate` gives, and where in the text it is. */
export const checkSchema = z.discriminatedUnion('valid', [
  z.object({
    valid: z.literal(true),
    name: z.string(),
    about: z.string(),
    warnings: z.array(z.string()),
    cost: experimentCostSchema,
  }),
  z.object({
    valid: z.literal(false),
    code: z.string(),
    message: z.string(),
    line: integer.nullable(),
    column: integer.nullable(),
  }),
]);

export const savedSchema = z.object({ name: z.string(), path: z.string(), etag: z.string() });
export const startedSchema = z.object({ sweep_id: z.string(), experiment_name: z.string() });

export type SpecList = z.infer<typeof specListSchema>;
export type SpecText = z.infer<typeof specSchema>;
export type ExperimentCost = z.infer<typeof experimentCostSchema>;
export type SpecCheck = z.infer<typeof checkSchema>;
export type SavedSpec = z.infer<typeof savedSchema>;
export type StartedSweep = z.infer<typeof startedSchema>;
export type ChangesResponse = z.infer<typeof changesSchema>;
export type SweepsResponse = z.infer<typeof sweepsSchema>;
export type CancelledResponse = z.infer<typeof cancelledSchema>;
