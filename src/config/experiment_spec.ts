import { z } from 'zod';
import { checked } from './check.ts';
import {
  between,
  block,
  boolean,
  integer,
  list,
  oneOf,
  parameterValue,
  positiveUpTo,
  type Rule,
  text,
  withRules,
} from './fields.ts';
import { maxBins, maxCoefficient, maxFolds, maxSessions, maxTickSize, maxTimeoutS } from './limits.ts';
import type { Origin } from './origin.ts';
import { specName } from './published_serving.ts';
import { scoringShape } from './scoring.ts';
import { sessionsSchema } from './sessions_spec.ts';

/** A value, or a list of different ones to sweep; a list either way once it is parsed. */
const valueOrList = <T extends z.ZodNumber>(item: T) => {
  const what = `${item.description}, or a list of different ones`;
  return z
    .union([item, list(item, what)], { error: what })
    .transform((value) => (typeof value === 'number' ? [value] : value))
    .refine((values) => new Set(values).size === values.length, { error: what })
    .describe(what);
};

const axis = <T extends z.ZodType>(item: T, what: string) => z.optional(list(item, what));

const maxLatencyUs = 60_000_000;
const spreadCost = `half, none, or a number of ticks from 0 to ${maxCoefficient}`;

/**
 * Walk-forward folds inside a session, whose embargo is max_hold_bins unless it is given; or stretches of whole sessions,
 * where an anchored train stretch begins at the first session.
 */
const splitSchema = block({
  folds: z.optional(integer(2, maxFolds)),
  embargo_bins: z.optional(integer(0, maxBins)),
  train_sessions: z.optional(integer(1, maxSessions)),
  test_sessions: z.optional(integer(1, maxSessions)),
  anchored: z.optional(boolean()),
});
const splitRules: readonly Rule<z.output<typeof splitSchema>>[] = [
  {
    keys: ['folds', 'train_sessions'],
    allowed: `an integer from 2 to ${maxFolds}, or train_sessions and test_sessions in its place`,
    holds: ({ folds, train_sessions, test_sessions }) =>
      (folds === undefined) !== (train_sessions === undefined && test_sessions === undefined),
  },
  {
    keys: ['train_sessions', 'test_sessions'],
    allowed: 'a number of sessions, together with test_sessions',
    holds: ({ train_sessions, test_sessions }) => train_sessions !== undefined || test_sessions === undefined,
  },
  {
    keys: ['test_sessions', 'train_sessions'],
    allowed: 'a number of sessions, together with train_sessions',
    holds: ({ train_sessions, test_sessions }) => test_sessions !== undefined || train_sessions === undefined,
  },
  {
    keys: ['embargo_bins', 'folds'],
    allowed: 'none without folds: between sessions there is none',
    holds: ({ embargo_bins, folds }) => embargo_bins === undefined || folds !== undefined,
  },
  {
    keys: ['anchored', 'train_sessions'],
    allowed: 'none without train_sessions',
    holds: ({ anchored, train_sessions }) => anchored === undefined || train_sessions !== undefined,
  },
];

/** How firings are sent to the real book; the results then stand on what is filled there (docs/fills.md). */
const executionSchema = block({
  entry: oneOf(['market', 'join']).default('market'),
  /** Of a join, behind the best price of its side; negative for inside. */
  ticks_behind: integer(-1000, 1000).default(0),
  entry_latency_us: between(0, maxLatencyUs).default(5000),
  exit_latency_us: between(0, maxLatencyUs).default(5000),
  size: integer(1, 1_000_000).default(1),
  /** After which what is left of an entry is cancelled. */
  max_wait_ms: between(0, 86_400_000).default(2000),
  /** Of a side and contract, in money or in ticks. */
  fee_per_side: z.optional(between(0, maxCoefficient)),
  fee_ticks: z.optional(between(0, maxCoefficient)),
  /** What triggers a stop: a trade, or the best price at which the position could be left. */
  trigger: oneOf(['trade', 'quote']).default('trade'),
  clock: oneOf(['event', 'recv']).default('event'),
  /** Goes on where the market does not execute first in, first out. */
  not_fifo: boolean().default(false),
});
const executionRules: readonly Rule<z.output<typeof executionSchema>>[] = [
  {
    keys: ['fee_per_side', 'fee_ticks'],
    allowed: 'money, or fee_ticks in its place, not both',
    holds: ({ fee_per_side, fee_ticks }) => fee_per_side === undefined || fee_ticks === undefined,
  },
];

