import { present, SpymasterError } from './errors.ts';

/** 'SPYS' as a little-endian word. */
const magic = 0x53595053;
const version = 6;
const headerBytes = 16;

type NumberArray = Float64Array | Uint32Array | Int32Array | Uint8Array;

/**
 * MurmurHash3 (A. Appleby, x86_32) over 32-bit words; guards a state against torn and flipped bytes, not against forgery. Its
 * rotations carry high bits down: without them, changes of the highest bytes of two words undo each other too easily.
 */
function checksum(words: Uint32Array, from: number): number {
  let hash = 0;
  for (let i = from; i < words.length; i++) {
    const word = Math.imul(present(words[i]), 0xcc9e2d51);
    hash ^= Math.imul((word << 15) | (word >>> 17), 0x1b873593);
    hash = (Math.imul((hash << 13) | (hash >>> 19), 5) + 0xe6546b64) | 0;
  }
  hash ^= (words.length - from) * 4;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/**
 * Writes numbers and typed arrays one after the other; `StateReader` gives them back in the same order, bit for bit.
 * Layout: magic, version, checksum, byte length (u32 each), then each item as its byte length (f64) and its bytes
 * padded to 8.
 */
export class StateWriter {
  #items: NumberArray[] = [];
  #bytes = headerBytes;

  number(value: number): void {
    this.array(Float64Array.of(value));
  }

  /** The array is copied when `finish` is called, not before. */
  array(values: NumberArray): void {
    this.#items.push(values);
    this.#bytes += 8 + Math.ceil(values.byteLength / 8) * 8;
  }

  finish(): Uint8Array {
    const bytes = new Uint8Array(this.#bytes);
    const lengths = new Float64Array(bytes.buffer);
    let at = headerBytes;
    for (const item of this.#items) {
      lengths[at / 8] = item.byteLength;
      bytes.set(new Uint8Array(item.buffer, item.byteOffset, item.byteLength), at + 8);
      at += 8 + Math.ceil(item.byteLength / 8) * 8;
    }
    const words = new Uint32Array(bytes.buffer);
    words.set([magic, version, checksum(words, headerBytes / 4), bytes.length]);
    return bytes;
  }
}

/**
 * Reads what `StateWriter` wrote. @throws STATE_INVALID for bytes that it did not write, whole and unchanged, and where other
 * items are asked for than were written
 */
export class StateReader {
  #bytes: Uint8Array;
  #at = headerBytes;

  constructor(bytes: Uint8Array) {
    if (bytes.length < headerBytes || bytes.length % 8 !== 0) throw invalid(`${bytes.length} bytes are no whole state`);
    this.#bytes = bytes.byteOffset % 8 === 0 ? bytes : bytes.slice();
    const words = new Uint32Array(this.#bytes.buffer, this.#bytes.byteOffset, this.#bytes.length / 4);
    if (words[0] !== magic) throw invalid('the magic word is missing');
    if (words[1] !== version) {
      throw invalid(`version ${words[1]} was written by another release, this one reads ${version}`);
    }
    if (words[3] !== bytes.length) throw invalid(`expected ${words[3]} bytes, got ${bytes.length}`);
    if (words[2] !== checksum(words, headerBytes / 4)) throw invalid('the checksum does not match');
  }

  number(): number {
    return present(this.float64s()[0]);
  }

  /** A view into the state's bytes, valid as long as they are. */
  float64s(): Float64Array {
    const [at, length] = this.#next(8);
    return new Float64Array(this.#bytes.buffer, at, length / 8);
  }

  /** A view into the state's bytes, valid as long as they are. */
  uint32s(): Uint32Array {
    const [at, length] = this.#next(4);
    return new Uint32Array(this.#bytes.buffer, at, length / 4);
  }

  /** A view into the state's bytes, valid as long as they are. */
  int32s(): Int32Array {
    const [at, length] = this.#next(4);
    return new Int32Array(this.#bytes.buffer, at, length / 4);
  }

  /** Says that nothing more is asked for. */
  end(): void {
    if (this.#at !== this.#bytes.length) throw this.#otherKind();
  }

  #next(elementBytes: number): [byteOffset: number, byteLength: number] {
    const left = this.#bytes.length - this.#at - 8;
    if (left < 0) throw this.#otherKind();
    const start = this.#bytes.byteOffset + this.#at;
    const length = present(new Float64Array(this.#bytes.buffer, start, 1)[0]);
    if (!(length >= 0 && length <= left && length % elementBytes === 0)) throw this.#otherKind();
    this.#at += 8 + Math.ceil(length / 8) * 8;
    return [start + 8, length];
  }

  #otherKind(): SpymasterError {
    return invalid(
      `at byte ${this.#at} of ${this.#bytes.length} it holds something else, so it is a state of another kind`,
    );
  }
}

function invalid(why: string): SpymasterError {
  return new SpymasterError('STATE_INVALID', `Cannot restore the engine's state: ${why}. Rebuild it from the file.`);
}
