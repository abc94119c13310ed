/** Bins of a chunk. */
export const chunkBins = 256;

export type ColumnStorage = 'uint32' | 'float32' | 'float16' | 'int8';
export const storageBytes: Readonly<Record<ColumnStorage, number>> = { uint32: 4, float32: 4, float16: 2, int8: 1 };

const arrays = { uint32: Uint32Array, float32: Float32Array, float16: Float16Array, int8: Int8Array } as const;
type Cells = InstanceType<(typeof arrays)[ColumnStorage]>;

/** The memory of a chunk, as it is put aside. */
export interface ChunkBytes {
  readonly cells: ArrayBuffer;
  readonly exponents: ArrayBuffer;
}

/**
 * `chunkBins` bins of a grid column of `rows` cells. Half floats carry a power of two per bin, which keeps 11 bits of every
 * value within 2^-14 of the bin's largest one, whatever its unit.
 */
export class CellChunk {
  readonly #rows: number;
  readonly #cells: Cells;
  /** Exponents of the powers of two by which a bin's cells are larger than they are kept; without any for other storages. */
  readonly #exponents: Int16Array;

  constructor(rows: number, storage: ColumnStorage, bytes?: ChunkBytes) {
    this.#rows = rows;
    this.#cells = new arrays[storage](bytes?.cells ?? new ArrayBuffer(chunkBins * rows * storageBytes[storage]));
    this.#exponents = new Int16Array(bytes?.exponents ?? new ArrayBuffer(storage === 'float16' ? 2 * chunkBins : 0));
  }

  get bytes(): ChunkBytes {
    return { cells: this.#cells.buffer as ArrayBuffer, exponents: this.#exponents.buffer as ArrayBuffer };
  }

  get byteLength(): number {
    return this.#cells.byteLength + this.#exponents.byteLength;
  }

  /** Copies the `rows` cells of a bin into place `at`. */
  write(at: number, cells: ArrayLike<number> | ArrayLike<bigint>): void {
    const own = this.#cells;
    const rows = this.#rows;
    const offset = at * rows;
    if (this.#exponents.length === 0) {
      for (let row = 0; row < rows; row++) own[offset + row] = Number(cells[row]);
      return;
    }
    const exponent = exponentOf(cells as ArrayLike<number>, rows);
    const factor = 2 ** -exponent;
    this.#exponents[at] = exponent;
    for (let row = 0; row < rows; row++) own[offset + row] = (cells[row] as number) * factor;
  }

  read(at: number, row: number): number {
    const value = this.#cells[at * this.#rows + row]!;
    return this.#exponents.length === 0 ? value : value * 2 ** this.#exponents[at]!;
  }

  /** Copies the cells of a bin to `out[offset..offset + rows)`. */
  copyTo(at: number, out: Float32Array, offset: number): void {
    const rows = this.#rows;
    const start = at * rows;
    if (this.#exponents.length === 0) {
      out.set(this.#cells.subarray(start, start + rows), offset);
      return;
    }
    const factor = 2 ** this.#exponents[at]!;
    for (let row = 0; row < rows; row++) out[offset + row] = this.#cells[start + row]! * factor;
  }

  /** Takes over a bin of another chunk of the same column. */
  takeFrom(other: CellChunk, at: number): void {
    const start = at * this.#rows;
    this.#cells.set(other.#cells.subarray(start, start + this.#rows), start);
    if (this.#exponents.length > 0) this.#exponents[at] = other.#exponents[at]!;
  }

  /** Makes all bins of a chunk of floats unknown. */
  forget(): this {
    this.#cells.fill(Number.NaN);
    return this;
  }
}

/** The exponent of the power of two by which the largest of the cells is just below 2^15, where half floats end. */
function exponentOf(cells: ArrayLike<number>, rows: number): number {
  let largest = 0;
  for (let row = 0; row < rows; row++) largest = Math.max(largest, Math.abs(cells[row]!));
  if (largest === 0) return 0;
  return -Math.max(-1000, Math.min(1000, 14 - Math.floor(Math.log2(largest))));
}
