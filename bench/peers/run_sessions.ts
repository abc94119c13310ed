import { rm } from 'node:fs/promises';
import { Lake, ResultsStore } from '../../src/lake/index.ts';
import { experimentDocument, planSweep, runSweep, type SweepRequest } from '../../src/sweep/index.ts';
import { storedRows } from '../../test/helpers/stored_rows.ts';
import { hashOf } from '../support/harness.ts';

/** What a process that swept sessions says of it, as JSON on its standard output. */
export interface SessionsReport {
  readonly units: number;
  /** Of the whole process with its threads, and the time that went by, for the sweep and its judgement. */
  readonly cpuS: number;
  readonly wallS: number;
  readonly peakRssBytes: number;
  /** The experiment's document: CPU time and size. */
  readonly documentCpuS: number;
  readonly documentBytes: number;
  /** Of the units of the first session. */
  readonly hash: string;
}

/** `node run_sessions.ts LAKE REQUEST DATASET…`: sweeps datasets of a lake without results. */
const [root, request, ...datasetIds] = process.argv.slice(2) as [string, string, ...string[]];
console.log(JSON.stringify(await sweepSessions(new Lake(root), JSON.parse(request) as SweepRequest)));

async function sweepSessions(lake: Lake, swept: SweepRequest): Promise<SessionsReport> {
  await rm(lake.results, { recursive: true, force: true });
  const wallBefore = performance.now();
  const before = process.cpuUsage();
  const report = await runSweep({
    ...{ lake, plans: [planSweep(swept)], datasets: datasetIds.map((datasetId) => ({ datasetId })), maxWorkers: 2 },
    ...{ timeoutMs: 600_000, keepGoing: false, force: false, codeVersion: 'bench', now: () => new Date() },
  });
  const cpuS = secondsSince(before);
  const wallS = (performance.now() - wallBefore) / 1000;
  const peakRssBytes = process.resourceUsage().maxRSS * 1024;
  using store = await ResultsStore.open(lake);
  const beforeDocument = process.cpuUsage();
  const document = await experimentDocument(store, swept.experimentName, '2026-11-29');
  const documentBytes = JSON.stringify(document).length;
  const documentCpuS = secondsSince(beforeDocument);
  const first = (await storedRows(store, 'units')).filter(({ datasetId }) => datasetId === datasetIds[0]);
  const hash = hashOf(first.map((row) => `${row.trialHash} ${row.threshold} ${row.tradesHash}`).join());
  return { units: report.ran, cpuS, wallS, peakRssBytes, documentCpuS, documentBytes, hash };
}

function secondsSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}
