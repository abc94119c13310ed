import { workerData } from 'node:worker_threads';
import { Lake } from '../lake/index.ts';
import { OutcomeEvaluator } from '../sweep/index.ts';
import type { Outcomes } from '../wire/index.ts';
import type { OutcomesRequest } from './experiments_outcomes.ts';
import { answerRequests, jsonBody } from './thread_answers.ts';

/* The worker thread that evaluates runs again to list their trades. */

const evaluator = new OutcomeEvaluator(new Lake(workerData as string));

answerRequests(async ({ meta, threshold }: OutcomesRequest, ending) => {
  const { startNs, costTicks, firings, ...rest } = await evaluator.of(meta, threshold, ending);
  return jsonBody({
    run_id: meta.runId,
    threshold,
    cell_width_ms: rest.cellWidthMs,
    cost_ticks: costTicks,
    bins: rest.binCount,
    start_ms: startNs === null ? null : Number(startNs / 1_000_000n),
    bin: Array.from(firings.bins),
    exit_bin: rest.exitBin,
    side: Array.from(firings.sides),
    result: rest.result,
    gain_ticks: rest.gainTicks,
    mid_gain_ticks: rest.midGainTicks,
    states: rest.states as Outcomes['states'],
  } satisfies Outcomes);
});
