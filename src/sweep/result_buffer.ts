import type { ResultRows, ResultsStore } from '../lake/index.ts';
import { namesOf, type ResultTable, resultTables } from '../wire/index.ts';

/** Results wait at most this long before they are stored: a kill loses no more work than that. */
const storeIntervalMs = 2000;

/** Workers take no more cells while the rows of so many are not stored. */
const mostUnstored = 500;

/** Collects rows of results and stores them together, one part at a time. */
export class ResultBuffer {
  readonly #store: ResultsStore;
  #waiting: ResultRows[] = [];
  /** Given and not stored. */
  #unstored = 0;
  #storing: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | null = null;
  #error: unknown;

  constructor(store: ResultsStore) {
    this.#store = store;
  }

  /** Takes rows; `onError` is called when they could not be stored. */
  put(rows: ResultRows, onError: () => void): void {
    this.#waiting.push(rows);
    this.#unstored++;
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      this.#flush();
      this.#storing.then(() => {
        if (this.#error !== undefined) onError();
      });
    }, storeIntervalMs);
  }

  /** Resolves at once while little waits, else when it is stored: cells that end faster than that would fill the memory. */
  async relieve(): Promise<void> {
    if (this.#unstored < mostUnstored) return;
    this.#flush();
    await this.#storing;
  }

  /** Stores what is left. @throws what storing threw, now or before */
  async close(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#flush();
    await this.#storing;
    if (this.#error !== undefined) throw this.#error;
  }

  #flush(): void {
    if (this.#waiting.length === 0) return;
    const rows = joined(this.#waiting);
    const count = this.#waiting.length;
    this.#waiting = [];
    this.#storing = this.#storing.then(async () => {
      if (this.#error !== undefined) return;
      try {
        await this.#store.append(rows);
        this.#unstored -= count;
      } catch (error) {
        this.#error = error;
      }
    });
  }
}

function joined(parts: readonly ResultRows[]): ResultRows {
  const of = <T extends ResultTable>(table: T) => parts.flatMap((part) => part[table] ?? []);
  return Object.fromEntries(namesOf(resultTables).map((table) => [table, of(table)]));
}
