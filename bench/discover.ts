import { readdirSync } from 'node:fs';
import type { Bench } from './harness.ts';

/** Files of this folder that are no benchmarks. */
const machinery = new Set([
  'main.ts',
  'discover.ts',
  'harness.ts',
  'history.ts',
  'against.ts',
  'peer_table.ts',
  'session.ts',
  'streaming.ts',
  'swept_sessions.ts',
  'browser_measures.ts',
]);

/** Names of the benchmarks: the files of this folder. */
export function benchNames(): string[] {
  return readdirSync(import.meta.dirname)
    .filter((file) => file.endsWith('.ts') && !machinery.has(file))
    .map((file) => file.slice(0, -'.ts'.length))
    .sort();
}

export async function loadBench(name: string): Promise<Bench> {
  const { bench } = (await import(`./${name}.ts`)) as { bench: Bench };
  return bench;
}
