/** Writes of which it is known when their bytes came. */
const keptWrites = 4096;
/** Numbers kept of a write: the offsets of its first byte and of the first behind it, and when its bytes came. */
const fields = 3;
/** The numbers stand behind the two counters and the file's length. */
const numbersAt = 16;

/**
 * What the writer of a recording tells the threads that read it: the newest writes and how many were begun, how far the file goes, and
 * a counter, raised behind each write, at which they wait.
 */
export type WriteLog = SharedArrayBuffer;

/** The parts of a log. */
class Parts {
  readonly counters: Int32Array<SharedArrayBuffer>;
  readonly size: Float64Array<SharedArrayBuffer>;
  readonly numbers: Float64Array<SharedArrayBuffer>;

  constructor(log: WriteLog) {
    this.counters = new Int32Array(log, 0, 2);
    this.size = new Float64Array(log, 8, 1);
    this.numbers = new Float64Array(log, numbersAt);
  }

  /** The counter wraps at 2^32; what is counted does too. */
  get begun(): number {
    return Atomics.load(this.counters, 1) >>> 0;
  }
}

/** The writer's end of a log. */
export class WriteLogWriter {
  readonly log: WriteLog = new SharedArrayBuffer(numbersAt + keptWrites * fields * 8);
  readonly #parts = new Parts(this.log);

  /**
   * Says what is to be written: a reader may find it in the file before the writer knows that it is there.
   * @param readMs when the bytes were read from the socket, UNIX milliseconds; NaN where they come from elsewhere
   */
  begin(startByteOffset: number, endByteOffset: number, readMs: number): void {
    const { begun, numbers, counters } = this.#parts;
    numbers.set([startByteOffset, endByteOffset, readMs], (begun % keptWrites) * fields);
    Atomics.add(counters, 1, 1);
  }

  /** Says that the file has grown to this length. */
  done(sizeBytes: number): void {
    const { counters, size } = this.#parts;
    size[0] = sizeBytes;
    Atomics.add(counters, 0, 1);
    Atomics.notify(counters, 0);
  }
}

/** A reader's end of a log, which goes forward. */
export class WriteLogReader {
  readonly #parts: Parts;
  /** The write to look at next; those before it end before every offset that is asked for. */
  #next = 0;

  constructor(log: WriteLog) {
    this.#parts = new Parts(log);
  }

  /** Writes that were done so far, to be given to `grown`. */
  get count(): number {
    return Atomics.load(this.#parts.counters, 0);
  }

  /** The file's length behind the newest write; 0 before the first. */
  get sizeBytes(): number {
    return this.#parts.size[0] ?? 0;
  }

  /** Waits until other than `seen` writes are done, for `limitMs` at most. */
  async grown(seen: number, limitMs: number): Promise<void> {
    await Atomics.waitAsync(this.#parts.counters, 0, seen, limitMs).value;
  }

  /**
   * When the record at an offset was read from the socket, UNIX milliseconds; NaN where that is not known any more, or never was.
   * Offsets go up from call to call.
   */
  readMs(byteOffset: number): number {
    const { begun, numbers } = this.#parts;
    // The oldest ones may be overwritten while they are read.
    this.#next = Math.max(this.#next, begun - keptWrites / 2);
    for (; this.#next < begun; this.#next++) {
      const at = (this.#next % keptWrites) * fields;
      const [start = 0, end = 0, readMs = Number.NaN] = numbers.subarray(at, at + fields);
      if (byteOffset < end) return byteOffset >= start ? readMs : Number.NaN;
    }
    return Number.NaN;
  }
}
