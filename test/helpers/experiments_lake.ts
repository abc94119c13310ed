import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Lake, ResultsStore, ServingRegistry } from '../../src/lake/index.ts';
import { planSweep, runDetail, runSweep, type SweepPlan, type SweepRequest } from '../../src/sweep/index.ts';
import { fixtureRequest, randomMarket, writeMarket } from './lab_dataset.ts';
import { servingSpec } from './serving_lake.ts';

const radius = 8;
const datasetId = 'market';

/** A temporary lake with one small dataset and a sweep of twelve runs over it. */
export interface ExperimentsLake {
  readonly lake: Lake;
  readonly plan: SweepPlan;
  /** Runs another sweep over the dataset; `force` evaluates again what has a result. */
  sweep(changes: Partial<SweepRequest>, force?: boolean): Promise<SweepPlan>;
  /** Publishes a stored run under an alias. */
  publish(runId: string, alias: string): Promise<void>;
  remove(): void;
}

export async function createExperimentsLake(): Promise<ExperimentsLake> {
  const root = mkdtempSync(join(tmpdir(), 'spymaster-experiments-'));
  const lake = new Lake(root);
  await writeMarket(lake, datasetId, randomMarket(2000, radius, 7, 1.5));
  let timeMs = Date.UTC(2026, 1, 6, 15);
  const sweep = async (changes: Partial<SweepRequest>, force = false) => {
    const plan = planSweep(fixtureRequest(radius, changes));
    await runSweep({
      lake,
      plans: [plan],
      datasets: [{ datasetId }],
      maxWorkers: 1,
      timeoutMs: 60_000,
      keepGoing: false,
      force,
      codeVersion: 'test',
      now: () => new Date(timeMs++),
    });
    return plan;
  };
  const publish = async (runId: string, alias: string) => {
    using store = await ResultsStore.open(lake);
    const { meta } = await runDetail(store, runId);
    const spec = servingSpec(`srv_${runId.slice(0, 8)}`);
    const source = { ...spec.source, run_id: runId, config_hash: meta.configHash };
    using registry = new ServingRegistry(lake);
    registry.publish({ ...spec, source }, { now: () => '2026-02-07T00:00:00Z', alias });
  };
  const plan = await sweep({});
  return { lake, plan, sweep, publish, remove: () => rmSync(root, { recursive: true, force: true }) };
}
