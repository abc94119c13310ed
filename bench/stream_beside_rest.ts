import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { ResultsStore } from '../src/lake/index.ts';
import { createExperimentsLake, type ExperimentsLake } from '../test/helpers/experiments_lake.ts';
import { fill } from './compare.ts';
import type { AskersData, AskersReport } from './peers/rest_askers.ts';
import type { Bench } from './support/harness.ts';
import { sessionBytes } from './support/session.ts';
import { latenessResult, publishSession, streamed } from './support/streaming.ts';

const seed = 20260206;
const askers = 8;

/**
 * Streams at the market's own pace while eight clients ask for everything else that the server answers: comparisons of
 * thousands of runs, trades, the overview, documentation and metrics. The baseline is the same streams alone.
 */
export const bench: Bench = async ({ tiny }) => {
  const clients = tiny ? 2 : 10;
  const seconds = tiny ? 0.3 : 15;
  const experiments = await createExperimentsLake();
  try {
    const { lake } = experiments;
    publishSession(lake, sessionBytes(seed, seconds + 0.001).bytes);
    {
      using store = await ResultsStore.open(lake);
      await fill(store, tiny ? 40 : 5000, tiny ? 1 : 10);
    }
    const paths = pathsOf(experiments, tiny ? 1 : experiments.plan.cells.length);
    const alone = await streamed(lake, clients);
    const beside = await streamed(lake, clients, (address, over) =>
      askMeanwhile({ address, clients: askers, paths }, over),
    );
    return [latenessResult(`stream, beside ${askers} clients of REST`, beside, 'the same streams alone', alone, seed)];
  } finally {
    experiments.remove();
  }
};

/** Everything to ask for. Questions differ in their numbers, so that hardly any is answered from what was kept. */
function pathsOf({ plan }: ExperimentsLake, runs: number): string[] {
  const paths: string[] = ['/docs/json', '/docs/static/swagger-ui-bundle.js', '/metrics', '/health', '/ready'];
  const outcomes = [...plan.cells].flatMap(({ runId }) =>
    plan.thresholds.values.map((threshold) => `/v1/experiments/runs/${runId}/outcomes?threshold=${threshold}`),
  );
  for (const [at, { runId }] of [...plan.cells].slice(0, runs).entries()) {
    paths.push(
      `/v1/experiments/table?min_signals=${at + 1}`,
      `/v1/experiments/runs?top_n=${50 + at}`,
      `/v1/experiments/runs/${runId}/detail`,
      ...outcomes.filter((path) => path.includes(runId)).slice(0, 3),
      '/v1/servings/bench/overview',
      '/metrics',
    );
  }
  return paths;
}

/** Asks until the streams are over. @throws when anything is answered with an error */
async function askMeanwhile(data: AskersData, over: Promise<unknown>): Promise<void> {
  const worker = new Worker(new URL('./peers/rest_askers.ts', import.meta.url), { workerData: data });
  const answered = once(worker, 'message') as Promise<[AskersReport]>;
  await over;
  worker.postMessage('over');
  const [statuses] = await answered;
  const failed = Object.keys(statuses).filter((status) => status !== '200');
  if (failed.length > 0) throw new Error(`REST was answered with ${JSON.stringify(statuses)} while streams ran`);
}
