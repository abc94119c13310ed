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

/** Adds a run to the history. @throws when the checkout has changes that no commit holds */
export async function record(results: readonly BenchResult[]): Promise<void> {
  if (git('status', '--porcelain', '--untracked-files=no', '--', ':!bench/history.jsonl') !== '') {
    throw new Error('Cannot record the run: the checkout has changes; commit them, so that the run can be repeated.');
  }
  const line: HistoryLine = {
    date: new Date().toISOString().slice(0, 10),
    commit: git('rev-parse', 'HEAD'),
    machine: machineName(),
    node: process.versions.node,
    results: results.map(({ name, unit, value, resultHash }) => ({ name, unit, value, resultHash })),
  };
  const before = existsSync(historyPath) ? readFileSync(historyPath, 'utf8') : '';
  await writeFileAtomic(historyPath, `${before}${JSON.stringify(line)}\n`);
}

/** What git answers in this checkout. */
export function git(...words: readonly string[]): string {
  return execFileSync('git', words, { cwd: root, encoding: 'utf8' }).trim();
}
