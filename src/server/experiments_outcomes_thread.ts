import { workerData } from 'node:worker_threads';
import { Lake } from '../lake/index.ts';
import { fillMids, OutcomeEvaluator } from '../sweep/index.ts';
import type { Outcomes } from '../wire/index.ts';
import type { OutcomesRequest } from './experiments_outcomes.ts';
import { answerRequests, jsonBody } from './thread_answers.ts';

/* The worker thread that evaluates runs again to list their trades. */

const evaluator = new OutcomeEvaluator(new Lake(workerData as string));

answerRequests(async ({ meta, threshold, session }: OutcomesRequest, ending) => {
  const { startNs, costTicks, trades, ...rest } = await evaluator.of(meta, threshold, session, ending);
  const fills = fillMids({ trades, mids: rest.mids });
  return jsonBody({
    run_id: meta.runId,
    threshold,
    session: rest.session?.date ?? null,
    cell_width_ms: rest.cellWidthMs,
    cost_ticks: costTicks,
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
    states: rest.states as Outcomes['states'],
  } satisfies Outcomes);
});
