import { z } from 'zod';

const count = z.int().nonnegative();
const number = z.number().nullable();
const text = z.string().nullable();
const date = z.iso.date();

/** Query of `GET /v1/experiments/document`. */
export const documentQuerySchema = z.strictObject({
  /** Name of an experiment that was run. */
  experiment: z.string().min(1),
});

/** 95 % interval of a mean net PnL, in ticks a trade; null where too few clusters have trades. */
const interval = { mean_net_pnl_ticks_low: number, mean_net_pnl_ticks_high: number };

const verdictSchema = z.looseObject({
  kind: z.enum([
    'not_enough_data',
    'loses_after_costs',
    'nothing_here',
    'too_few_days',
    'one_day_carries_it',
    'not_the_walk_forward',
    'holds',
  ]),
  /** Given before the date on which to judge. */
  interim: z.boolean(),
  /** In a few words, the numbers that decided it, and what the sessions could have shown at all. */
  headline: z.string(),
  sentence: z.string(),
  sensitivity: text,
});

const sessionSchema = z.object({
  date,
  symbol: z.string(),
  dataset_id: z.string(),
  start_utc: z.string(),
  end_utc: z.string(),
  /** Of the best trial: net PnL in ticks, and trades. */
  best_net_ticks: number,
  best_signals: count.nullable(),
});

const familySchema = z.object({
  trials: count,
  distinct: count,
  tested: count,
  /** Different trials whose results were deleted; they are judged from the ledger. */
  deleted: count,
  clusters: count,
  is_by_sessions: z.boolean(),
  spa_p: number,
  luck_sharpe: number,
  /** Independent trials whose largest Sharpe ratio is as large by luck. */
  luck_trials: number,
  overfitting: z
    .object({ probability: z.number(), lossProbability: z.number(), splits: count, groups: count })
    .nullable(),
});

const rateSchema = z.object({
  trades: count,
  rate: z.number(),
  effectiveTrades: z.number(),
  low: z.number(),
  high: z.number(),
});

/** A trial on the sessions that were added after it was first shown; the interval and p null where these are too few. */
export const freshSchema = z.object({
  n_sessions: count,
  n_signals: count,
  mean_net_pnl_ticks: number,
  ...interval,
  p_profit: number,
});

const trialSchema = z.object({
  run_id: z.string(),
  threshold: z.number(),
  parameters: z.record(z.string(), z.unknown()),
  tp_ticks: z.number(),
  sl_ticks: z.number(),
  cooldown_bins: count,
  n_sessions: count,
  n_signals: count,
  n_up: count,
  is_tested: z.boolean(),
  mean_mid_pnl_ticks: number,
  mean_cost_ticks: number,
  mean_net_pnl_ticks: number,
  ...interval,
  mean_net_pnl_ticks_later: number,
  mean_net_pnl_ticks_up: number,
  mean_net_pnl_ticks_down: number,
  tp_rate: rateSchema.nullable(),
  p_profit: number,
  q_value: number,
  p_adjusted: number,
  survives: z.boolean().nullable(),
  p_timing: number,
  deflated_sharpe: number,
  /** Different sets of sessions that its result was shown on, this time included. */
  looks: count,
  /** Null where no session was added since it was first shown. */
  fresh: freshSchema.nullable(),
  /** In the order of the sessions: net PnL in ticks and trades; null where the trial did not run. */
  session_net_ticks: z.array(number),
  session_signals: z.array(count.nullable()),
  /** Trades by the hour of New York in which they fired. */
  hours: z.array(count),
});

const daySchema = z.object({ date, net_ticks: z.number() }).nullable();

const daysSchema = z.object({
  positive_share: number,
  median_day_p: number,
  best: daySchema,
  worst: daySchema,
  best_share: number,
  best_trades_share: number,
  mean_without_best: number,
  without_best: z.object(interval),
  first_half: number,
  second_half: number,
});

const walkForwardSchema = z.object({
  test_sessions: count,
  /** Which it is of the different walk-forwards that were tried on these sessions; only the first has an interval. */
  number: count,
  tried: count,
  /** The same in words; empty for the only one. */
  count_sentence: z.string(),
  mean_net_pnl_ticks: number,
  ...interval,
  /** A test session each: what was chosen before it earned in ticks and trades, and the best trial in sample. */
  dates: z.array(date),
  net_ticks: z.array(z.number()),
  signals: z.array(z.number()),
  in_sample_net_ticks: z.array(number),
  stretches: z.array(
    z.object({
      train: z.array(date.optional()),
      test: z.array(date.optional()),
      run_id: text,
      threshold: number,
      trained: number,
    }),
  ),
});

/** Answer of `GET /v1/experiments/document`, and of `spymaster report EXPERIMENT --json`: an experiment judged over all its sessions. */
export const experimentDocumentSchema = z.object({
  experiment_name: z.string(),
  signal_name: z.string(),
  verdict: verdictSchema,
  /** Set with so few sessions that nothing can be said of others. */
  scope: text,
  costs: z.object({ spread: z.union([z.enum(['half', 'none']), z.number()]), commissionTicks: z.number() }),
  is_before_costs: z.boolean(),
  sessions: z.array(sessionSchema),
  rolls: z.array(z.object({ date, from: z.string(), to: z.string() })),
  left_out: z.array(z.object({ date, reason: z.string() })).readonly(),
  /** Dates that stay locked, and the times that they have been opened. */
  holdout: z.object({ dates: z.array(date).readonly(), openings: count }).nullable(),
  /** Signals that never fired, axes that change nothing, and the like; a sentence each. */
  notes: z.array(z.string()),
  /** Times that the result of the best survivor, else of the best tested trial, was shown on other sessions than before. */
  looks: z.object({
    times: count,
    /** In words, with the trial's result on the sessions added after it was first shown. */
    sentence: z.string(),
    /** Why this look could not be kept; null where it was. */
    unkept: text,
  }),
  family: familySchema,
  trials: z.array(trialSchema),
  best: trialSchema.extend({ days: daysSchema }).nullable(),
  survivors: z.array(trialSchema),
  walk_forward: walkForwardSchema.nullable(),
});

export type ExperimentDocumentResponse = z.infer<typeof experimentDocumentSchema>;
export type DocumentTrial = ExperimentDocumentResponse['trials'][number];
