import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PlanContent } from '../../src/fleet/fleet_plan.ts';
import { storePlan } from '../../src/fleet/fleet_plan.ts';
import type { Lake } from '../../src/lake/index.ts';
import { timelessUtc } from '../../src/sweep/evaluate_cells.ts';
import {
  CellRunner,
  type EvaluatedCells,
  type EvaluateOptions,
  evaluationVersion,
  planSweep,
  type SweepRequest,
} from '../../src/sweep/index.ts';
import { unitRows } from '../../src/sweep/unit_rows.ts';
import { fixtureRequest } from './lab_dataset.ts';
import { marketRadius } from './skilled_market.ts';

/** A stored plan over datasets of the laboratory, cut into shares of so many cells. */
export function labPlan(
  lake: Lake,
  datasets: readonly string[] = ['skilled'],
  cellsPerShare = 4,
  changes: Partial<SweepRequest> = {},
) {
  const request = fixtureRequest(marketRadius, changes);
  const content: PlanContent = {
    format: 1,
    evaluation_version: evaluationVersion,
    experiment_name: request.experimentName,
    sweep_id: planSweep(request).sweepId,
    timeout_ms: 60_000,
    requests: [request],
    datasets: datasets.map((dataset_id) => ({ dataset_id, window: null, pipeline: {} as never })),
  };
  return storePlan(lake, JSON.parse(JSON.stringify(content)), { sizes: [cellsPerShare], trial_ms: [1] });
}

/** Every file of rows in the parts of shares, results and ledger, by the part's name, or the dataset where they were merged. */
export function sharePartFiles(lake: Lake): Map<string, Buffer> {
  const files = new Map<string, Buffer>();
  for (const folder of [lake.results, lake.ledger]) {
    for (const part of readdirSync(folder)) {
      const { dataset } = JSON.parse(readFileSync(join(folder, part, 'part.json'), 'utf8')) as { dataset?: string };
      if (dataset === undefined && !part.startsWith('part-s-')) continue;
      for (const file of readdirSync(join(folder, part)).filter((name) => name.endsWith('.parquet'))) {
        files.set(`${dataset ?? part}/${file}`, readFileSync(join(folder, part, file)));
      }
    }
  }
  return files;
}

/** `evaluateCells` without threads, which take a while to start. */
export async function evaluateHere({ loaded, cells, isOnly, signal }: EvaluateOptions): Promise<EvaluatedCells> {
  const { plan, dataset, session } = loaded;
  signal.throwIfAborted();
  const { startOfDayMs } = session;
  const runner = new CellRunner(plan, dataset.series, dataset.columns, { startOfDayMs, isOnly });
  const provenance = { timestampUtc: timelessUtc, binCount: dataset.binCount };
  const units = cells.flatMap((number) => {
    const cell = plan.cells.at(number);
    return unitRows(
      plan,
      cell,
      session,
      runner.run(cell, () => 0),
      provenance,
    );
  });
  return { units, failures: [] };
}
