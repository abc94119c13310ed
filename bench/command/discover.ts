import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Bench } from '../support/harness.ts';

const folder = join(import.meta.dirname, '..');

/** Names of the benchmarks: the files of `bench/` itself. */
export function benchNames(): string[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.ts'))
    .map((file) => file.slice(0, -'.ts'.length))
    .sort();
}

export async function loadBench(name: string): Promise<Bench> {
  const { bench } = (await import(`../${name}.ts`)) as { bench: Bench };
  return bench;
}
