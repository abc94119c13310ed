import { SpymasterError } from './errors.ts';

/** 'SPYS' as a little-endian word. */
const magic = 0x53595053;
const version = 4;
const headerBytes = 16;

type NumberArray = Float64Array | Uint32Array | Int32Array | Uint8Array;

/** FNV-1a over 32-bit words; guards a state against torn and flipped bytes, not against forgery. */
function checksum(words: Uint32Array, from: number): number {
  let hash = 0x811c9dc5;
  for (let i = from; i < words.length; i++) hash = Math.imul(hash ^ words[i]!, 0x01000193);
  return hash >>> 0;
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

/** Reads what `StateWriter` wrote. @throws STATE_INVALID for bytes that it did not write, whole and unchanged. */
export class StateReader {
  #bytes: Uint8Array;
  #at = headerBytes;

  constructor(bytes: Uint8Array) {
    const fail = (why: string): never => {
      throw new SpymasterError('STATE_INVALID', `Cannot restore the engine's state: ${why}. Rebuild it from the file.`);
    };
    if (bytes.length < headerBytes || bytes.length % 8 !== 0) fail(`${bytes.length} bytes are no whole state`);
    this.#bytes = bytes.byteOffset % 8 === 0 ? bytes : bytes.slice();
    const words = new Uint32Array(this.#bytes.buffer, this.#bytes.byteOffset, this.#bytes.length / 4);
    if (words[0] !== magic) fail('the magic word is missing');
    if (words[1] !== version) fail(`version ${words[1]} was written by another release, this one reads ${version}`);
    if (words[3] !== bytes.length) fail(`expected ${words[3]} bytes, got ${bytes.length}`);
    if (words[2] !== checksum(words, headerBytes / 4)) fail('the checksum does not match');
  }

  number(): number {
    return this.float64s()[0]!;
  }

  /** A view into the state's bytes, valid as long as they are. */
  float64s(): Float64Array {
    const [at, length] = this.#next();
    return new Float64Array(this.#bytes.buffer, at, length / 8);
  }

  /** A view into the state's bytes, valid as long as they are. */
  uint32s(): Uint32Array {
    const [at, length] = this.#next();
    return new Uint32Array(this.#bytes.buffer, at, length / 4);
  }

  /** A view into the state's bytes, valid as long as they are. */
  int32s(): Int32Array {
    const [at, length] = this.#next();
    return new Int32Array(this.#bytes.buffer, at, length / 4);
  }

  #next(): [byteOffset: number, byteLength: number] {
    const start = this.#bytes.byteOffset + this.#at;
    const length = new Float64Array(this.#bytes.buffer, start, 1)[0]!;
    this.#at += 8 + Math.ceil(length / 8) * 8;
    return [start + 8, length];
  }
}
