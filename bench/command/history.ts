import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { writeFileAtomic } from '../../src/files/index.ts';
import type { BenchResult } from '../support/harness.ts';

const root = join(import.meta.dirname, '..', '..');
const historyPath = join(root, 'bench', 'history.jsonl');

/** A recorded run of the benchmarks: a line of `history.jsonl`. */
export interface HistoryLine {
  readonly date: string;
  readonly version: string;
  readonly commit: string;
  readonly machine: string;
  readonly node: string;
  readonly results: readonly Pick<BenchResult, 'name' | 'unit' | 'value' | 'resultHash'>[];
}

/** The processor and how many of it there are: runs are compared on the same machine only. */
export function machineName(): string {
  const processors = cpus();
  return `${processors[0]?.model.trim() ?? 'unknown CPU'} × ${processors.length}`;
}

/** The recorded runs of a machine, oldest first. */
export function historyOf(machine: string): HistoryLine[] {
  if (!existsSync(historyPath)) return [];
  const lines = readFileSync(historyPath, 'utf8').split('\n').filter(Boolean);
  return lines.map((line) => JSON.parse(line) as HistoryLine).filter((line) => line.machine === machine);
}

/** The newest recorded value of each measurement: a run may be of some benchmarks only. */
export function newestOf(lines: readonly HistoryLine[]): Map<string, HistoryLine['results'][number]> {
  return new Map(lines.flatMap(({ results }) => results.map((result) => [result.name, result])));
}

/** Adds a run to the history, and says so in a sentence. @throws when the checkout has changes that no commit holds */
export async function record(results: readonly BenchResult[]): Promise<string> {
  if (git('status', '--porcelain', '--untracked-files=no', '--', ':!bench/history.jsonl') !== '') {
    throw new Error('Cannot record the run: the checkout has changes; commit them, so that the run can be repeated.');
  }
  const of = results.map(({ name, unit, value, resultHash }) => [name, { name, unit, value, resultHash }] as const);
  // A measurement beside several programs of others is one.
  const recorded = [...new Map(of).values()];
  const line: HistoryLine = {
    date: new Date().toISOString().slice(0, 10),
    version: (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }).version,
    commit: git('rev-parse', 'HEAD'),
    machine: machineName(),
    node: process.versions.node,
    results: recorded,
  };
  const before = existsSync(historyPath) ? readFileSync(historyPath, 'utf8') : '';
  await writeFileAtomic(historyPath, `${before}${JSON.stringify(line)}\n`);
  return `Recorded ${recorded.length} measurements of ${line.commit.slice(0, 12)} in bench/history.jsonl.`;
}

/** What git answers in this checkout. */
export function git(...words: readonly string[]): string {
  return execFileSync('git', words, { cwd: root, encoding: 'utf8' }).trim();
}
