import { existsSync, mkdtempSync, rmSync } from 'node:fs';
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
  /** Runs an experiment over a dataset of each date, made if it is not there. */
  sweepSessions(dates: readonly string[], changes: Partial<SweepRequest>): Promise<SweepPlan>;
  /** Publishes a stored run under an alias. */
  publish(runId: string, alias: string): Promise<void>;
  remove(): void;
}

export async function createExperimentsLake(): Promise<ExperimentsLake> {
  const root = mkdtempSync(join(tmpdir(), 'spymaster-experiments-'));
  const lake = new Lake(root);
  await writeMarket(lake, datasetId, randomMarket(2000, radius, 7, 1.5));
  let timeMs = Date.UTC(2026, 1, 6, 15);
  const sweepOver = async (datasetIds: readonly string[], changes: Partial<SweepRequest>, force: boolean) => {
    const plan = planSweep(fixtureRequest(radius, changes));
    await runSweep({
      lake,
      plans: [plan],
      datasets: datasetIds.map((id) => ({ datasetId: id })),
      maxWorkers: 1,
      timeoutMs: 60_000,
      keepGoing: false,
      force,
      codeVersion: 'test',
      now: () => new Date(timeMs++),
    });
    return plan;
  };
  const sweep = (changes: Partial<SweepRequest>, force = false) => sweepOver([datasetId], changes, force);
  const sweepSessions = async (dates: readonly string[], changes: Partial<SweepRequest>) => {
    for (const [index, date] of dates.entries()) {
      if (existsSync(lake.datasets(date))) continue;
      await writeMarket(lake, date, randomMarket(900, radius, 100 + index, 1.5), { date });
    }
    return sweepOver(dates, changes, false);
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
  return { lake, plan, sweep, sweepSessions, publish, remove: () => rmSync(root, { recursive: true, force: true }) };
}
