import { type RecordBatch, sliceBatch } from '../dbn/index.ts';
import type { Engine } from './engine.ts';

export interface DriveOptions {
  /** Records given to the engine at a time: bounds how long it computes between two hooks; whole batches by default. */
  readonly sliceRecords?: number;
  /** Awaited before a slice is applied. When it throws, the next `advance` begins with the same slice. */
  readonly beforeSlice?: (slice: RecordBatch) => Promise<void> | undefined;
  /** Awaited after a slice, of which the first `used` records were read: all, or up to the one that reaches the capture's end. */
  readonly afterSlice?: (slice: RecordBatch, used: number) => Promise<void> | undefined;
}

/**
 * Replays batches of records through an engine, from bin to bin, at the caller's pace. Bins are the same whatever the slices. A
 * slice is a view, valid until its `afterSlice` is over.
 */
export class Drive {
  readonly engine: Engine;
  readonly #options: DriveOptions;
  readonly #batches: AsyncIterator<RecordBatch>;
  #batch: RecordBatch | null = null;
  /** Records of the batch that are in this or an earlier slice. */
  #sliced = 0;
  #slice: RecordBatch | null = null;
  /** Records of the slice that were applied. */
  #index = 0;
  #recordCount = 0;
  #byteOffset = 0;
  #endsWithBatches = false;

  constructor(engine: Engine, batches: AsyncIterable<RecordBatch>, options: DriveOptions = {}) {
    this.engine = engine;
    this.#options = options;
    this.#batches = batches[Symbol.asyncIterator]();
  }

  /** Records that the engine has applied or left out. */
  get recordCount(): number {
    return this.#recordCount;
  }

  /** Offset in the decompressed stream of the first record that the engine has not seen; 0 before the first slice. */
  get byteOffset(): number {
    return this.#byteOffset;
  }

  /** Whether the batches ended before a record reached the capture's end. */
  get endsWithBatches(): boolean {
    return this.#endsWithBatches;
  }

  /**
   * Replays to the next bin's end, which `engine.bin` and `engine.frame` then hold; false behind the last bin, when the batches
   * are closed. Throws what the batches, the hooks and the engine throw, and leaves the batches open then.
   */
  async advance(): Promise<boolean> {
    const { engine } = this;
    const { afterSlice } = this.#options;
    for (;;) {
      const slice = this.#slice ?? (await this.#nextSlice());
      if (slice === null) return await this.#finish();
      if (!engine.done && this.#apply(slice)) return true;
      this.#slice = null;
      const wait = afterSlice?.(slice, engine.done ? this.#index + 1 : slice.count);
      if (wait !== undefined) await wait;
    }
  }

  /** Applies records of the slice; true when that closed a bin. */
  #apply(slice: RecordBatch): boolean {
    const index = this.engine.ingest(slice, this.#index);
    this.#recordCount += index - this.#index;
    this.#byteOffset += (index - this.#index) * slice.recordBytes;
    this.#index = index;
    return this.engine.binReady;
  }

  /** Null behind the capture's end and at the end of the batches. */
  async #nextSlice(): Promise<RecordBatch | null> {
    if (this.engine.done) return null;
    if (this.#batch === null || this.#sliced === this.#batch.count) {
      const next = await this.#batches.next();
      this.#endsWithBatches = next.done === true;
      if (next.done === true) return null;
      this.#batch = next.value;
      this.#sliced = 0;
    }
    const { sliceRecords = this.#batch.count, beforeSlice } = this.#options;
    const slice = sliceBatch(this.#batch, this.#sliced, Math.min(sliceRecords, this.#batch.count - this.#sliced));
    this.#byteOffset = slice.byteOffset;
    const wait = beforeSlice?.(slice);
    if (wait !== undefined) await wait;
    this.#sliced += slice.count;
    this.#slice = slice;
    this.#index = 0;
    return slice;
  }

  /** Ends the engine's input, whose last bin may be open, or closes the batches of which more could have come. */
  async #finish(): Promise<boolean> {
    if (!this.engine.done) return this.engine.finish();
    await this.#batches.return?.();
    return false;
  }
}
