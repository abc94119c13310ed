import type { ColumnName } from '../../../src/engine/index.ts';
import { present } from '../../../src/errors.ts';
import type { CellArchive } from './cell_archive.ts';
import type { ChunkBytes } from './cell_chunk.ts';

const prefix = 'spymaster-cells-';
const storeName = 'chunks';

/** The cells of a session in a database of the browser, on disk; it goes with the page. */
export class IndexedArchive implements CellArchive {
  readonly #name = `${prefix}${Date.now()}-${Math.random()}`;
  #opening: Promise<IDBDatabase> | null = null;
  #isClosed = false;

  constructor() {
    globalThis.addEventListener('pagehide', ({ persisted }) => {
      if (!persisted) this.close();
    });
  }

  async write(page: number, chunks: ReadonlyMap<ColumnName, ChunkBytes>): Promise<void> {
    const transaction = (await this.#database()).transaction(storeName, 'readwrite', { durability: 'relaxed' });
    const store = transaction.objectStore(storeName);
    for (const [name, bytes] of chunks) store.put(bytes, [name, page]);
    await new Promise<void>((resolve, reject) => {
      transaction.oncomplete = () => resolve();
      transaction.onabort = () => reject(transaction.error);
    });
  }

  async readPage(page: number, names: readonly ColumnName[]): Promise<ReadonlyMap<ColumnName, ChunkBytes>> {
    const store = await this.#reader();
    const chunks = names.map((name) => answer<ChunkBytes>(store.get([name, page])));
    return new Map((await Promise.all(chunks)).map((chunk, index) => [present(names[index]), chunk]));
  }

  async readColumn(name: ColumnName): Promise<ReadonlyMap<number, ChunkBytes>> {
    const store = await this.#reader();
    const range = IDBKeyRange.bound([name, 0], [name, Number.POSITIVE_INFINITY]);
    const [keys, chunks] = await Promise.all([answer(store.getAllKeys(range)), answer(store.getAll(range))]);
    return new Map(keys.map((key, index) => [(key as [ColumnName, number])[1], chunks[index] as ChunkBytes]));
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#opening?.then(
      (database) => {
        database.close();
        indexedDB.deleteDatabase(this.#name);
      },
      () => {},
    );
  }

  async #reader(): Promise<IDBObjectStore> {
    return (await this.#database()).transaction(storeName, 'readonly').objectStore(storeName);
  }

  #database(): Promise<IDBDatabase> {
    this.#opening ??= this.#open();
    return this.#opening;
  }

  async #open(): Promise<IDBDatabase> {
    const opening = indexedDB.open(this.#name, 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore(storeName);
    const database = await answer(opening);
    // Pages that crashed left theirs. One that a page has open is deleted when that page closes it.
    for (const { name = '' } of await indexedDB.databases()) {
      if (name.startsWith(prefix) && name !== this.#name) indexedDB.deleteDatabase(name);
    }
    return database;
  }
}

function answer<Result>(request: IDBRequest<Result>): Promise<Result> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
