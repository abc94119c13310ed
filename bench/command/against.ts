import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { present } from '../../src/errors.ts';
import { formatFixed } from '../../src/format.ts';
import { studentTQuantile } from '../../src/statistics/index.ts';
import { type BenchResult, ratioOf } from '../support/harness.ts';
import { git, type HistoryLine } from './history.ts';

const root = join(import.meta.dirname, '..', '..');
const pairs = 5;

/** How a measurement changed between two commits. */
export interface Move {
  readonly name: string;
  /** Geometric mean over the pairs of how many times better it is now. */
  readonly ratio: number;
  /** Half the 99 % interval of its logarithm, from the spread of the pairs. */
  readonly noise: number;
  /** Whether the two computed the same. */
  readonly isSame: boolean;
}

/** Runs a benchmark of a recorded commit and of this checkout in turns, each in a process of its own. */
export function compareWith({ commit }: HistoryLine, names: readonly string[], isTiny: boolean): Move[] {
  const folder = mkdtempSync(join(tmpdir(), 'spymaster-bench-against-'));
  const checkout = join(folder, 'checkout');
  git('worktree', 'add', '--quiet', '--detach', checkout, commit);
  try {
    symlinkSync(join(root, 'node_modules'), join(checkout, 'node_modules'));
    return names.flatMap((name) => {
      if (existsSync(join(checkout, 'bench', `${name}.ts`))) return movesOf(name, checkout, isTiny);
      console.error(`SKIPPED ${name}: ${commit.slice(0, 12)} does not have it.`);
      return [];
    });
  } finally {
    git('worktree', 'remove', '--force', checkout);
    rmSync(folder, { recursive: true, force: true });
  }
}

function movesOf(name: string, checkout: string, isTiny: boolean): Move[] {
  const before: BenchResult[][] = [];
  const now: BenchResult[][] = [];
  for (let pair = 0; pair < pairs; pair++) {
    console.error(`${name}: pair ${pair + 1} of ${pairs}`);
    before.push(runIn(checkout, name, isTiny));
    now.push(runIn(root, name, isTiny));
  }
  return (now[0] ?? []).flatMap(({ name: measured, unit, resultHash }) => {
    const own = (runs: readonly BenchResult[][]) => runs.flat().filter((result) => result.name === measured);
    const [older, newer] = [own(before), own(now)];
    if (older.length !== pairs || newer.length !== pairs) return [];
    const logs = newer.map(({ value }, pair) => Math.log(ratioOf(unit, value, present(older[pair]).value)));
    return [{ name: measured, ...moveOf(logs), isSame: older.every((result) => result.resultHash === resultHash) }];
  });
}

/** Mean of the logarithms of the pairs' ratios, and half its 99 % interval by Student's t. */
export function moveOf(logs: readonly number[]): Pick<Move, 'ratio' | 'noise'> {
  const mean = logs.reduce((sum, log) => sum + log, 0) / logs.length;
  const variance = logs.reduce((sum, log) => sum + (log - mean) ** 2, 0) / (logs.length - 1);
  const noise = studentTQuantile(0.995, logs.length - 1) * Math.sqrt(variance / logs.length);
  return { ratio: Math.exp(mean), noise };
}

function runIn(folder: string, name: string, isTiny: boolean): BenchResult[] {
  const words = ['run', '--silent', 'bench', '--', name, '--json', ...(isTiny ? ['--tiny'] : [])];
  const output = execFileSync('npm', words, { cwd: folder, encoding: 'utf8', maxBuffer: 1 << 26 });
  return (JSON.parse(output) as { results: BenchResult[] }).results;
}

/** The moves beyond the noise as text, and how many there are within it. */
export function movesText(moves: readonly Move[], { date, commit }: HistoryLine): string {
  const beyond = moves.filter(({ ratio, noise, isSame }) => !isSame || Math.abs(Math.log(ratio)) > noise);
  const width = Math.max(0, ...beyond.map(({ name }) => name.length));
  const lines = beyond.map(({ name, ratio, noise, isSame }) => {
    const percent = `${formatFixed((ratio - 1) * 100, 1, true)} %`;
    return `${name.padEnd(width)}  ${percent.padStart(9)} ± ${(noise * 100).toFixed(1)} %${isSame ? '' : '  computes something else'}`;
  });
  const within = moves.length - beyond.length;
  return [
    `Against ${commit.slice(0, 12)} of ${date}, ${pairs} pairs of runs in turns; positive is faster:`,
    ...lines,
    `${within} of ${moves.length} measurements moved no more than their noise.`,
  ].join('\n');
}
