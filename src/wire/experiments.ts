import { z } from 'zod';
import { namesOf } from './result_tables.ts';
import { rowShape } from './row_shape.ts';
import {
  foldColumns,
  runDetailColumns,
  runMetaColumns,
  runSortKeys,
  sweepColumns,
  thresholdColumns,
} from './run_columns.ts';
import { executedOutcomesSchema } from './run_execution.ts';

export const integer = z.int().min(0);
const number = z.number().nullable();
const text = z.string().nullable();

/** Query of `GET /v1/experiments/runs`; what is absent filters nothing. */
export const runsQuerySchema = z.strictObject({
  signal: z.string().optional(),
  dataset_id: z.string().optional(),
  experiment: z.string().optional(),
  sort: z.enum(runSortKeys).default('tp_rate'),
  min_signals: z.coerce.number().int().min(0).default(5),
  top_n: z.coerce.number().int().min(1).max(100_000).default(50),
});

const thresholdShape = {
  ...rowShape(thresholdColumns),
  /** The side that has at least 95 % of at least 100 firings. */
  one_sided: z.enum(['long', 'short']).nullable(),
};

const serving = {
  /** Page that streams the run, relative to the server; null when no alias serves it. */
  streaming_url: text,
  can_stream: z.boolean(),
};

/** A run at its best threshold. */
export const runSchema = z.object({
  ...rowShape(thresholdColumns),
  ...rowShape(runMetaColumns),
  one_sided: thresholdShape.one_sided,
  ...serving,
});

/** Statistics over all cells of a finished sweep. */
export const sweepSchema = z.object(rowShape(sweepColumns));

/** How often a run's trial was shown, and its result on the sessions that were added after the first time. */
export const runLooksSchema = z.object({
  /** Different sets of sessions that its result was shown on, this time included; null for an older method. */
  looks: integer.nullable(),
  fresh_n_sessions: integer.nullable(),
  fresh_n_signals: integer.nullable(),
  fresh_mean_net_pnl_ticks: number,
  fresh_mean_net_pnl_ticks_low: number,
  fresh_mean_net_pnl_ticks_high: number,
  fresh_p_profit: number,
});
export type RunLooksRow = z.infer<typeof runLooksSchema>;

/** Answer of `GET /v1/experiments/runs`. */
export const runsSchema = z.object({
  runs: z.array(runSchema.extend(runLooksSchema.shape)),
  filters: z.object({ signals: z.array(z.string()), datasets: z.array(z.string()) }),
  /** Runs that the filters let pass, and tested trials of the families that their experiments are judged in. */
  family: z.object({ runs: integer, tests: integer }),
  /** Why this look could not be kept in the lake; null where it was. */
  unkept_look: text,
  sweeps: z.array(sweepSchema),
});

/** Query of `GET /v1/experiments/table`. */
export const tableQuerySchema = z.strictObject({
  sort: z.enum(runSortKeys).default('evidence'),
  /** Absent: the number that each run's experiment asks for. */
  min_signals: z.coerce.number().int().min(0).optional(),
  /** The cursor of an earlier answer: what came after it is enough. */
  after: z.string().optional(),
});

/** A row of the table of runs. */
const tableRowSchema = runSchema.omit({
  config_hash: true,
  // Follows from n_up and n_down.
  one_sided: true,
  n_overlapping: true,
  n_invalid_book: true,
  n_cooling: true,
  commission_ticks: true,
  slippage_ticks: true,
  streaming_url: true,
  can_stream: true,
});

export const tableFields = namesOf(tableRowSchema.shape);

/** A column of all rows: its values, or texts that repeat and the place of each row's among them. */
const tableColumnSchema = z.union([
  z.array(z.union([z.string(), z.number(), z.boolean(), z.null()])),
  z.object({ texts: z.array(z.string()), at: z.array(integer) }),
]);

/** Answer of `GET /v1/experiments/table`: all runs at their best thresholds by column, or those that changed. */
export const tableSchema = z.object({
  /** To be sent as `after` of the next request with the same other parameters. */
  cursor: z.string(),
  /** The rows are all there are; else those that are new or changed, and `removed` are gone. */
  is_whole: z.boolean(),
  /** Rows in no order, by the fields of a run. */
  columns: z.record(z.string(), tableColumnSchema),
  removed: z.array(z.string()),
  /** By run, an alias that serves it. */
  served: z.record(z.string(), z.string()),
  filters: runsSchema.shape.filters,
  family: runsSchema.shape.family,
  sweeps: z.array(sweepSchema),
});

/** Answer of `GET /v1/experiments/runs/{run_id}/detail`. */
export const runDetailSchema = z.object({
  meta: z.object(rowShape(runDetailColumns)),
  threshold_results: z.array(z.object(thresholdShape)),
  fold_results: z.array(z.object(rowShape(foldColumns))),
  ...serving,
  /** Aliases that stream the run. */
  aliases: z.array(z.string()),
  /** The command that publishes the run, for the folder of the specs. */
  promote_command: z.string(),
  /** The source of the user's signal that was evaluated; null for a built-in one. */
  signal_source: z.nullable(
    z.object({
      hash: z.string(),
      entry: z.string(),
      /** Texts by their paths in the folder; null where the lake has them no more. */
      files: z.nullable(z.record(z.string(), z.string())),
      folder: z.nullable(z.string()),
      /** Whether the files in that folder are now what they were. */
      now: z.enum(['same', 'changed', 'gone', 'unknown']),
    }),
  ),
});