const evalFields = block({
  tp_ticks: valueOrList(positiveUpTo(maxCoefficient)),
  sl_ticks: valueOrList(positiveUpTo(maxCoefficient)),
  max_hold_bins: integer(1, maxBins),
  warmup_bins: integer(0, maxBins).default(0),
  /** Tick in price units; absent: the instrument's. */
  tick_size: z.optional(positiveUpTo(maxTickSize)),
  cooldown_bins: valueOrList(integer(0, maxBins)).prefault(0),
  min_signals: integer(1).default(5),
  /** Costs of a round trip beside the spread. */
  commission_ticks: between(0, maxCoefficient).default(0),
  /** Ticks that older specs give in place of the spread. */
  slippage_ticks: between(0, maxCoefficient).default(0),
  /** What crossing the spread costs at entry and at exit: half of it, nothing, or so many ticks. */
  spread_cost: z.union([oneOf(['half', 'none']), between(0, maxCoefficient)], { error: spreadCost }).default('half'),
  /** Bins between a firing and its entry. */
  entry_delay_bins: integer(0, maxBins).default(0),
  split: z.optional(withRules(splitSchema, splitRules)),
  /** By which number a walk-forward chooses on its train stretches. */
  choose: oneOf(['net_mean', 'sharpe']).default('net_mean'),
  /** Absent: trades are filled at the mid, less costs. */
  execution: z.optional(withRules(executionSchema, executionRules)),
});
/** Orders in the real book pay the spread and their fees: nothing else is charged. */
const evalSchema = withRules(evalFields, [
  ...(['commission_ticks', 'slippage_ticks'] as const).map((key) => ({
    keys: [key, 'execution'] as const,
    allowed: '0 with execution, whose fees are execution.fee_per_side or execution.fee_ticks',
    holds: ({ execution, ...fields }: z.output<typeof evalFields>) => execution === undefined || fields[key] === 0,
  })),
  {
    keys: ['spread_cost', 'execution'],
    allowed: 'none of its own with execution, whose fills pay the spread; leave it out',
    holds: ({ execution, spread_cost }) => execution === undefined || spread_cost === 'half',
  },
]);

const scoringAxes = Object.fromEntries(
  Object.entries(scoringShape).map(([key, field]) => [key, axis(field, `a list of values, each ${field.description}`)]),
) as { [K in keyof typeof scoringShape]: z.ZodOptional<z.ZodArray<(typeof scoringShape)[K]>> };

const whatSignals = 'a list of different signals';

const trackingSchema = block({
  backend: oneOf(['mlflow', 'none']).default('none'),
  tracking_uri: z.optional(text('the address of an MLflow server')),
  experiment_name: z.optional(text()),
  run_name_prefix: z.string({ error: 'a text' }).default(''),
  tags: z.record(z.string(), z.string({ error: 'a text' }), { error: 'a block of texts' }).default({}),
});
const trackingRules: readonly Rule<z.output<typeof trackingSchema>>[] = [
  {
    keys: ['tracking_uri', 'backend'],
    allowed: 'an address, which the backend mlflow needs',
    holds: ({ backend, tracking_uri }) => backend !== 'mlflow' || tracking_uri !== undefined,
  },
];

const experimentFields = block({
  name: specName,
  description: z.string({ error: 'a text' }).default(''),
  /** Name of a serving. */
  serving: specName,
  /** Signals that are swept side by side, each with the serving's other settings; absent: the serving's own. */
  signals: z.optional(
    list(specName, whatSignals).refine((names) => new Set(names).size === names.length, { error: whatSignals }),
  ),
  /** The sessions that it is asked of; absent: the one of its pipeline. */
  sessions: z.optional(sessionsSchema),
  eval: evalSchema,
  sweep: block({
    scoring: block(scoringAxes).default({}),
    per_signal: z
      .record(
        z.string(),
        z.record(z.string(), list(parameterValue, 'a list of values'), {
          error: 'a block of parameters with lists of values',
        }),
        {
          error: 'a block of signals, each a block of parameters with lists of values',
        },
      )
      .default({}),
  }).prefault({}),
  parallel: block({
    /** Absent: one per core. */
    max_workers: z.optional(integer(1, 256)),
    timeout_seconds: positiveUpTo(maxTimeoutS).default(600),
  }).prefault({}),
  tracking: withRules(trackingSchema, trackingRules).prefault({}),
});

/** What an experiment says of sessions in one place needs them in another. */
const experimentRules: readonly Rule<z.output<typeof experimentFields>>[] = [
  {
    keys: ['sessions', 'eval'],
    allowed: 'the sessions that eval.split.train_sessions speaks of',
    holds: ({ sessions, eval: { split } }) => split?.train_sessions === undefined || sessions !== undefined,
  },
];

export const experimentSchema = withRules(experimentFields, experimentRules);

/** A sweep over a serving, and how its outcomes are judged (product.md, "Configuration"). */
export type ExperimentSpec = Readonly<z.output<typeof experimentSchema>>;

/** Checks an experiment spec that was read from `origin`; throws CONFIG_INVALID as `parseRuntimeConfig` does. */
export function parseExperimentSpec(value: unknown, origin: string | Origin): ExperimentSpec {
  return checked(experimentSchema, value, origin);
}
