import { type RecordBatch, sliceBatch } from '../dbn/index.ts';
import type { Engine } from '../engine/index.ts';
import { assert, SpymasterError } from '../errors.ts';
import type { RecordSource } from '../files/index.ts';

/** Records given to the engine at a time: bounds how coarse the timings are and how long other work waits. */
const sliceRecords = 512;

/** Why a replay stopped: it did not yet (null), the end of the capture, or a file that cannot be read on. */
export type ReplayEnd =
  | null
  | { readonly kind: 'eof'; readonly binCount: number }
  | { readonly kind: 'failed'; readonly message: string };

/** Wall clock moments of a bin's making, UNIX milliseconds; NaN for events that the bin does not have. */
export interface BinTiming {
  readonly firstEventMs: number;
  readonly lastEventMs: number;
  readonly readyMs: number;
}

/** A moment of a replay that can be gone on from: the engine's state and the first record that it has not seen. */
export interface Checkpoint {
  /** The next bin that the engine closes. */
  readonly nextSeq: number;
  /** Offset in the decompressed stream of the next record. */
  readonly byteOffset: number;
  readonly state: Uint8Array;
}

export interface ReplayCursorOptions {
  readonly engine: Engine;
  readonly source: RecordSource;
  /** Offset in the decompressed stream at which the engine goes on. */
  readonly byteOffset: number;
  /** The next bin that the engine closes. */
  readonly nextSeq: number;
  /** UNIX time in milliseconds. */
  readonly nowMs: () => number;
  /** Awaited before each slice of records is applied; when it throws, the slice is left for the next `advance`. */
  readonly beforeSlice: (slice: RecordBatch) => Promise<void>;
}

/** A replay that goes from bin to bin: a file being read, and the engine that is fed with it. */
export class ReplayCursor {
  readonly engine: Engine;
  readonly #options: ReplayCursorOptions;
  readonly #batches: AsyncIterator<RecordBatch>;
  #batch: RecordBatch | null = null;
  #slice: RecordBatch | null = null;
  /** Records of the batch that are in this or an earlier slice, and records of the slice that were applied. */
  #sliced = 0;
  #index = 0;
  #nextSeq: number;
  #end: ReplayEnd = null;
  #firstEventMs = Number.NaN;
  #lastEventMs = Number.NaN;
  #byteOffset: number;
  timing: BinTiming = { firstEventMs: Number.NaN, lastEventMs: Number.NaN, readyMs: Number.NaN };

  constructor(options: ReplayCursorOptions) {
    this.#options = options;
    this.engine = options.engine;
    this.#batches = options.source[Symbol.asyncIterator]();
    this.#nextSeq = options.nextSeq;
    this.#byteOffset = options.byteOffset;
  }

  /** The bin that `advance` gives next. */
  get nextSeq(): number {
    return this.#nextSeq;
  }

  /** Why there is no further bin; null while there may be one. */
  get end(): ReplayEnd {
    return this.#end;
  }

  /** Offset of the first record that the engine has not applied. */
  get byteOffset(): number {
    return this.#byteOffset;
  }

  /**
   * Replays to the next bin's end, which `engine.bin`, `engine.frame` and `timing` then hold; false at the end of the
   * stream. A file that cannot be read on ends the stream after its last whole bin.
   */
  async advance(): Promise<boolean> {
    while (this.#end === null) {
      if (this.#slice === null) {
        if (await this.#nextSlice()) continue;
        if (this.#end !== null) break;
        const closed = this.engine.finish();
        return this.#took(closed, true);
      }
      if (this.#ingest()) return true;
    }
    await this.close();
    return false;
  }

  /** Closes the file. */
  close(): Promise<void> {
    return this.#options.source.close();
  }

  /** Feeds the engine from the slice; true when that closed a bin. */
  #ingest(): boolean {
    const slice = this.#slice!;
    const startMs = this.#options.nowMs();
    const next = this.engine.ingest(slice, this.#index);
    if (next > this.#index) {
      if (Number.isNaN(this.#firstEventMs)) this.#firstEventMs = startMs;
      this.#lastEventMs = startMs;
      this.#byteOffset += (next - this.#index) * slice.recordBytes;
    }
    this.#index = next;
    if (next === slice.count) this.#slice = null;
    const { binReady, done } = this.engine;
    return binReady || done ? this.#took(binReady, done) : false;
  }

  #took(closed: boolean, isLast: boolean): boolean {
    if (closed) {
      const { seq, eventCount } = this.engine.bin;
      assert(seq === this.#nextSeq, 'the engine closes one bin after the other');
      const hasEvents = eventCount > 0;
      this.timing = {
        firstEventMs: hasEvents ? this.#firstEventMs : Number.NaN,
        lastEventMs: hasEvents ? this.#lastEventMs : Number.NaN,
        readyMs: this.#options.nowMs(),
      };
      this.#firstEventMs = Number.NaN;
      this.#nextSeq++;
    }
    if (isLast) this.#end = { kind: 'eof', binCount: this.#nextSeq };
    return closed;
  }

  async #nextSlice(): Promise<boolean> {
    if (this.#batch === null || this.#sliced === this.#batch.count) {
      try {
        const next = await this.#batches.next();
        if (next.done === true) return false;
        this.#batch = next.value;
        this.#sliced = 0;
      } catch (error) {
        if (!(error instanceof SpymasterError)) throw error;
        this.#end = { kind: 'failed', message: error.message };
        return false;
      }
    }
    const count = Math.min(sliceRecords, this.#batch.count - this.#sliced);
    const slice = sliceBatch(this.#batch, this.#sliced, count);
    await this.#options.beforeSlice(slice);
    this.#byteOffset = slice.byteOffset;
    this.#sliced += slice.count;
    this.#slice = slice;
    this.#index = 0;
    return true;
  }
}
