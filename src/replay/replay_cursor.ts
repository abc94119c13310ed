import type { RecordBatch } from '../dbn/index.ts';
import { Drive, type Engine } from '../engine/index.ts';
import { assert, SpymasterError } from '../errors.ts';
import type { RecordSource } from '../files/index.ts';

/** Records given to the engine at a time: bounds how coarse the timings are and how long other work waits. */
const sliceRecords = 512;

/** Why a replay stopped: it did not yet (null), the end of the capture, or a file that cannot be read on, or a signal of the user that failed. */
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
  readonly #drive: Drive;
  /** The error that ended the reading; those of hooks and engine are others. */
  #readError: unknown = null;
  #nextSeq: number;
  #end: ReplayEnd = null;
  /** When the records that are being applied were given to the engine, and how many were applied before them. */
  #startMs = Number.NaN;
  #startCount = 0;
  #firstEventMs = Number.NaN;
  #lastEventMs = Number.NaN;
  timing: BinTiming = { firstEventMs: Number.NaN, lastEventMs: Number.NaN, readyMs: Number.NaN };

  constructor(options: ReplayCursorOptions) {
    this.#options = options;
    this.engine = options.engine;
    this.#nextSeq = options.nextSeq;
    this.#drive = new Drive(this.engine, this.#batches(), {
      sliceRecords,
      beforeSlice: async (slice) => {
        await options.beforeSlice(slice);
        this.#startApplying();
      },
      afterSlice: () => this.#noteApplied(),
    });
  }

  /** The bin that `advance` gives next. */
  get nextSeq(): number {
    return this.#nextSeq;
  }

  /** Why there is no further bin; null while there may be one. */
  get end(): ReplayEnd {
    return this.#end;
  }

  /** Offset of the first record that the engine has not applied, once a bin was closed. */
  get byteOffset(): number {
    return this.#drive.byteOffset;
  }

  /**
   * Replays to the next bin's end, which `engine.bin`, `engine.frame` and `timing` then hold; false at the end of the
   * stream. A file that cannot be read on, or a user's signal that fails, ends the stream after its last whole bin.
   */
  async advance(): Promise<boolean> {
    if (this.#end === null && (await this.#nextBin())) return true;
    await this.close();
    return false;
  }

  /** Closes the file. */
  close(): Promise<void> {
    return this.#options.source.close();
  }

  async *#batches(): AsyncGenerator<RecordBatch, void, undefined> {
    try {
      yield* this.#options.source;
    } catch (error) {
      this.#readError = error;
      throw error;
    }
  }

  async #nextBin(): Promise<boolean> {
    this.#startApplying();
    try {
      const closed = await this.#drive.advance();
      if (closed) this.#takeBin();
      if (this.engine.done) this.#end = { kind: 'eof', binCount: this.#nextSeq };
      return closed;
    } catch (error) {
      if (!(error instanceof SpymasterError)) throw error;
      // A signal of the user that fails ends what it is the signal of, as a file does that cannot be read on.
      if (error !== this.#readError && error.code !== 'SIGNAL_FAILED') throw error;
      this.#end = { kind: 'failed', message: error.message };
      return false;
    }
  }

  #takeBin(): void {
    this.#noteApplied();
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

  #startApplying(): void {
    this.#startMs = this.#options.nowMs();
    this.#startCount = this.#drive.recordCount;
  }

  #noteApplied(): undefined {
    if (this.#drive.recordCount === this.#startCount) return;
    if (Number.isNaN(this.#firstEventMs)) this.#firstEventMs = this.#startMs;
    this.#lastEventMs = this.#startMs;
  }
}
