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

const evalSchema = block({
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
});

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
