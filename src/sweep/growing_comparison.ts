import {
  type BestRun,
  bestRuns,
  evaluationTimes,
  filterChoices,
  type ResultsStore,
  type RunQuery,
  sweepSummaries,
} from '../lake/index.ts';
import type { RunSortKey } from '../wire/index.ts';
import { type Comparison, familySize } from './compare_runs.ts';

/** What everyone who follows a comparison is told whole: it is small, or changes with every run. */
export type ComparisonSummary = Pick<Comparison, 'family' | 'sweeps' | 'filters'>;

/** Rows that are new or changed since a revision, and the ids of those that are gone. */
export interface RowChanges {
  readonly revision: number;
  readonly rows: readonly BestRun[];
  readonly removed: readonly string[];
}

interface Kept {
  row: BestRun;
  /** Revision at which the row came to be as it is. */
  revision: number;
}

/**
 * The comparison of all runs of a store that grows. A refresh reads only rows of runs that were evaluated since the one
 * before, and numbers what it finds changed, so that who has seen a revision needs only what came after it.
 */
export class GrowingComparison {
  readonly #store: ResultsStore;
  readonly #query: RunQuery;
  readonly #rows = new Map<string, Kept>();
  /** Revision at which a run was found gone, or without a threshold that counts. */
  readonly #removed = new Map<string, number>();
  /** When each run was evaluated, those without a row included. */
  #evaluated = new Map<string, string>();
  #summary: ComparisonSummary | null = null;
  #revision = 0;
  #version: string | null = null;
  #refreshing: Promise<unknown> = Promise.resolve();

  constructor(store: ResultsStore, sort: RunSortKey, minSignals: number | null) {
    this.#store = store;
    this.#query = { sort, minSignals, top: 2 ** 31 - 1 };
  }

  /**
   * Takes in what the store holds, unless `version` is that of the last refresh. The version must have been taken before
   * the call: what comes in between is then found by the next one.
   */
  refresh(version: string): Promise<void> {
    const done = this.#refreshing.then(() => (version === this.#version ? undefined : this.#refresh(version)));
    this.#refreshing = done.catch(() => {});
    return done;
  }

  get summary(): ComparisonSummary {
    if (this.#summary === null) throw new Error('a comparison is refreshed before it is read');
    return this.#summary;
  }

  /** What changed after a revision; 0 gives every row. */
  since(revision: number): RowChanges {
    const after = <T>([, value]: readonly [string, T], at: (value: T) => number) => at(value) > revision;
    const rows = [...this.#rows].filter((entry) => after(entry, (kept) => kept.revision));
    const removed = revision === 0 ? [] : [...this.#removed].filter((entry) => after(entry, (at) => at));
    return { revision: this.#revision, rows: rows.map(([, { row }]) => row), removed: removed.map(([id]) => id) };
  }

  async #refresh(version: string): Promise<void> {
    const evaluated = await evaluationTimes(this.#store);
    const changed = [...evaluated].flatMap(([id, time]) => (this.#evaluated.get(id) === time ? [] : [id]));
    const isMost = changed.length * 2 > evaluated.size;
    const found = changed.length === 0 ? [] : await bestRuns(this.#store, this.#query, isMost ? null : changed);
    const sweeps = await sweepSummaries(this.#store, this.#query);
    const filters = await filterChoices(this.#store);
    // Nothing below waits: who reads sees the state before a refresh or after it.
    this.#revision++;
    const changedIds = new Set(changed);
    const withRow = new Set<string>();
    for (const row of found) {
      if (!changedIds.has(row.runId)) continue;
      withRow.add(row.runId);
      this.#put(row);
    }
    for (const id of changed) if (!withRow.has(id)) this.#remove(id);
    for (const id of this.#evaluated.keys()) if (!evaluated.has(id)) this.#remove(id);
    this.#evaluated = evaluated;
    this.#summary = { family: familySize(evaluated.size, sweeps), sweeps, filters };
    this.#version = version;
  }

  #put(row: BestRun): void {
    this.#rows.set(row.runId, { row, revision: this.#revision });
    this.#removed.delete(row.runId);
  }

  #remove(id: string): void {
    if (this.#rows.delete(id)) this.#removed.set(id, this.#revision);
  }
}
