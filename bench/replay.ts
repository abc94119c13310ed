import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { zstdCompressSync } from 'node:zlib';
import { defaultRuntimeConfig, type RuntimeConfig, tickSizeInt } from '../src/config/index.ts';
import { SyntheticSession } from '../src/synth/index.ts';
import { frameBytes, NaiveReplay } from './naive/replay.ts';
import type { ReplayReport } from './peers/replay_file.ts';
import { type BenchOptions, type BenchResult, hashOf, medianOf } from './support/harness.ts';
import { busySession, sessionBytes } from './support/session.ts';

const seed = 3;
const peer = join(import.meta.dirname, 'peers', 'replay_file.ts');
/** Runtime fields of a tiny run. */
const tinyFields = { n_absolute_ticks: 256, flow_zscore_window_bins: 12, flow_zscore_min_periods: 5 };

/** A busy hour from its zstd file to frames, in a process of its own, and what memory that takes. */
export async function bench({ tiny }: BenchOptions): Promise<BenchResult[]> {
  const fields: Partial<RuntimeConfig> = tiny ? tinyFields : {};
  const runtime = { ...defaultRuntimeConfig, ...fields };
  const durationS = tiny ? 2 : 3600;
  const naive = naiveSecondsPerBin(runtime, tiny);
  const folder = mkdtempSync(join(tmpdir(), 'spymaster-bench-'));
  try {
    const replay = async (runs: number, seconds: number) => {
      const file = join(folder, `${seconds}.dbn.zst`);
      await writeBusySession(file, seconds);
      const reports: ReplayReport[] = [];
      for (let i = 0; i < runs; i++) reports.push(await replayInProcess(file, fields, naive.from, naive.to));
      return reports;
    };
    const wholeRuns = await replay(tiny ? 1 : 3, durationS);
    // A process of its own takes most of a tiny run's time: one has to do.
    const [halfRun] = tiny ? wholeRuns : await replay(1, durationS / 2);
    return [timeOf(wholeRuns, naive), memoryOf(wholeRuns, halfRun!)];
  } finally {
    rmSync(folder, { recursive: true });
  }
}

interface NaiveTime {
  readonly secondsPerBin: number;
  readonly hash: string;
  /** The bins that were timed and hashed: `from` … `to`. */
  readonly from: number;
  readonly to: number;
}

/** The naive replay takes hours for an hour: a bin of it is timed, once the z-score's window is full. */
function naiveSecondsPerBin(runtime: RuntimeConfig, tiny: boolean): NaiveTime {
  const from = tiny ? 14 : runtime.flow_zscore_window_bins + 10;
  const to = from + (tiny ? 3 : 2);
  const { bytes } = sessionBytes(seed, tiny ? 2 : 3600, (to * runtime.cell_width_ms) / 1000 + 1);
  const replay = new NaiveReplay(bytes, runtime, tickSizeInt(runtime));
  for (let i = 0; i < from; i++) replay.nextBin(false);
  const frames: Uint8Array[] = [];
  const { user } = process.threadCpuUsage();
  for (let i = from; i < to; i++) {
    replay.nextBin(true);
    frames.push(...frameBytes(replay.frame));
  }
  const secondsPerBin = Math.max(process.threadCpuUsage().user - user, 1) / 1e6 / (to - from);
  return { secondsPerBin, hash: hashOf(...frames), from, to };
}

/** Writes a busy session as a zstd file of many frames. */
async function writeBusySession(path: string, durationS: number): Promise<void> {
  const session = new SyntheticSession(busySession(seed, durationS));
  const file = await open(path, 'w');
  for (let chunk = session.next(); chunk !== null; chunk = session.next()) await file.write(zstdCompressSync(chunk));
  await file.close();
}

async function replayInProcess(file: string, fields: object, from: number, to: number): Promise<ReplayReport> {
  const args = [peer, file, JSON.stringify(fields), String(from), String(to)];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  return JSON.parse(stdout) as ReplayReport;
}

function timeOf(runs: readonly ReplayReport[], naive: NaiveTime): BenchResult {
  const [{ events, bins, hash }] = runs as [ReplayReport];
  const value = medianOf(runs.map(({ cpuS }) => cpuS));
  const baselineValue = naive.secondsPerBin * bins;
  return {
    name: 'zstd file to frames, a busy hour',
    unit: 's',
    value,
    baselineName: `every tick scored by sorting, from a few bins; ${events} events, ${bins} bins`,
    baselineValue,
    ratio: baselineValue / value,
    resultHash: hash,
    baselineHash: naive.hash,
    seed,
    samples: {
      count: runs.length,
      best: Math.min(...runs.map(({ cpuS }) => cpuS)),
      median: value,
      wallMedian: medianOf(runs.map(({ wallS }) => wallS)),
    },
  };
}

function memoryOf(runs: readonly ReplayReport[], half: ReplayReport): BenchResult {
  const mib = ({ peakRssBytes }: ReplayReport) => peakRssBytes / (1 << 20);
  const value = medianOf(runs.map(mib));
  return {
    name: 'peak memory of that replay',
    unit: 'MiB',
    value,
    baselineName: 'a file of half the length',
    baselineValue: mib(half),
    ratio: mib(half) / value,
    resultHash: runs[0]!.hash,
    baselineHash: null,
    seed,
    samples: { count: runs.length, best: Math.min(...runs.map(mib)), median: value, wallMedian: value },
  };
}
