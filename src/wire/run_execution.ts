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

export const ordersQuerySchema = z.strictObject({ session: z.iso.date() });

/** Answer of `GET /v1/experiments/runs/{run_id}/orders`: the orders of one session that `spymaster execute` sent. */
export const runOrdersSchema = z.object({
  run_id: z.string(),
  /** Null where the run was not executed. */
  executed: z
    .object({
      threshold: z.number(),
      entry: z.enum(['market', 'join']),
      latency_us: z.number(),
      /** How long an entry rests at most, until its cancel arrives. */
      max_rest_ms: z.number(),
      assumed: z.array(z.string()),
      orders: z.array(executedOrderSchema),
    })
    .nullable(),
});

export type ExecutedOrder = z.infer<typeof executedOrderSchema>;
export type RunOrders = z.infer<typeof runOrdersSchema>;
