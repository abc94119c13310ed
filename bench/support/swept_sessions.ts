import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Lake } from '../../src/lake/index.ts';
import type { SweepRequest } from '../../src/sweep/index.ts';
import { fixtureRequest, randomMarket, writeMarket } from '../../test/helpers/lab_dataset.ts';
import type { SessionsReport } from '../peers/run_sessions.ts';
import { type BenchResult, ratioOf } from './harness.ts';

const seed = 20260206;
const peer = join(import.meta.dirname, '..', 'peers', 'run_sessions.ts');

/** An experiment over sessions of a market without a feed. */
export interface SweptSessions {
  readonly sessions: number;
  readonly bins: number;
  readonly radius: number;
  readonly request: Parameters<typeof fixtureRequest>[1];
}

/** The experiment over all sessions against the same over two, each in a process of its own: time, memory, its document. */
export async function compareWithTwo({ sessions, bins, radius, request }: SweptSessions): Promise<BenchResult[]> {
  const folder = mkdtempSync(join(tmpdir(), 'spymaster-bench-sessions-'));
  try {
    const lake = new Lake(folder);
    const first = Temporal.PlainDate.from('2026-01-05');
    const dates = Array.from({ length: sessions }, (_, i) => first.add({ days: i }).toString());
    for (const [i, date] of dates.entries()) {
      await writeMarket(lake, date, randomMarket(bins, radius, seed + i, 0.3), { date });
    }
    const swept = fixtureRequest(radius, request);
    const few = await sweep(lake, swept, dates.slice(0, 2));
    const many = await sweep(lake, swept, dates);
    return [timeOf(many, few, sessions), memoryOf(many, few, sessions), ...documentOf(many, few)];
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function sweep(lake: Lake, request: SweepRequest, dates: readonly string[]): Promise<SessionsReport> {
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
