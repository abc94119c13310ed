import { workerData } from 'node:worker_threads';
import { Lake } from '../lake/index.ts';
import { fillMids, keptTrades, OutcomeEvaluator, ownTerms, PassStore } from '../sweep/index.ts';
import type { Outcomes } from '../wire/index.ts';
import type { OutcomesRequest } from './experiments_outcomes.ts';
import { executedOutcomes, runOrders } from './run_orders.ts';
import { answerRequests, jsonBody } from './thread_answers.ts';

/* The worker thread that evaluates runs again to list their trades. */

const lake = new Lake(workerData as string);
const evaluator = new OutcomeEvaluator(lake);
const passes = new PassStore(lake, () => {});

answerRequests(async ({ of, meta, threshold, session }: OutcomesRequest, ending) => {
  const outcomes = await evaluator.of(meta, threshold, session, ending);
  const kept = await keptTrades(lake, passes, meta, threshold, outcomes);
  if (of === 'orders') return jsonBody(runOrders(meta.runId, threshold, kept));
  const { startNs, costTicks, trades, ...rest } = outcomes;
  const own = ownTerms(meta);
  const fills = fillMids({ trades, mids: rest.mids });
  return jsonBody({
    run_id: meta.runId,
    threshold,
    session: rest.session?.date ?? null,
    cell_width_ms: rest.cellWidthMs,
    // In the real book the spread is in the prices; at the mid it is a cost.
    cost_ticks: own === null ? costTicks : Array.from(trades.spreadHalfTicks, (half) => half / 2 + 2 * own.feeTicks),
    bins: rest.binCount,
    start_ms: startNs === null ? null : Number(startNs / 1_000_000n),
    bin: Array.from(trades.firingBin),
    entry_bin: Array.from(trades.entryBin),
    exit_bin: Array.from(trades.exitBin),
    side: Array.from(trades.side),
    result: Array.from(trades.result),
    gain_ticks: Array.from(trades.orderPriceTicks),
    entry_mid: fills.entry,
    exit_mid: fills.exit,
    mid_gain_ticks: Array.from(trades.grossHalfTicks, (half) => half / 2),
    executed: kept === null || startNs === null ? null : executedOutcomes(kept, startNs),
    is_executed: own !== null,
    states: rest.states as Outcomes['states'],
  } satisfies Outcomes);
});
