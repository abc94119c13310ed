import type { ColumnName, GridFrame } from '../../../src/engine/index.ts';
import { present } from '../../../src/errors.ts';
import type { CellArchive } from './cell_archive.ts';
import { CellChunk, type ChunkBytes, type ColumnStorage, chunkBins } from './cell_chunk.ts';

/** Pages that stay at hand: those that were written or read last. */
const pagesAtHand = 6;

interface Page {
  readonly chunks: Map<ColumnName, CellChunk>;
  /** 1 for the bins that only the archive holds as yet; null where there are none. */
  missing: Uint8Array | null;
  /** Counts changes; and how many there were when it was archived, −1 for never. */
  changes: number;
  archivedAt: number;
}

/**
 * Cells of all columns by slot of a ring of `capacity` bins, in pages of `chunkBins` bins. With an archive, the pages that
 * were used last are at hand, and all of the columns that are kept; a page is put aside when enough others were used since, and
 * has to be loaded before it is read again. Without one, or when it has no more room, all is at hand, and half floats that
 * take more than `detailBytes` are given up, the oldest first.
 */
export class CellPages {
  readonly #rows: number;
  readonly #columns: ReadonlyMap<ColumnName, ColumnStorage>;
  readonly #pages: (Page | undefined)[];
  readonly #isArchived: Uint8Array;
  readonly #kept = new Map<ColumnName, (CellChunk | undefined)[]>();
  readonly #archive: CellArchive | null;
  readonly #detailBytes: number;
  #hasRoom: boolean;
  /** Numbers of the pages at hand, the last used last. */
  readonly #used = new Set<number>();
  #lastUsed = -1;
  #bytes: number | null = null;
  readonly #loading = new Map<number, Promise<void>>();
  readonly #writing = new Set<number>();

  constructor(
    rows: number,
    capacity: number,
    columns: ReadonlyMap<ColumnName, ColumnStorage>,
    archive: CellArchive | null,
    detailBytes: number,
  ) {
    this.#rows = rows;
    this.#columns = columns;
    this.#pages = new Array(Math.ceil(capacity / chunkBins));
    this.#isArchived = new Uint8Array(this.#pages.length);
    this.#archive = archive;
    this.#hasRoom = archive !== null;
    this.#detailBytes = detailBytes;
  }

  /** Bytes of memory taken; counted when chunks came or went. */
  get bytes(): number {
    this.#bytes ??= this.#countBytes();
    return this.#bytes;
  }

