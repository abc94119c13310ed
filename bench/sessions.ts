import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Lake } from '../src/lake/index.ts';
import type { SweepRequest } from '../src/sweep/index.ts';
import { fixtureEvaluation, fixtureRequest, randomMarket, writeMarket } from '../test/helpers/lab_dataset.ts';
import { type Bench, type BenchResult, ratioOf } from './harness.ts';
import type { SessionsReport } from './peers/run_sessions.ts';

const seed = 20260206;
const radius = 10;
const peer = join(import.meta.dirname, 'peers', 'run_sessions.ts');

/** An experiment of 90 cells of 6 thresholds over 60 short sessions against the same over 2: time, memory, its document. */
export const bench: Bench = async ({ tiny }) => {
  const folder = mkdtempSync(join(tmpdir(), 'spymaster-bench-sessions-'));
  try {
    const lake = new Lake(folder);
    const count = tiny ? 3 : 60;
    const first = Temporal.PlainDate.from('2026-01-05');
    const dates = Array.from({ length: count }, (_, i) => first.add({ days: i }).toString());
    for (const [i, date] of dates.entries()) {
      await writeMarket(lake, date, randomMarket(tiny ? 300 : 1200, radius, seed + i, 0.3), { date });
    }
    const few = await sweep(lake, tiny, dates.slice(0, 2));
    const many = await sweep(lake, tiny, dates);
    return [timeOf(many, few, count), memoryOf(many, few, count), ...documentOf(many, few)];
  } finally {
    rmSync(folder, { recursive: true });
  }
};

async function sweep(lake: Lake, tiny: boolean, dates: readonly string[]): Promise<SessionsReport> {
  const request: SweepRequest = fixtureRequest(radius, {
    scoringAxes: {},
    signalAxes: {
      derivative: tiny
        ? { d2_weight: [0, 1] }
        : { zscore_window_bins: [60, 80, 100], d2_weight: [0, 0.25, 0.5, 0.75, 1] },
    },
    tpTicks: tiny ? [4] : [4, 8, 12],
    slTicks: tiny ? [4] : [4, 8],
    evaluation: { ...fixtureEvaluation, folds: 0 },
  });
  const args = [peer, lake.root, JSON.stringify(request), ...dates];
  const { stdout } = await promisify(execFile)(process.execPath, args, { maxBuffer: 1 << 20 });
  return JSON.parse(stdout) as SessionsReport;
}

function timeOf(many: SessionsReport, few: SessionsReport, sessions: number): BenchResult {
  const value = many.cpuS / sessions;
  return {
    ...result(`sweep, ${many.units} cells and sessions`, 's/session', value, 'two sessions', few.cpuS / 2, many),
    baselineHash: few.hash,
    samples: { count: 1, best: value, median: value, wallMedian: many.wallS / sessions },
  };
}

function memoryOf(many: SessionsReport, few: SessionsReport, sessions: number): BenchResult {
  const mib = ({ peakRssBytes }: SessionsReport) => peakRssBytes / (1 << 20);
  return result(`peak memory of ${sessions} sessions`, 'MiB', mib(many), 'two sessions', mib(few), many);
}

function documentOf(many: SessionsReport, few: SessionsReport): BenchResult[] {
  return [
    result('their document', 's', many.documentCpuS, 'two sessions', few.documentCpuS, many),
    result('its size', 'MB', many.documentBytes / 1e6, 'two sessions', few.documentBytes / 1e6, many),
  ];
}

function result(
  name: string,
  unit: string,
  value: number,
  baselineName: string,
  baselineValue: number,
  { hash }: SessionsReport,
): BenchResult {
  return {
    ...{ name, unit, value, baselineName, baselineValue, ratio: ratioOf(unit, value, baselineValue), seed },
    ...{ resultHash: hash, baselineHash: null, samples: { count: 1, best: value, median: value, wallMedian: value } },
  };
}
