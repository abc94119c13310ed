import { z } from 'zod';

const ticks = z.number().nullable();

/** A point of the curve: how the run's firings were sent to the market, and what came of it, in ticks a contract after fees. */
const executionPointSchema = z.object({
  entry: z.enum(['market', 'join']),
  entry_latency_us: z.number(),
  /** Whether orders of the other side that meet ours fill them. */
  met: z.boolean(),
  orders: z.number(),
  trades: z.number(),
  missed: z.number(),
  mean_net_pnl_ticks: ticks,
  mean_net_pnl_ticks_low: ticks,
  mean_net_pnl_ticks_high: ticks,
});

/** Answer of `GET /v1/experiments/runs/{run_id}/execution`: what `spymaster execute` found of a run last. */
export const runExecutionSchema = z.object({
  run_id: z.string(),
  /** Executes the run. */
  execute_command: z.string(),
  /** Null where it was not executed. */
  execution: z
    .object({
      threshold: z.number(),
      fee_ticks_per_side: z.number(),
      /** Least share of executions at the front of their queue over the sessions; null without an execution. */
      front_share: z.number().nullable(),
      /** Whether some market does not execute first in, first out, and was taken as if it did. */
      not_fifo: z.boolean(),
      /** Orders above a tenth of their level: too large to believe; of the first kind of entry and latency. */
      too_large: z.number(),
      assumed: z.array(z.string()),
      /** The run's result with both fills at the mid. */
      mid: z.object({
        signals: z.number(),
        mean_net_pnl_ticks: ticks,
        mean_net_pnl_ticks_low: ticks,
        mean_net_pnl_ticks_high: ticks,
      }),
      curve: z.array(executionPointSchema),
    })
    .nullable(),
});

export type RunExecution = z.infer<typeof runExecutionSchema>;

/** An order of ours in the market; times are UNIX milliseconds. */
const executedOrderSchema = z.object({
  /** Number of its firing in the session, from 0. */
  trade: z.number(),
  role: z.enum(['entry', 'take_profit', 'exit']),
  side: z.enum(['B', 'A']),
  /** Null for a market order. */
  price: z.number().nullable(),
  size: z.number(),
  arrival_ms: z.number(),
  /** Displayed quantity before it when it came to rest. */
  ahead_at_arrival: z.number(),
  outcome: z.string(),
  too_large: z.boolean(),
  fills: z.array(z.object({ ms: z.number(), price: z.number(), size: z.number(), reason: z.string() })),
});

/** How the firings of a run were sent to the market, and what is assumed. */
const executedTerms = {
  entry: z.enum(['market', 'join']),
  latency_us: z.number(),
  size: z.number(),
  /** Whether the run's results stand on it: it was swept with `eval.execution`. Otherwise `spymaster execute` sent the firings. */
  is_own: z.boolean(),
  fee_ticks_per_side: z.number(),
  /** Whether the market does not execute first in, first out, and was taken as if it did. */
  not_fifo: z.boolean(),
  front_share: z.number().nullable(),
  assumed: z.array(z.string()),
};

/** What became of the trades of a session in the market: a value a trade, in their order. Money in ticks a contract, after fees. */
export const executedOutcomesSchema = z.object({
  ...executedTerms,
  /** Of the entry: `filled`, `partial`, `missed`, `refused`, … */
  outcome: z.array(z.string()),
  /** How the position was left: `takeProfit`, `stop`, `timeout`, `sessionEnd`; `none` without a fill. */
  reason: z.array(z.string()),
  quantity: z.array(z.number()),
  /** Average prices in the instrument's currency and UNIX milliseconds; null without a fill. */
  entry_price: z.array(z.number().nullable()),
  exit_price: z.array(z.number().nullable()),
  entry_ms: z.array(z.number().nullable()),
  exit_ms: z.array(z.number().nullable()),
  net_ticks: z.array(z.number().nullable()),
  /** Reasons of the fills of the entry. */
  fills: z.array(z.array(z.string())),
  too_large: z.array(z.boolean()),
});

/** Answer of `GET /v1/experiments/runs/{run_id}/orders`: the orders of one session that a run's firings sent to the market. */
export const runOrdersSchema = z.object({
  run_id: z.string(),
  /** Null where the lake keeps none. */
  executed: z
    .object({
      threshold: z.number(),
      ...executedTerms,
      /** How long an entry rests at most, until its cancel arrives. */
      max_rest_ms: z.number(),
      orders: z.array(executedOrderSchema),
    })
    .nullable(),
});

export type ExecutedOutcomes = z.infer<typeof executedOutcomesSchema>;
export type ExecutedOrder = z.infer<typeof executedOrderSchema>;
export type RunOrders = z.infer<typeof runOrdersSchema>;