  #countBytes(): number {
    const chunks = new Set([...this.#kept.values()].flat());
    for (const index of this.#used) for (const chunk of this.#pages[index]?.chunks.values() ?? []) chunks.add(chunk);
    return [...chunks].reduce((sum, chunk) => sum + (chunk?.byteLength ?? 0), 0);
  }

  /** Copies the columns of a bin into its slot. */
  write(slot: number, { columns }: GridFrame): void {
    const index = Math.floor(slot / chunkBins);
    const at = slot % chunkBins;
    const page = this.#pages[index] ?? this.#add(index);
    for (const [name, storage] of this.#columns) {
      let chunk = page.chunks.get(name);
      if (chunk === undefined) {
        // Given up for want of memory.
        chunk = new CellChunk(this.#rows, storage).forget();
        page.chunks.set(name, chunk);
        this.#bytes = null;
      }
      chunk.write(at, columns[name]);
    }
    if (page.missing !== null) page.missing[at] = 0;
    page.changes++;
    if (index !== this.#lastUsed) this.#use(index);
  }

  /** The chunk that holds a slot's cells of a column; undefined where they are not at hand. */
  #chunkOf(name: ColumnName, slot: number): CellChunk | undefined {
    const index = Math.floor(slot / chunkBins);
    const page = this.#pages[index];
    if (page !== undefined && (page.missing === null || page.missing[slot % chunkBins] === 0)) {
      return page.chunks.get(name);
    }
    return this.#kept.get(name)?.[index];
  }

  /** Whether the cells of a column are at hand. */
  has(name: ColumnName, slot: number): boolean {
    return this.#chunkOf(name, slot) !== undefined;
  }

  /** A value; NaN where it is not at hand. */
  read(name: ColumnName, slot: number, row: number): number {
    return this.#chunkOf(name, slot)?.read(slot % chunkBins, row) ?? Number.NaN;
  }

  /** Copies the cells of a slot to `out[offset..offset + rows)`; false where they are not at hand. */
  copyTo(name: ColumnName, slot: number, out: Float32Array, offset: number): boolean {
    const chunk = this.#chunkOf(name, slot);
    chunk?.copyTo(slot % chunkBins, out, offset);
    return chunk !== undefined;
  }

  /** Brings all columns of a slot to hand; null when there is nothing to wait for. */
  load(slot: number): Promise<void> | null {
    const index = Math.floor(slot / chunkBins);
    const page = this.#pages[index];
    if (page !== undefined && page.missing === null) {
      if (index !== this.#lastUsed) this.#use(index);
      return null;
    }
    return this.#isArchived[index] === 0 ? null : this.#loadPage(index);
  }

  /** Keeps these columns at hand for all bins, and no longer others; null when there is nothing to wait for. */
  keep(names: readonly ColumnName[]): Promise<void> | null {
    this.#bytes = null;
    for (const name of this.#kept.keys()) if (!names.includes(name)) this.#kept.delete(name);
    const added = names.filter((name) => this.#columns.has(name) && !this.#kept.has(name));
    for (const name of added)
      this.#kept.set(
        name,
        this.#pages.map((page) => page?.chunks.get(name)),
      );
    const isAside = (name: ColumnName) => (_: number, index: number) =>
      this.#isArchived[index] === 1 && this.#kept.get(name)?.[index] === undefined;
    const loading = added.filter((name) => this.#isArchived.some(isAside(name)));
    return loading.length === 0 ? null : Promise.all(loading.map((name) => this.#loadColumn(name))).then(() => {});
  }

  /** Gives up the archive. */
  close(): void {
    this.#archive?.close();
  }

  #add(index: number): Page {
    const chunks = new Map<ColumnName, CellChunk>();
    for (const [name, storage] of this.#columns) {
      const kept = this.#kept.get(name);
      const chunk = kept?.[index] ?? new CellChunk(this.#rows, storage);
      if (kept !== undefined) kept[index] = chunk;
      chunks.set(name, chunk);
    }
    const isAside = this.#isArchived[index] === 1;
    const page = { chunks, missing: isAside ? new Uint8Array(chunkBins).fill(1) : null, changes: 0, archivedAt: -1 };
    this.#pages[index] = page;
    if (isAside) void this.#loadPage(index);
    return page;
  }

  #loadPage(index: number): Promise<void> {
    const loading = this.#loading.get(index);
    if (loading !== undefined) return loading;
    const lost = () => {
      this.#isArchived[index] = 0;
    };
    const started = this.#readPage(index)
      .catch(lost)
      .then(() => void this.#loading.delete(index));
    this.#loading.set(index, started);
    return started;
  }

  async #readPage(index: number): Promise<void> {
    const read = await present(this.#archive ?? undefined).readPage(index, [...this.#columns.keys()]);
    const page = this.#pages[index];
    const chunks = new Map<ColumnName, CellChunk>();
    for (const [name, bytes] of read) chunks.set(name, this.#chunk(name, bytes));
    if (page === undefined) {
      for (const [name, kept] of this.#kept) {
        const own = kept[index] ?? chunks.get(name);
        kept[index] = own;
        if (own !== undefined) chunks.set(name, own);
      }
      this.#pages[index] = { chunks, missing: null, changes: 0, archivedAt: 0 };
    } else if (page.missing !== null) {
      for (const [name, chunk] of chunks) {
        for (const [at, isMissing] of page.missing.entries()) {
          if (isMissing === 1) page.chunks.get(name)?.takeFrom(chunk, at);
        }
      }
      page.missing = null;
    }
    this.#use(index);
  }

  async #loadColumn(name: ColumnName): Promise<void> {
    const read = await present(this.#archive ?? undefined)
      .readColumn(name)
      .catch(() => new Map<number, ChunkBytes>());
    const kept = this.#kept.get(name);
    if (kept === undefined) return;
    for (const [index, bytes] of read) kept[index] ??= this.#chunk(name, bytes);
    this.#bytes = null;
  }

  #chunk(name: ColumnName, bytes: ChunkBytes): CellChunk {
    return new CellChunk(this.#rows, present(this.#columns.get(name)), bytes);
  }

  #use(index: number): void {
    this.#used.delete(index);
    this.#used.add(index);
    this.#lastUsed = index;
    this.#putAside();
  }

  /** Archives the pages that were not used for long, and lets go of those that are archived. */
  #putAside(): void {
    this.#bytes = null;
    if (!this.#hasRoom) this.#giveUpDetails();
    let spare = this.#used.size - pagesAtHand;
    for (const index of [...this.#used]) {
      if (spare-- <= 0) return;
      const page = present(this.#pages[index]);
      if (page.missing !== null || this.#writing.has(index)) continue;
      if (page.archivedAt === page.changes) {
        this.#pages[index] = undefined;
        this.#used.delete(index);
      } else if (this.#hasRoom) void this.#writePage(index, page);
    }
  }

  async #writePage(index: number, page: Page): Promise<void> {
    const { changes } = page;
    this.#writing.add(index);
    try {
      const bytes = new Map([...page.chunks].map(([name, chunk]) => [name, chunk.bytes]));
      await present(this.#archive ?? undefined).write(index, bytes);
      page.archivedAt = changes;
      this.#isArchived[index] = 1;
    } catch {
      // The disk is full, or the browser keeps nothing for this page: it is kept in memory.
      this.#hasRoom = false;
    }
    this.#writing.delete(index);
    this.#putAside();
  }

  #giveUpDetails(): void {
    const details = [...this.#columns].filter(([, storage]) => storage === 'float16').map(([name]) => name);
    const sizeOf = (page: Page) => details.reduce((sum, name) => sum + (page.chunks.get(name)?.byteLength ?? 0), 0);
    const pages = [...this.#used].map((index) => present(this.#pages[index]));
    let bytes = pages.reduce((sum, page) => sum + sizeOf(page), 0);
    for (const page of pages) {
      if (bytes <= this.#detailBytes) return;
      bytes -= sizeOf(page);
      for (const name of details) page.chunks.delete(name);
    }
  }
}
