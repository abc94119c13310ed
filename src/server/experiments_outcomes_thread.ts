import { parentPort, workerData } from 'node:worker_threads';
import { SpymasterError } from '../errors.ts';
import { OutcomeEvaluator } from '../lab/index.ts';
import { Lake } from '../lake/index.ts';
import type { Outcomes } from '../wire/index.ts';
import type { OutcomesReply, OutcomesRequest } from './experiments_outcomes.ts';

const evaluator = new OutcomeEvaluator(new Lake(workerData as string));

async function reply({ meta, threshold }: OutcomesRequest): Promise<OutcomesReply> {
  try {
    const { startNs, costTicks, firings, ...rest } = await evaluator.of(meta, threshold);
    return {
      outcomes: {
        run_id: meta.run_id!,
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
      },
    };
  } catch (error) {
    if (error instanceof SpymasterError) return { code: error.code, message: error.message, fields: error.fields };
    return { code: null, message: error instanceof Error ? (error.stack ?? error.message) : String(error), fields: {} };
  }
}

parentPort?.on('message', async (request: OutcomesRequest) => parentPort?.postMessage(await reply(request)));
