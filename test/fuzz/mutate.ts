import { pick } from '../helpers/seeded.ts';
import { maxInputBytes, type Random } from './target.ts';

/** A whole number in [0, n). */
export const below = (random: Random, n: number): number => Math.floor(random() * n);

/** How many changes an input gets: 1 half of the time, 2 a quarter, at most 8. */
export function changeCount(random: Random): number {
  let count = 1;
  while (count < 8 && random() < 0.5) count++;
  return count;
}

/** Changes bytes in place, or gives others. */
export type ByteMutator = (bytes: Uint8Array, random: Random, other: Uint8Array) => Uint8Array;

const edges = [0, 1, 2, 3, 4, 7, 8, 15, 16, 31, 32, 63, 64, 127, 128, 255, 256, 1000, 4096, 32767, 32768, 65535, 65536];
const edges32 = [...edges, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff];

const flipBit: ByteMutator = (bytes, random) => {
  if (bytes.length > 0) bytes[below(random, bytes.length)]! ^= 1 << below(random, 8);
  return bytes;
};

const setByte: ByteMutator = (bytes, random) => {
  if (bytes.length > 0) bytes[below(random, bytes.length)] = random() < 0.5 ? below(random, 256) : pick(random, edges);
  return bytes;
};

const addToByte: ByteMutator = (bytes, random) => {
  if (bytes.length > 0) bytes[below(random, bytes.length)]! += below(random, 33) - 16;
  return bytes;
};

/** Sets a little-endian field of 2, 4 or 8 bytes to an edge of its range, or to a length that is nearly right. */
const setField: ByteMutator = (bytes, random) => {
  const width = pick(random, [2, 4, 4, 8]);
  if (bytes.length < width) return bytes;
  const at = below(random, bytes.length - width + 1) & (random() < 0.5 ? -4 : -1);
  const near = pick(random, [bytes.length, bytes.length - at, bytes.length - at - width, at]) + below(random, 5) - 2;
  const value = random() < 0.3 ? near : pick(random, edges32);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (width === 2) view.setUint16(at, value, true);
  else view.setUint32(at, value, true);
  if (width === 8) view.setUint32(at + 4, pick(random, [0, 0, 1, 0x7fffffff, 0x80000000, 0xffffffff]), true);
  return bytes;
};

const truncate: ByteMutator = (bytes, random) => bytes.slice(0, below(random, bytes.length + 1));

const removeRange: ByteMutator = (bytes, random) => {
  const [from, to] = range(bytes, random);
  return join([bytes.subarray(0, from), bytes.subarray(to)]);
};

const repeatRange: ByteMutator = (bytes, random) => {
  const [from, to] = range(bytes, random);
  const times = Math.min(1 + below(random, 4), Math.floor(maxInputBytes / Math.max(1, to - from)));
  const part = bytes.subarray(from, to);
  return join([bytes.subarray(0, to), ...new Array<Uint8Array>(times).fill(part), bytes.subarray(to)]);
};

const insertBytes: ByteMutator = (bytes, random) => {
  const at = below(random, bytes.length + 1);
  const made = Uint8Array.from({ length: 1 + below(random, 16) }, () => below(random, 256));
  return join([bytes.subarray(0, at), made, bytes.subarray(at)]);
};

const fillRange: ByteMutator = (bytes, random) => bytes.fill(pick(random, [0, 255]), ...range(bytes, random));

/** Puts a part of another input over or into this one. */
const spliceRange: ByteMutator = (bytes, random, other) => {
  const [from, to] = range(other, random);
  const at = below(random, bytes.length + 1);
  const skipped = random() < 0.5 ? 0 : to - from;
  return join([bytes.subarray(0, at), other.subarray(from, to), bytes.subarray(at + skipped)]);
};

/** The start of this input and the end of another. */
const spliceTail: ByteMutator = (bytes, random, other) =>
  join([bytes.subarray(0, below(random, bytes.length + 1)), other.subarray(below(random, other.length + 1))]);

/** Mutators that know nothing of a format. */
export const byteMutators: readonly ByteMutator[] = [
  flipBit,
  flipBit,
  setByte,
  setByte,
  addToByte,
  setField,
  setField,
  setField,
  truncate,
  removeRange,
  repeatRange,
  insertBytes,
  fillRange,
  spliceRange,
  spliceTail,
];

/** An input of the corpus after a few changes, a copy. */
export function mutateBytes(
  random: Random,
  corpus: readonly Uint8Array[],
  mutators: readonly ByteMutator[] = byteMutators,
): Uint8Array {
  let bytes = pick(random, corpus).slice();
  for (let left = changeCount(random); left > 0; left--) {
    bytes = new Uint8Array(pick(random, mutators)(bytes, random, pick(random, corpus)));
  }
  return bytes.slice(0, maxInputBytes);
}

/** A half-open range, short ones more often than long ones. */
function range(bytes: Uint8Array, random: Random): [from: number, to: number] {
  const from = below(random, bytes.length + 1);
  const length = Math.floor(random() ** 4 * (bytes.length - from + 1));
  return [from, from + length];
}

export function join(parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

/** A number that an input's bytes decide (FNV-1a): what else reading it needs, such as chunk sizes, comes from it. */
export function seedOf(input: Uint8Array): number {
  let hash = 0x811c9dc5;
  for (const byte of input) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}
