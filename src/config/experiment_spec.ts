import { z } from 'zod';
import { checked } from './check.ts';
import {
  between,
  block,
  integer,
  list,
  oneOf,
  parameterValue,
  positiveUpTo,
  type Rule,
  text,
  withRules,
} from './fields.ts';
import { maxBins, maxCoefficient, maxFolds, maxTickSize, maxTimeoutS } from './limits.ts';
import type { Origin } from './origin.ts';
import { specName } from './published_serving.ts';
import { scoringShape } from './scoring.ts';

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

const evalSchema = block({
  tp_ticks: valueOrList(positiveUpTo(maxCoefficient)),
  sl_ticks: valueOrList(positiveUpTo(maxCoefficient)),
  max_hold_bins: integer(1, maxBins),
  warmup_bins: integer(0, maxBins).default(0),
  /** Tick in price units; absent: the instrument's. */
  tick_size: z.optional(positiveUpTo(maxTickSize)),
  cooldown_bins: valueOrList(integer(0, maxBins)).prefault(0),
  min_signals: integer(1).default(5),
  /** Costs of a round trip. */
  commission_ticks: between(0, maxCoefficient).default(0),
  slippage_ticks: between(0, maxCoefficient).default(0),
  /** Walk-forward folds; the embargo is max_hold_bins unless it is given. */
  split: z.optional(block({ folds: integer(2, maxFolds), embargo_bins: z.optional(integer(0, maxBins)) })),
});

const scoringAxes = Object.fromEntries(
  Object.entries(scoringShape).map(([key, field]) => [key, axis(field, `a list of values, each ${field.description}`)]),
) as { [K in keyof typeof scoringShape]: z.ZodOptional<z.ZodArray<(typeof scoringShape)[K]>> };

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

export const experimentSchema = block({
  name: specName,
  description: z.string({ error: 'a text' }).default(''),
  /** Name of a serving. */
  serving: specName,
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

/** A sweep over a serving, and how its outcomes are judged (product.md, "Configuration"). */
export type ExperimentSpec = Readonly<z.output<typeof experimentSchema>>;

/** Checks an experiment spec that was read from `origin`; throws CONFIG_INVALID as `parseRuntimeConfig` does. */
export function parseExperimentSpec(value: unknown, origin: string | Origin): ExperimentSpec {
  return checked(experimentSchema, value, origin);
}
