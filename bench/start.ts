import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Lake, ResultsStore } from '../src/lake/index.ts';
import { fill } from './compare.ts';
import { type Bench, type BenchResult, hashOf, medianOf, ratioOf } from './support/harness.ts';

const seed = 20260206;
const program = join(import.meta.dirname, '../bin/spymaster.js');

/** Whole processes, from start to exit, by the wall clock, in turns with a program that does nothing. */
export const bench: Bench = async ({ tiny }) => {
  const folder = mkdtempSync(join(tmpdir(), 'spymaster-bench-start-'));
  try {
    {
      using store = await ResultsStore.open(new Lake(folder));
      await fill(store, tiny ? 40 : 10_000, tiny ? 2 : 20);
    }
    const runs = tiny ? 1 : 15;
    return [
      started('start, --version', ['--version'], runs),
      started('start, --help', ['--help'], runs),
      started('start, cold compare', ['compare', '--json', '--lake-root', folder], runs),
    ];
  } finally {
    rmSync(folder, { recursive: true });
  }
};

function started(name: string, words: readonly string[], runs: number): BenchResult {
  // The first run fills the compile cache.
  const { output } = timed([program, ...words]);
  const [times, empty]: [number[], number[]] = [[], []];
  for (let run = 0; run < runs; run++) {
    empty.push(timed(['--eval', '0']).ms);
    times.push(timed([program, ...words]).ms);
  }
  const [value, baselineValue] = [medianOf(times), medianOf(empty)];
  return {
    name,
    unit: 'ms/run',
    value,
    baselineName: 'an empty program',
    baselineValue,
    ratio: ratioOf('ms/run', value, baselineValue),
    resultHash: hashOf(output),
    baselineHash: null,
    seed,
    samples: { count: runs, best: Math.min(...times), median: value, wallMedian: value },
  };
}

function timed(words: readonly string[]): { ms: number; output: string } {
  const startMs = performance.now();
  const { status, stdout, stderr } = spawnSync(process.execPath, words, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${words.join(' ')} failed: ${stderr}`);
  return { ms: performance.now() - startMs, output: stdout };
}
