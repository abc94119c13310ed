import type { DepthFrame, DepthLevels } from '../../../src/wire/index.ts';
import { ColumnRing } from './column_ring.ts';

/** Ticks that a column of the book holds: those around its middle. */
export const bookRows = 2048;
/** Columns of either ring. */
export const bookColumns = 4096;
/** Bins of older stretches that share a column, that of the first of them that arrived. */
export const sampleBins = 64;

type LevelSizes = Pick<DepthLevels, 'ticks' | 'sizes'>;

/** The levels of a depth frame. */
export interface BookSizes extends Pick<DepthFrame, 'seq'> {
  readonly bids: LevelSizes;
  readonly asks: LevelSizes;
}

/**
 * The book far from spot, by tick and time: of the last `bookColumns` bins each, and for the whole of a session one bin in
 * `sampleBins`. Sizes are sums of order sizes.
 */
export class BookDepth {
  readonly recent = new BookColumns();
  readonly samples = new BookColumns();
  readonly #column = new Float32Array(bookRows);
  /** Lowest tick of the column put last; null before the first. */
  #base: number | null = null;

  put({ seq, bids, asks }: BookSizes): void {
    const ends = [bids, asks].flatMap(({ ticks }) => [...ticks.subarray(0, 1)]);
    if (ends.length === 0) {
      // A book without orders, as in a gap of the recording: nothing rests where something did.
      if (this.#base !== null) this.recent.put(seq, this.#base, this.#column.fill(0));
      return;
    }
    const base = Math.round(ends.reduce((sum, tick) => sum + tick, 0) / ends.length) - bookRows / 2;
    this.#base = base;
    const column = this.#column.fill(0);
    for (const { ticks, sizes } of [bids, asks]) {
      for (let level = 0; level < ticks.length; level++) {
        const row = ticks[level]! - base;
        if (row >= 0 && row < bookRows) column[row]! += sizes[level]!;
      }
    }
    this.recent.put(seq, base, column);
    const block = Math.floor(seq / sampleBins);
    if (!this.samples.has(block)) this.samples.put(block, base, column);
  }

  /** The size resting at a tick at a bin; NaN where it is not known. */
  value(seq: number, tick: number): number {
    const own = this.recent.value(seq, tick);
    return Number.isNaN(own) ? this.samples.value(Math.floor(seq / sampleBins), tick) : own;
  }
}

/** Columns of the book by number, in a ring. */
export class BookColumns {
  readonly #numbers = new Int32Array(bookColumns).fill(-1);
  readonly #bases = new Int32Array(bookColumns);
  readonly #cells = new ColumnRing(bookRows, bookColumns, 'float16');
  #changes = 0;
  readonly #changedAt = new Float64Array(bookColumns);

  /** Counts columns as they are put. */
  get changes(): number {
    return this.#changes;
  }

  put(number: number, base: number, column: Float32Array): void {
    const slot = number % bookColumns;
    this.#numbers[slot] = number;
    this.#bases[slot] = base;
    this.#changedAt[slot] = ++this.#changes;
    this.#cells.write(slot, column);
  }

  has(number: number): boolean {
    return this.#numbers[number % bookColumns] === number;
  }

  /** Calls `each` with every slot that was put after `changes`, its number and its lowest tick. */
  forChanged(changes: number, each: (slot: number, number: number, base: number) => void): void {
    if (changes === this.#changes) return;
    for (let slot = 0; slot < bookColumns; slot++) {
      if (this.#changedAt[slot]! > changes) each(slot, this.#numbers[slot]!, this.#bases[slot]!);
    }
  }

  /** Copies the `bookRows` sizes of a slot. */
  copyTo(slot: number, out: Float32Array): void {
    this.#cells.copyTo(slot, out, 0);
  }

  /** The size at a tick; NaN where the column is not held, or does not reach as far. */
  value(number: number, tick: number): number {
    if (number < 0 || !this.has(number)) return Number.NaN;
    const slot = number % bookColumns;
    const row = tick - this.#bases[slot]!;
    return row >= 0 && row < bookRows ? this.#cells.read(slot, row) : Number.NaN;
  }
}
