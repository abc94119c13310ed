import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { present } from '../../src/errors.ts';
import { type BenchResult, medianOf, ratioOf } from '../support/harness.ts';
import { git, type HistoryLine } from './history.ts';

const root = join(import.meta.dirname, '..', '..');
const pairs = 5;

/** How a measurement changed between two commits. */
export interface Move {
  readonly name: string;
  /** Median over the pairs of how many times better it is now. */
  readonly ratio: number;
  /** Three standard errors of that median's logarithm, from the spread of the pairs. */
  readonly noise: number;
  /** Whether the two computed the same. */
  readonly isSame: boolean;
}

/** Runs a benchmark of a recorded commit and of this checkout in turns, each in a process of its own. */
export function compareWith({ commit }: HistoryLine, names: readonly string[], isTiny: boolean): Move[] {
  const folder = mkdtempSync(join(tmpdir(), 'spymaster-bench-against-'));
  const checkout = join(folder, 'checkout');
  git('worktree', 'add', '--detach', checkout, commit);
  try {
    symlinkSync(join(root, 'node_modules'), join(checkout, 'node_modules'));
    return names.flatMap((name) => movesOf(name, checkout, isTiny));
  } finally {
    git('worktree', 'remove', '--force', checkout);
    rmSync(folder, { recursive: true, force: true });
  }
}

function movesOf(name: string, checkout: string, isTiny: boolean): Move[] {
  const before: BenchResult[][] = [];
  const now: BenchResult[][] = [];
  for (let pair = 0; pair < pairs; pair++) {
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

/** Median of logarithms of ratios, and three standard errors of it, from their median deviation. */
export function moveOf(logs: readonly number[]): Pick<Move, 'ratio' | 'noise'> {
  const middle = medianOf(logs);
  const deviation = 1.4826 * medianOf(logs.map((log) => Math.abs(log - middle)));
  // A median of n normal values has a standard error of 1.2533 σ/√n.
  return { ratio: Math.exp(middle), noise: (3 * 1.2533 * deviation) / Math.sqrt(logs.length) };
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
    const percent = (share: number) => `${share >= 0 ? '+' : ''}${(share * 100).toFixed(1)} %`;
    return `${name.padEnd(width)}  ${percent(ratio - 1).padStart(9)} ± ${(noise * 100).toFixed(1)} %${isSame ? '' : '  computes something else'}`;
  });
  const within = moves.length - beyond.length;
  return [
    `Against ${commit.slice(0, 12)} of ${date}, ${pairs} pairs of runs in turns; positive is faster:`,
    ...lines,
    `${within} of ${moves.length} measurements moved no more than their noise.`,
  ].join('\n');
}
