import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before } from 'node:test';
import { Lake, ResultsStore } from '../../src/lake/index.ts';
import { planSweep, type SweepRequest } from '../../src/sweep/plan.ts';
import type { RunSweepOptions } from '../../src/sweep/run_sweep.ts';
import { fixtureRequest, randomMarket, writeMarket } from './lab_dataset.ts';
import { timelessRuns } from './stored_rows.ts';

/** Ticks on either side of spot in the market's grid. */
export const marketRadius = 10;

/** A market with an edge that a signal finds, and lakes that hold it as the dataset `skilled`, for the tests of one file. */
export function skilledMarket() {
  const folder = mkdtempSync(join(tmpdir(), 'spymaster-sweep-'));
  const skilled = randomMarket(3000, marketRadius, 8, 1.5);
  const source = new Lake(join(folder, 'source'));
  let lakes = 0;
  before(() => writeMarket(source, 'skilled', skilled));
  after(() => rmSync(folder, { recursive: true }));
  return {
    folder,
    skilled,
    source,
    /** A lake of its own with the dataset in it. */
    newLake: async (): Promise<Lake> => {
      const lake = new Lake(join(folder, `lake-${lakes++}`));
      await writeMarket(lake, 'skilled', skilled);
      return lake;
    },
  };
}

/** Options of a sweep of two workers over the dataset, at times that count up. */
export function sweepOptions(lake: Lake, changes: Partial<RunSweepOptions> = {}, request: Partial<SweepRequest> = {}) {
  let time = Date.UTC(2026, 1, 6);
  return {
    lake,
    plans: [planSweep(fixtureRequest(marketRadius, request))],
    datasets: [{ datasetId: 'skilled' }],
    maxWorkers: 2,
    timeoutMs: 60_000,
    keepGoing: false,
    force: false,
    codeVersion: 'test',
    now: () => new Date(time++),
    ...changes,
  } satisfies RunSweepOptions;
}

/** The stored results without their times. */
export async function sweepNumbers(lake: Lake) {
  using store = await ResultsStore.open(lake);
  return await timelessRuns(store);
}
