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

/** What is known against a run before it is published, a sentence each. */
export const promotionConcernsSchema = z.object({ concerns: z.array(z.string()) });
export const promotionQuerySchema = z.object({ threshold: z.coerce.number().optional() });

const reasonText = z.string().max(2000);

export const promoteRequestSchema = z.strictObject({
  alias: z.string().max(128),
  threshold: z.number().optional(),
  reason: reasonText,
  /** Publish whatever is known against the run. */
  despite_concerns: z.boolean().default(false),
});
export const promotionAnswerSchema = z.object({
  serving_id: z.string(),
  alias: z.string(),
  run_id: z.string(),
  /** The run was published before, and the alias points at that version. */
  reused: z.boolean(),
});

export const rollbackRequestSchema = z.strictObject({ to: z.string().max(128), reason: reasonText });
export const rollbackAnswerSchema = z.object({ alias: z.string(), serving_id: z.string() });

/** The changes of an alias, oldest first. */
export const aliasHistorySchema = z.object({
  alias: z.string(),
  events: z.array(
    z.object({
      at_utc: z.string(),
      action: z.enum(['publish', 'promote', 'rollback']),
      from_serving_id: z.string().nullable(),
      to_serving_id: z.string(),
      reason: z.string().nullable(),
    }),
  ),
});

export const servingComparisonQuerySchema = z.object({
  before: z.string().min(1).describe('Alias or id of a version'),
  after: z.string().min(1).describe('Alias or id of a version'),
});
/** The fields in which two versions differ; a side that lacks a field has null. */
export const servingComparisonSchema = z.object({
  before: z.string(),
  after: z.string(),
  differences: z.array(z.object({ field: z.string(), before: z.unknown(), after: z.unknown() })),
});

export type PromotionConcerns = z.infer<typeof promotionConcernsSchema>;
export type PromoteRequest = z.input<typeof promoteRequestSchema>;
export type PromotionAnswer = z.infer<typeof promotionAnswerSchema>;
export type AliasHistory = z.infer<typeof aliasHistorySchema>;
export type ServingComparison = z.infer<typeof servingComparisonSchema>;
export type SpecList = z.infer<typeof specListSchema>;
export type SpecText = z.infer<typeof specSchema>;
export type ExperimentCost = z.infer<typeof experimentCostSchema>;
export type SpecCheck = z.infer<typeof checkSchema>;
export type SavedSpec = z.infer<typeof savedSchema>;
export type StartedSweep = z.infer<typeof startedSchema>;
export type ChangesResponse = z.infer<typeof changesSchema>;
export type SweepsResponse = z.infer<typeof sweepsSchema>;
export type CancelledResponse = z.infer<typeof cancelledSchema>;
