import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { evaluationTimes, Lake, ResultsStore, type RunQuery } from '../src/lake/index.ts';
import { select, sql, tableSql } from '../src/lake/results/sql.ts';
import { randomSource } from '../src/statistics/index.ts';
import { compareRuns, GrowingComparison } from '../src/sweep/index.ts';
import { type ResultColumnType, resultTables } from '../src/wire/index.ts';
import { madeUpRow } from '../test/helpers/stored_rows.ts';
import { type Bench, type BenchResult, compare, hashOf, medianOf, ratioOf } from './support/harness.ts';

const seed = 20260206;
const query: RunQuery = { sort: 'tp_rate', minSignals: 5, top: 50 };

/** The best 50 of many runs of 6 thresholds each. */
export const bench: Bench = async ({ tiny }) => {
  const folder = mkdtempSync(join(tmpdir(), 'spymaster-bench-compare-'));
  // As a server opens it.
  const store = await ResultsStore.open(new Lake(folder), { isInMemory: true });
  try {
    const runs = tiny ? 40 : 10_000;
    await fill(store, runs, tiny ? 2 : 20);
    const samples = tiny ? 1 : 9;
    return [
      await compare({
        name: `compare, ${runs} runs`,
        unit: 'ms/comparison',
        seed,
        ours: {
          quantity: 1,
          runs: samples,
          run: async () => {
            const { runs: best } = await compareRuns(store, query);
            return () => hashOf(JSON.stringify(best.map((run) => [run.runId, run.threshold, run.qValue])));
          },
        },
        baseline: {
          name: 'all rows as objects, in JavaScript',
          quantity: 1,
          runs: Math.min(samples, 3),
          run: async () => {
            const best = await compareObjects(store);
            return () => hashOf(JSON.stringify(best));
          },
        },
      }),
      await grownBy(store, runs, tiny ? 1 : 5),
    ];
  } finally {
    store.close();
    rmSync(folder, { recursive: true });
  }
};

/** The whole table brought up to date after 20 runs more, as for a page that is open, against comparing all runs anew. */
async function grownBy(store: ResultsStore, runs: number, samples: number): Promise<BenchResult> {
  const comparison = new GrowingComparison(store, query.sort, query.minSignals ?? 0);
  let version = 0;
  await comparison.refresh(String(version));
  const added = 20;
  const all = { ...query, top: 1_000_000 };
  const shown = (rows: readonly { runId: string; threshold: number }[]) =>
    hashOf(JSON.stringify(rows.map((row) => `${row.runId} ${row.threshold}`).sort()));
  const results: string[] = [];
  const [ours, anew]: [number[], number[]] = [[], []];
  for (let sample = 0; sample < samples; sample++) {
    await fill(store, added, 1, runs + sample * added);
    // What both have to do first: the store reads its parts.
    await evaluationTimes(store, { signal: 'none' });
    let before = performance.now();
    await comparison.refresh(String(++version));
    ours.push(performance.now() - before);
    before = performance.now();
    const { runs: rows } = await compareRuns(store, all);
    anew.push(performance.now() - before);
    results.push(shown(comparison.since(0).rows), shown(rows));
  }
  const [resultHash, baselineHash] = results.slice(-2) as [string, string];
  const [value, baselineValue] = [medianOf(ours), medianOf(anew)];
  return {
    name: `compare, ${added} runs more`,
    unit: 'ms/comparison',
    value,
    baselineName: 'all runs anew',
    baselineValue,
    ratio: ratioOf('ms/comparison', value, baselineValue),
    resultHash,
    baselineHash,
    seed,
    samples: { count: samples, best: Math.min(...ours), median: value, wallMedian: value },
  };
}

/** Appends runs with made-up results, in so many parts; `first` numbers them. */
export async function fill(store: ResultsStore, runs: number, parts: number, first = 0): Promise<void> {
  const random = randomSource(seed + first);
  const unit = () => random.below(1_000_003) / 1_000_003;
  const perPart = Math.ceil(runs / parts);
  for (let part = 0; part < parts; part++) {
    const ids = Array.from({ length: perPart }, (_, i) => `run-${String(first + part * perPart + i).padStart(6, '0')}`);
    const madeUp = (type: ResultColumnType, name: string) => {
      if (type === 'VARCHAR') return `${name} ${random.below(5)}`;
      if (type === 'BOOLEAN') return random.below(2) === 1;
      return type === 'INTEGER' ? random.below(1000) : unit();
    };
    const row = <T extends 'runs_meta' | 'runs'>(table: T, id: string, threshold: number) =>
      madeUpRow(table, ({ name, type }) => {
        if (name === 'run_id') return id;
        if (name === 'threshold') return threshold;
        const value = madeUp(type, name);
        return name === 'timestamp_utc' ? '2026-02-06T00:00:00.000Z' : value;
      });
    await store.append({
      runs_meta: ids.map((id) => row('runs_meta', id, 0)),
      runs: ids.flatMap((id) => [0.1, 0.2, 0.3, 0.4, 0.5, 0.6].map((threshold) => row('runs', id, threshold))),
    });
  }
}

async function compareObjects(store: ResultsStore): Promise<unknown[]> {
  const { runs, runs_meta } = resultTables;
  const from = sql`FROM ${tableSql('runs')} JOIN ${tableSql('runs_meta')} ON ${runs.run_id} = ${runs_meta.run_id}`;
  const rows = await store.rows(select({ ...runs_meta, ...runs }, from));
  const best = new Map<string, [string, number, number, number]>();
  rows.forEach((row) => {
    if (row.nSignals < (query.minSignals ?? 0)) return;
    const known = best.get(row.runId);
    const better =
      known === undefined || row.tpRate! > known[3] || (row.tpRate! === known[3] && row.threshold < known[1]);
    if (better) best.set(row.runId, [row.runId, row.threshold, row.qValue!, row.tpRate!]);
  });
  return [...best.values()]
    .sort((a, b) => b[3] - a[3] || (a[0] < b[0] ? -1 : 1))
    .slice(0, query.top)
    .map(([id, threshold, q]) => [id, threshold, q]);
}
