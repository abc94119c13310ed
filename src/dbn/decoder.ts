import { assert, SpymasterError } from '../errors.ts';
import type { RecordBatch } from './batch.ts';
import { headerBytes } from './codes.ts';
import type { Metadata } from './metadata.ts';
import { decodeMetadata, readMetadataPrefix, truncatedMetadata } from './metadata_decode.ts';
import { minRecordBytes } from './min_record_bytes.ts';
import { plainBytes } from './plain_bytes.ts';

/** Longest run that `next` returns: a batch is walked twice (here and by its reader) and should stay in the L2 cache. */
const maxBatchBytes = 128 * 1024;
/** Bytes that are copied at a time when a chunk's records do not lie on 4-byte boundaries. */
const scratchBytes = 64 * 1024;

export interface DecoderOptions {
  /** True for a fragment: records from the first byte, no metadata. */
  readonly fragment?: boolean;
  /** Metadata that came by another way (DBZ): records from the first byte, as many as it says. */
  readonly metadata?: Metadata;
  /** Offset in its stream at which a fragment starts, for batches and errors to count from; 0 by default. */
  readonly byteOffset?: number;
}

/**
 * Turns the bytes of an uncompressed DBN stream (versions 1 to 3) into metadata and runs of records; does no I/O.
 *
 *     const decoder = new DbnDecoder();
 *     for (const chunk of chunks) {
 *       decoder.push(chunk);
 *       for (let batch = decoder.next(); batch !== null; batch = decoder.next()) use(batch);
 *     }
 *     decoder.end();
 *
 * Holds no more than one record, or the metadata, besides the chunk. Records that lie on 4-byte boundaries are handed
 * out as views into the chunk itself, others are copied through a buffer of 64 KiB: a batch is valid until the next call.
 */
export class DbnDecoder {
  #metadata: Metadata | null = null;
  /** Holds the `#headBytes` bytes of metadata that have arrived; null once it is decoded. */
  #head: Uint8Array | null = new Uint8Array(0);
  #headBytes = 0;

  #chunk: Uint8Array = new Uint8Array(0);
  /** First byte of the chunk that is neither in the window nor consumed. */
  #position = 0;
  /** Aligned bytes that records are read from: the chunk's own memory or the scratch buffer. */
  #window: Uint8Array = new Uint8Array(0);
  #words: Uint32Array = new Uint32Array(0);
  /** First byte of the window that is not consumed, and the window's place in the stream. */
  #at = 0;
  #windowOffset = 0;
  /** Records that metadata from elsewhere promises and that have not come. */
  #recordsDue: number;
  readonly #isCounted: boolean;
  #scratch: Uint8Array | null = null;

  constructor(options: DecoderOptions = {}) {
    if (options.fragment === true || options.metadata !== undefined) this.#head = null;
    this.#metadata = options.metadata ?? null;
    this.#recordsDue = Number(options.metadata?.recordCount ?? 0);
    this.#isCounted = (options.metadata?.recordCount ?? null) !== null;
    this.#windowOffset = options.byteOffset ?? 0;
  }

  /** The stream's metadata; null until `next` has seen all of it, and always for a fragment without. */
  get metadata(): Metadata | null {
    return this.#metadata;
  }

  /** Offset in the stream of the first byte that has not been handed out. */
  get byteOffset(): number {
    return this.#windowOffset + this.#at;
  }

