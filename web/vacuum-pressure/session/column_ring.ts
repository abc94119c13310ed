import { CellChunk, type ColumnStorage, chunkBins } from './cell_chunk.ts';

/**
 * Columns of `rows` cells by slot of a ring of `capacity`. Memory is taken in chunks as columns arrive, so that a short
 * session is small.
 */
export class ColumnRing {
  readonly #rows: number;
  readonly #storage: ColumnStorage;
  readonly #chunks: (CellChunk | undefined)[];

  constructor(rows: number, capacity: number, storage: ColumnStorage) {
    this.#rows = rows;
    this.#storage = storage;
    this.#chunks = new Array(Math.ceil(capacity / chunkBins));
  }

  /** Copies the `rows` cells of a column into its slot. */
  write(slot: number, cells: ArrayLike<number>): void {
    const index = Math.floor(slot / chunkBins);
    let chunk = this.#chunks[index];
    if (chunk === undefined) {
      chunk = new CellChunk(this.#rows, this.#storage);
      this.#chunks[index] = chunk;
    }
    chunk.write(slot % chunkBins, cells);
  }

  /** The value at a slot and row; the slot must have been written. */
  read(slot: number, row: number): number {
    return this.#chunks[Math.floor(slot / chunkBins)]!.read(slot % chunkBins, row);
  }

  /** Copies the cells of a slot to `out[offset..offset + rows)`. */
  copyTo(slot: number, out: Float32Array, offset: number): void {
    this.#chunks[Math.floor(slot / chunkBins)]!.copyTo(slot % chunkBins, out, offset);
  }
}