/** Query of `GET /v1/experiments/runs/{run_id}/outcomes`. */
export const outcomesQuerySchema = z.strictObject({
  threshold: z.coerce.number(),
  /** Date of the session YYYY-MM-DD; absent: the run's first. */
  session: z.iso.date().optional(),
});

const perCode = z.array(integer).length(5);

/** Which state5 code, −2 … 2, leads the bins from the run's warm-up on (model.md §8); counts by code. */
const statesSchema = z.object({
  bins: integer,
  all: perCode,
  /** In bins where the run fired. */
  long: perCode,
  short: perCode,
  /** Row: a bin's leading code; column: the next bin's. */
  transitions: z.array(perCode).length(5),
});

/** Answer of `GET /v1/experiments/runs/{run_id}/outcomes`: every trade of a run at a threshold in a session; lists run in parallel, but those of `states`. */
export const outcomesSchema = z.object({
  run_id: z.string(),
  threshold: z.number(),
  cell_width_ms: z.number(),
  /** Date of the session; null for a result of an older method. */
  session: text,
  /** Of each round trip. */
  cost_ticks: z.array(z.number()),
  bins: integer,
  /** UNIX time of bin 0, null when the dataset does not say. */
  start_ms: number,
  /** In which the trade's signal fires, in which it is entered, and left. */
  bin: z.array(z.number()),
  entry_bin: z.array(z.number()),
  exit_bin: z.array(z.number()),
  /** 1 long, −1 short. */
  side: z.array(z.number()),
  /** 1 take-profit, 0 timeout, −1 stop-loss. */
  result: z.array(z.number()),
  /** Before costs, when orders fill at their prices, and at the mid of the exit. */
  gain_ticks: z.array(z.number()),
  mid_gain_ticks: z.array(z.number()),
  /** Mids at entry and exit, in the instrument's currency. */
  entry_mid: z.array(z.number()),
  exit_mid: z.array(z.number()),
  /** The same trades in the real book; null where the lake keeps none. */
  executed: executedOutcomesSchema.nullable(),
  /** Whether the run's results stand on trades in the real book. */
  is_executed: z.boolean(),
  states: statesSchema,
});

/** A sweep makes its datasets, evaluates its cells, and judges the experiment. */
export const sweepPhases = ['datasets', 'cells', 'judging'] as const;

/** How far a sweep that runs has come, as it says itself. Fields with a default are missing in files of older releases. */
export const sweepProgressSchema = z.object({
  sweep_id: z.string(),
  experiment_name: z.string(),
  /** The first dataset; empty until it is known. */
  dataset_id: z.string(),
  signal_name: z.string(),
  phase: z.enum(sweepPhases).default('cells'),
  /** Of the phase: datasets or cells (times sessions) to do, those done, and those that were there before. */
  total: integer,
  done: z.number(),
  skipped: integer,
  started_utc: z.string(),
  phase_started_utc: z.string().nullable().default(null),
  updated_utc: z.string(),
  /** Names this start of the sweep: a request to cancel it is for no other. */
  instance: z.string().default(''),
  /** Where it runs, to be shown. */
  host: z.string().nullable().default(null),
  pid: integer.nullable().default(null),
  /** Whether it ends when it is asked to. */
  is_cancellable: z.boolean().default(false),
});

/**
 * A sweep's process as others see it: `silent` has not written for a while, though it lives; `killed` is gone and left no end.
 */
export const sweepStates = ['running', 'cancelling', 'silent', 'killed'] as const;

export const runningSweepSchema = sweepProgressSchema.extend({ state: z.enum(sweepStates), is_stalled: z.boolean() });

/** How the last run of a sweep ended, by its own account. */
export const sweepEndSchema = z.object({
  sweep_id: z.string(),
  experiment_name: z.string(),
  signal_name: z.string(),
  started_utc: z.string(),
  ended_utc: z.string(),
  outcome: z.enum(['done', 'interrupted', 'failed']),
  /** Cells (times sessions) that were evaluated, those that had results, and those that failed. */
  ran: integer,
  skipped: integer,
  failed: integer,
  /** Datasets that were made, and how long that and the evaluation of cells took, in seconds of wall time. */
  datasets_made: integer.default(0),
  datasets_s: z.number().default(0),
  cells_s: z.number().default(0),
  /** The first error; empty without one. */
  message: z.string(),
});

/** Message of the event stream `GET /v1/experiments/events`, sent at once and whenever it changes. */
export const experimentsEventSchema = z.object({
  /** Changes whenever results were added or an alias was moved. */
  results_version: z.string(),
  sweeps: z.array(runningSweepSchema),
});

export type RunsResponse = z.infer<typeof runsSchema>;
export type TableRow = z.infer<typeof tableRowSchema>;
export type TableResponse = z.infer<typeof tableSchema>;
export type TableColumn = z.infer<typeof tableColumnSchema>;
export type RunRow = z.infer<typeof runSchema>;
export type SweepRow = z.infer<typeof sweepSchema>;
export type RunDetail = z.infer<typeof runDetailSchema>;
export type Outcomes = z.infer<typeof outcomesSchema>;
export type SweepProgress = z.infer<typeof sweepProgressSchema>;
export type RunningSweep = z.infer<typeof runningSweepSchema>;
export type SweepEnd = z.infer<typeof sweepEndSchema>;
export type ExperimentsEvent = z.infer<typeof experimentsEventSchema>;