  /** Takes the next bytes of the stream; `next` must have returned null, and the chunk stays unchanged until it does. */
  push(chunk: Uint8Array): void {
    assert(this.#position === this.#chunk.length, 'DbnDecoder.next() was called until it returned null before push()');
    this.#chunk = plainBytes(chunk);
    this.#position = 0;
  }

  /**
   * The next run of whole records of one type and length, or null when more bytes are needed.
   *
   * Throws DBN_NOT_DBN, DBN_UNSUPPORTED or DBN_CORRUPT with the byte offset, after all records before it were returned.
   */
  next(): RecordBatch | null {
    if (this.#head !== null && !this.#readMetadata()) return null;
    for (;;) {
      const left = this.#window.length - this.#at;
      if (left > 0) {
        const recordBytes = this.#window[this.#at]! * 4;
        if (recordBytes < headerBytes) throw this.#corrupt(recordBytes, headerBytes);
        if (left >= recordBytes) return this.#run(recordBytes);
      }
      if (!this.#refill(left)) return null;
    }
  }

  /**
   * Says that the stream is over, after `next` returned null.
   *
   * Throws DBN_TRUNCATED with the byte offset of the record (or metadata) that is not all there.
   */
  end(): void {
    if (this.#head !== null) {
      const expected = this.#headBytes < 8 ? 8 : readMetadataPrefix(this.#head).totalBytes;
      throw truncatedMetadata(this.#headBytes, expected);
    }
    assert(this.#position === this.#chunk.length, 'DbnDecoder.next() was called until it returned null before end()');
    const gotBytes = this.#window.length - this.#at;
    if (gotBytes === 0 && this.#recordsDue <= 0) return;
    if (gotBytes === 0) {
      throw new SpymasterError(
        'DBN_TRUNCATED',
        `Cannot decode the record at byte ${this.byteOffset}: expected ${this.#recordsDue} more, as the metadata says. ` +
          'The stream was cut: fetch the file again.',
        { byteOffset: this.byteOffset, recordsDue: this.#recordsDue },
      );
    }
    if (gotBytes >= 4 && isDbnHeader(this.#words[this.#at >>> 2]!)) throw this.#secondHeader();
    const expectedBytes = this.#window[this.#at]! * 4;
    throw new SpymasterError(
      'DBN_TRUNCATED',
      `Cannot decode the record at byte ${this.byteOffset}: expected ${expectedBytes} bytes, got ${gotBytes}. ` +
        'The stream was cut: fetch the file again.',
      { byteOffset: this.byteOffset, gotBytes, expectedBytes },
    );
  }

  #tooMany(): SpymasterError {
    const { recordCount } = this.#metadata!;
    return new SpymasterError(
      'DBN_CORRUPT',
      `Cannot decode the records before byte ${this.byteOffset}: expected ${recordCount} in all, as the metadata says, got more. ` +
        'Something was appended to the file: fetch it again.',
      { byteOffset: this.byteOffset, recordCount: String(recordCount) },
    );
  }

  #readMetadata(): boolean {
    if (!this.#takeHead(8)) return false;
    const { totalBytes } = readMetadataPrefix(this.#head!);
    if (!this.#takeHead(totalBytes)) return false;
    this.#metadata = decodeMetadata(this.#head!.subarray(0, totalBytes));
    this.#head = null;
    this.#windowOffset = totalBytes;
    return true;
  }

  /** Takes bytes of the chunk until the head has `wanted`; its memory grows with what is there, not with what is claimed. */
  #takeHead(wanted: number): boolean {
    const taken = Math.min(wanted - this.#headBytes, this.#chunk.length - this.#position);
    if (taken > 0) {
      const bytes = this.#headBytes + taken;
      if (bytes > this.#head!.length) {
        const larger = new Uint8Array(Math.min(wanted, Math.max(bytes, 2 * this.#head!.length)));
        larger.set(this.#head!.subarray(0, this.#headBytes));
        this.#head = larger;
      }
      this.#head!.set(this.#chunk.subarray(this.#position, this.#position + taken), this.#headBytes);
      this.#headBytes = bytes;
      this.#position += taken;
    }
    return this.#headBytes >= wanted;
  }

  #run(recordBytes: number): RecordBatch {
    const words = this.#words;
    const stride = recordBytes >>> 2;
    const first = this.#at >>> 2;
    const lengthAndRtype = words[first]! & 0xffff;
    const rtype = lengthAndRtype >>> 8;
    if (isDbnHeader(words[first]!)) throw this.#secondHeader();
    const leastBytes = minRecordBytes[rtype]! + (this.#metadata?.tsOut === true ? 8 : 0);
    if (recordBytes < leastBytes) throw this.#corrupt(recordBytes, leastBytes);
    const end = Math.min(words.length, first + ((maxBatchBytes / recordBytes) | 0) * stride) - stride;
    let word = first + stride;
    while (word <= end && (words[word]! & 0xffff) === lengthAndRtype) word += stride;
    const batch: RecordBatch = {
      rtype,
      recordBytes,
      count: (word - first) / stride,
      bytes: this.#window.subarray(this.#at, word << 2),
      words: words.subarray(first, word),
      byteOffset: this.byteOffset,
    };
    if (this.#isCounted && batch.count > this.#recordsDue) throw this.#tooMany();
    this.#at = word << 2;
    this.#recordsDue -= batch.count;
    return batch;
  }

  /** Gives the window more bytes behind the `left` that it still has; false when the chunk has none. */
  #refill(left: number): boolean {
    const chunk = this.#chunk;
    const remaining = chunk.length - this.#position;
    this.#windowOffset += this.#at;
    if (left === 0 && remaining > 0 && (chunk.byteOffset + this.#position) % 4 === 0) {
      this.#setWindow(chunk.subarray(this.#position));
      this.#position = chunk.length;
      return true;
    }
    this.#scratch ??= new Uint8Array(scratchBytes);
    const scratch = this.#scratch;
    scratch.set(this.#window.subarray(this.#at, this.#at + left));
    // Finish one record and go on without copying if the chunk is aligned behind it.
    const toFinish = left === 0 ? 0 : scratch[0]! * 4 - left;
    const alignedAfter = toFinish > 0 && (chunk.byteOffset + this.#position + toFinish) % 4 === 0;
    const taken = Math.min(alignedAfter ? toFinish : scratch.length - left, remaining);
    scratch.set(chunk.subarray(this.#position, this.#position + taken), left);
    this.#position += taken;
    this.#setWindow(scratch.subarray(0, left + taken));
    return taken > 0;
  }

  #setWindow(window: Uint8Array): void {
    this.#window = window;
    this.#words = new Uint32Array(window.buffer, window.byteOffset, window.length >>> 2);
    this.#at = 0;
  }

  #secondHeader(): SpymasterError {
    const { byteOffset } = this;
    return new SpymasterError(
      'DBN_CORRUPT',
      `Cannot decode the record at byte ${byteOffset}: a second DBN header starts there, so these are two files in one; ` +
        'take them apart and give one, or join them with `spymaster dbn merge`.',
      { byteOffset },
    );
  }

  #corrupt(recordBytes: number, expectedBytes: number): SpymasterError {
    const { byteOffset } = this;
    return new SpymasterError(
      'DBN_CORRUPT',
      `Cannot decode the record at byte ${byteOffset}: expected a length of at least ${expectedBytes} bytes, ` +
        `its header says ${recordBytes}. The file is damaged: fetch it again.`,
      { byteOffset, recordBytes, expectedBytes },
    );
  }
}

/** Whether a word is the start of a DBN stream: "DBN" and a version. No record starts so: there is no rtype 0x42. */
function isDbnHeader(word: number): boolean {
  const version = word >>> 24;
  return (word & 0xffffff) === 0x4e4244 && version >= 1 && version <= 3;
}
