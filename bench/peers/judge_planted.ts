import { writeFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { Lake, ResultsStore } from '../../src/lake/index.ts';
import { experimentDocument, planSweep, runSweep, type SweepRequest } from '../../src/sweep/index.ts';
import { plantResults } from '../../test/helpers/planted_results.ts';
import { hashOf } from '../support/harness.ts';

/** What a process that judged planted results says of it, as JSON on its standard output. */
export interface PlantedReport {
  readonly units: number;
  /** CPU time of the whole process with its threads for the judgement, and for the document after it; wall time of both. */
  readonly judgeCpuS: number;
  readonly documentCpuS: number;
  readonly wallS: number;
  readonly peakRssBytes: number;
  /** The document as JSON, plain and with gzip. */
  readonly bytes: number;
  readonly gzipBytes: number;
  /** Of the net PnL of every trial in the first session. */
  readonly hash: string;
}

/**
 * `node judge_planted.ts plant|judge LAKE REQUEST FILE DATE…`: plants units of every cell and date; or judges them, and writes
 * the experiment's document to the file.
 */
const [what, root, request, file, ...dates] = process.argv.slice(2) as [string, string, string, string, ...string[]];
const lake = new Lake(root);
const plan = planSweep(JSON.parse(request) as SweepRequest);
if (what === 'plant') await plantResults(lake, { plan, dates, seed: 20260206 });
else console.log(JSON.stringify(await judge()));

async function judge(): Promise<PlantedReport> {
  const wallBefore = performance.now();
  const before = process.cpuUsage();
  const { skipped } = await runSweep({
    ...{ lake, plans: [plan], datasets: dates.map((datasetId) => ({ datasetId })), maxWorkers: 1 },
    ...{ timeoutMs: 600_000, keepGoing: false, force: false, codeVersion: 'bench', now: () => new Date() },
  });
  const judgeCpuS = secondsSince(before);
  using store = await ResultsStore.open(lake, { threads: 1 });
  const beforeDocument = process.cpuUsage();
  const document = await experimentDocument(store, plan.experimentName, '2026-11-29');
  const body = JSON.stringify(document);
  const documentCpuS = secondsSince(beforeDocument);
  const wallS = (performance.now() - wallBefore) / 1000;
  const peakRssBytes = process.resourceUsage().maxRSS * 1024;
  await writeFile(file, body);
  const nets = document.trials.map((trial) => `${trial.run_id} ${trial.threshold} ${trial.session_net_ticks[0]}`);
  return {
    ...{ units: skipped * plan.thresholds.values.length, judgeCpuS, documentCpuS, wallS, peakRssBytes },
    ...{ bytes: body.length, gzipBytes: gzipSync(body, { level: 2 }).length, hash: hashOf(nets.join()) },
  };
}

function secondsSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}
