import type { RunSortKey } from '../../../src/wire/index.ts';
import { fetchTable } from './api.ts';
import { grown, type Table } from './table.ts';

export interface TableFollowerOptions {
  readonly by: RunSortKey;
  readonly minSignals: number | null;
  readonly onTable: (table: Table) => void;
  /** Called with null when an answer came. */
  readonly onError: (cause: unknown) => void;
  readonly onLoading: (isLoading: boolean) => void;
}

/**
 * Keeps the answer to one question up to date: loads the whole table, then what changed whenever it is woken. One request
 * at a time is under way, none is given up for a newer one, and most of the time none is.
 */
export class TableFollower {
  readonly #options: TableFollowerOptions;
  readonly #abort = new AbortController();
  #table: Table | null = null;
  #isBusy = false;
  #isStale = false;
  #earliestMs = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: TableFollowerOptions) {
    this.#options = options;
  }

  /** There may be something new. */
  wake(): void {
    this.#isStale = true;
    if (this.#isBusy || this.#abort.signal.aborted) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#load(), Math.max(0, this.#earliestMs - performance.now()));
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#abort.abort();
  }

  async #load(): Promise<void> {
    const { by, minSignals, onTable, onError, onLoading } = this.#options;
    const startMs = performance.now();
    this.#isBusy = true;
    this.#isStale = false;
    onLoading(true);
    try {
      const answer = await fetchTable(by, minSignals, this.#table?.cursor ?? null, this.#abort.signal);
      this.#table = grown(this.#table, answer);
      onTable(this.#table);
      onError(null);
    } catch (cause) {
      if (this.#abort.signal.aborted) return;
      onError(cause);
    }
    const endMs = performance.now();
    this.#earliestMs = endMs + 4 * (endMs - startMs);
    this.#isBusy = false;
    onLoading(false);
    if (this.#isStale) this.wake();
  }
}
