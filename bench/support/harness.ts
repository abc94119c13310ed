import { createHash } from 'node:crypto';

/** Given to every benchmark; `tiny` is a run of milliseconds that proves the benchmark works and measures nothing. */
export interface BenchOptions {
  readonly tiny: boolean;
}

/** One measurement beside its baseline. */
export interface BenchResult {
  readonly name: string;
  /** `…/s` is better the higher it is, any other unit the lower. */
  readonly unit: string;
  /** From the median of the runs' CPU time. */
  readonly value: number;
  readonly baselineName: string;
  /** The baseline's median in the same unit; null where there is nothing to compare with. */
  readonly baselineValue: number | null;
  /** How many times better than the baseline; null without one. */
  readonly ratio: number | null;
  /** Of what was computed. */
  readonly resultHash: string;
  /** Of what the baseline computed from the same input: the same hash; null for a baseline that computes less. */
  readonly baselineHash: string | null;
  readonly seed: number;
  readonly samples: {
    readonly count: number;
    /** Best and median run in the result's unit, by CPU time; median by wall time. */
    readonly best: number;
    readonly median: number;
    readonly wallMedian: number;
  };
}

/** What `bench/*.ts` export. */
export type Bench = (options: BenchOptions) => Promise<BenchResult[]>;

/** One run: the timed part, which gives a function that hashes its result off the clock. */
export type Run = () => HashResult | Promise<HashResult>;
type HashResult = () => string;

export interface CompareOptions {
  readonly name: string;
  readonly seed: number;
  readonly ours: Subject;
  readonly baseline: Subject & { readonly name: string };
  /** Counts per second, or time per count in one of the units of time. */
  readonly unit: `${string}/s` | `${'µs' | 'ms' | 's'}/${string}`;
}

export interface Subject {
  /** Events, bins, … of a run. */
  readonly quantity: number;
  readonly runs: number;
  /** Runs before the first that counts, for the compiler to find what is hot; 1 by default, none for a baseline. */
  readonly warmUps?: number;
  /** Prepares a run, off the clock. */
  readonly setUp?: () => void;
  readonly run: Run;
}

/** True where more is better. */
export function higherIsBetter(unit: string): boolean {
  return unit.endsWith('/s');
}

/** SHA-256 of the arrays' bytes, in short. */
export function hashOf(...arrays: readonly (NodeJS.ArrayBufferView | string)[]): string {
  const hash = createHash('sha256');
  for (const array of arrays) hash.update(array);
  return hash.digest('hex').slice(0, 16);
}

/**
 * Measures ours against a baseline, in turns so that what else the machine does touches both.
 *
 * Values are CPU time of this thread, which others' load changes least; wall time is reported beside it.
 */
export async function compare(options: CompareOptions): Promise<BenchResult> {
  const { ours, baseline, unit } = options;
  for (let i = 0; i < (ours.warmUps ?? 1); i++) await timed(ours);
  for (let i = 0; i < (baseline.warmUps ?? 0); i++) await timed(baseline);
  const times: Times[] = [];
  const baselineTimes: Times[] = [];
  for (let i = 0; i < Math.max(ours.runs, baseline.runs); i++) {
    if (i < baseline.runs) baselineTimes.push(await timed(baseline));
    if (i < ours.runs) times.push(await timed(ours));
  }
  for (const all of [times, baselineTimes]) {
    if (all.some(({ hash }) => hash !== all[0]!.hash)) throw new Error(`${options.name}: runs differ in their results`);
  }
  const value = (subject: Subject, seconds: number) => inUnit(unit, subject.quantity, seconds);
  const median = value(ours, medianOf(times.map(({ cpuS }) => cpuS)));
  const baselineMedian = value(baseline, medianOf(baselineTimes.map(({ cpuS }) => cpuS)));
  return {
    name: options.name,
    unit,
    value: median,
    baselineName: baseline.name,
    baselineValue: baselineMedian,
    ratio: ratioOf(unit, median, baselineMedian),
    resultHash: times[0]!.hash,
    baselineHash: baselineTimes[0]!.hash,
    seed: options.seed,
    samples: {
      count: times.length,
      best: value(ours, Math.min(...times.map(({ cpuS }) => cpuS))),
      median,
      wallMedian: value(ours, medianOf(times.map(({ wallS }) => wallS))),
    },
  };
}

/** How many times better `value` is than `baseline`. */
export function ratioOf(unit: string, value: number, baseline: number): number {
  return higherIsBetter(unit) ? value / baseline : baseline / value;
}

export function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

interface Times {
  readonly cpuS: number;
  readonly wallS: number;
  readonly hash: string;
}

async function timed({ setUp, run }: Subject): Promise<Times> {
  setUp?.();
  const cpuBefore = process.threadCpuUsage();
  const wallBefore = performance.now();
  const hash = await run();
  const wallS = (performance.now() - wallBefore) / 1000;
  const { user, system } = process.threadCpuUsage(cpuBefore);
  // Never zero: a tiny run may be over between two ticks of the CPU clock.
  return { cpuS: Math.max(user + system, 1) / 1e6, wallS, hash: hash() };
}

function inUnit(unit: string, quantity: number, seconds: number): number {
  if (higherIsBetter(unit)) return quantity / seconds;
  const perSecond = unit.startsWith('µs') ? 1e6 : unit.startsWith('ms') ? 1e3 : 1;
  return (seconds * perSecond) / quantity;
}
