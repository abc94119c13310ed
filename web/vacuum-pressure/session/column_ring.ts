const chunkBins = 1024;

export type ColumnStorage = 'uint32' | 'float32' | 'float16' | 'int8';
export const storageBytes: Readonly<Record<ColumnStorage, number>> = { uint32: 4, float32: 4, float16: 2, int8: 1 };

type Cells = Uint32Array | Float32Array | Float16Array | Int8Array;

function allocate(storage: ColumnStorage, length: number): Cells {
  if (storage === 'uint32') return new Uint32Array(length);
  if (storage === 'float32') return new Float32Array(length);
  return storage === 'float16' ? new Float16Array(length) : new Int8Array(length);
}

/**
 * One grid column over `capacity` bins of `rows` cells. Memory is taken in chunks as bins arrive, so that a short
 * session is small. Half floats carry a power of two per bin, which keeps 11 bits of every value within 2^-14 of the
 * bin's largest one, whatever its unit.
 */
export class ColumnRing {
  readonly #rows: number;
  readonly #storage: ColumnStorage;
  readonly #chunks: (Cells | undefined)[];
  readonly #factors: Float64Array | null;

  constructor(rows: number, capacity: number, storage: ColumnStorage) {
    this.#rows = rows;
    this.#storage = storage;
    this.#chunks = new Array(Math.ceil(capacity / chunkBins));
    this.#factors = storage === 'float16' ? new Float64Array(capacity) : null;
  }

  /** Bytes of memory taken so far. */
  get bytes(): number {
    return this.#chunks.reduce((sum, chunk) => sum + (chunk?.byteLength ?? 0), this.#factors?.byteLength ?? 0);
  }

  /** Copies the `rows` cells of a bin into its slot. */
  write(slot: number, cells: ArrayLike<number> | ArrayLike<bigint>): void {
    const index = Math.floor(slot / chunkBins);
    let chunk = this.#chunks[index];
    if (chunk === undefined) {
      chunk = allocate(this.#storage, chunkBins * this.#rows);
      this.#chunks[index] = chunk;
    }
    const offset = (slot % chunkBins) * this.#rows;
    const factor = this.#factors === null ? 1 : powerOfTwo(cells as ArrayLike<number>, this.#rows);
    if (this.#factors !== null) this.#factors[slot] = 1 / factor;
    for (let row = 0; row < this.#rows; row++) chunk[offset + row] = Number(cells[row]) * factor;
  }

  /** The value at a slot and row; the slot must have been written. */
  read(slot: number, row: number): number {
    const chunk = this.#chunks[Math.floor(slot / chunkBins)]!;
    const value = chunk[(slot % chunkBins) * this.#rows + row]!;
    return this.#factors === null ? value : value * this.#factors[slot]!;
  }

  /** Copies the cells of a slot to `out[offset..offset + rows)`. */
  copyTo(slot: number, out: Float32Array, offset: number): void {
    const chunk = this.#chunks[Math.floor(slot / chunkBins)]!;
    const start = (slot % chunkBins) * this.#rows;
    if (this.#factors === null) {
      out.set(chunk.subarray(start, start + this.#rows), offset);
      return;
    }
    const factor = this.#factors[slot]!;
    for (let row = 0; row < this.#rows; row++) out[offset + row] = chunk[start + row]! * factor;
  }
}

/** The power of two that brings the largest of the cells just below 2^15, where half floats end. */
function powerOfTwo(cells: ArrayLike<number>, rows: number): number {
  let largest = 0;
  for (let row = 0; row < rows; row++) largest = Math.max(largest, Math.abs(cells[row]!));
  if (largest === 0) return 1;
  return 2 ** Math.max(-1000, Math.min(1000, 14 - Math.floor(Math.log2(largest))));
}
