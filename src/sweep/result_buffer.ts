import type { ResultRows, ResultsStore } from '../lake/index.ts';
import type { RunRows } from './result_rows.ts';

/** Results wait at most this long before they are stored: a kill loses no more work than that. */
const storeIntervalMs = 2000;

const empty = () => ({ runs_meta: [], resolved: [], runs: [], trials: [] });

/** Collects rows of runs and stores them together, one part at a time. */
export class ResultBuffer {
  readonly #store: ResultsStore;
  readonly #onStored: ((rows: ResultRows) => void) | undefined;
  #rows: { [T in keyof RunRows]: RunRows[T][number][] } = empty();
  #storing: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | null = null;
  #error: unknown;

  /** `onStored` is called with each part that was stored. */
  constructor(store: ResultsStore, onStored?: (rows: ResultRows) => void) {
    this.#store = store;
    this.#onStored = onStored;
  }

  /** Takes a run's rows; `onError` is called when they could not be stored. */
  put(rows: RunRows, onError: () => void): void {
    this.#rows.runs_meta.push(...rows.runs_meta);
    this.#rows.resolved.push(...rows.resolved);
    this.#rows.runs.push(...rows.runs);
    this.#rows.trials.push(...rows.trials);
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      this.#flush();
      this.#storing.then(() => {
        if (this.#error !== undefined) onError();
      });
    }, storeIntervalMs);
  }

  /** Stores what is left. @throws what storing threw, now or before */
  async close(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#flush();
    await this.#storing;
    if (this.#error !== undefined) throw this.#error;
  }

  #flush(): void {
    if (this.#rows.runs_meta.length === 0) return;
    const rows: ResultRows = this.#rows;
    this.#rows = empty();
    this.#storing = this.#storing.then(async () => {
      if (this.#error !== undefined) return;
      try {
        await this.#store.append(rows);
        this.#onStored?.(rows);
      } catch (error) {
        this.#error = error;
      }
    });
  }
}
