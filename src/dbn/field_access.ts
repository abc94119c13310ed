import { SpymasterError } from '../errors.ts';
import type { Field } from './layouts/index.ts';

const utf8 = new TextDecoder('utf-8');
const toUtf8 = new TextEncoder();

/** Text of a `cstr` field: up to the first zero, or all of it. */
export function readCstr(bytes: Uint8Array, at: number, length: number): string {
  let end = at;
  while (end < at + length && bytes[end] !== 0) {
    if (bytes[end]! >= 0x80) return utf8.decode(bytes.subarray(at, zeroAt(bytes, at, length)));
    end++;
  }
  return String.fromCharCode.apply(null, bytes.subarray(at, end) as unknown as number[]);
}

function zeroAt(bytes: Uint8Array, at: number, length: number): number {
  const zero = bytes.indexOf(0, at);
  return zero < 0 || zero > at + length ? at + length : zero;
}

/** The exact value of a field of the record at byte `at`: a bigint for 64 bits, a string for text, else a number. */
export function readField(view: DataView, bytes: Uint8Array, at: number, field: Field): number | bigint | string {
  const offset = at + field.offset;
  switch (field.type) {
    case 'u8':
      return view.getUint8(offset);
    case 'u16':
      return view.getUint16(offset, true);
    case 'u32':
      return view.getUint32(offset, true);
    case 'i8':
      return view.getInt8(offset);
    case 'i16':
      return view.getInt16(offset, true);
    case 'i32':
      return view.getInt32(offset, true);
    case 'u64':
    case 'timestamp':
      return view.getBigUint64(offset, true);
    case 'i64':
    case 'price':
      return view.getBigInt64(offset, true);
    case 'char':
      return String.fromCharCode(view.getUint8(offset));
    case 'cstr':
      return readCstr(bytes, offset, field.bytes);
  }
}

const integerRanges = {
  u8: [0, 0xff],
  u16: [0, 0xffff],
  u32: [0, 0xffff_ffff],
  i8: [-0x80, 0x7f],
  i16: [-0x8000, 0x7fff],
  i32: [-0x8000_0000, 0x7fff_ffff],
} as const;
const signed64 = [-(2n ** 63n), 2n ** 63n - 1n] as const;
const unsigned64 = [0n, 2n ** 64n - 1n] as const;

/**
 * Writes the value of a field of the record at byte `at`; `bytes` are zero there.
 *
 * Throws SCHEMA_MISMATCH when the value is of another kind or does not fit.
 */
export function writeField(view: DataView, bytes: Uint8Array, at: number, field: Field, value: unknown): void {
  const offset = at + field.offset;
  const { type } = field;
  if (type === 'cstr' || type === 'char') {
    writeText(bytes, offset, field, value);
    return;
  }
  if (type === 'u64' || type === 'timestamp' || type === 'i64' || type === 'price') {
    const [min, max] = type === 'i64' || type === 'price' ? signed64 : unsigned64;
    if (typeof value !== 'bigint' || value < min || value > max)
      throw misfit(field, value, `a bigint from ${min} to ${max}`);
    view.setBigUint64(offset, BigInt.asUintN(64, value), true);
    return;
  }
  const [min, max] = integerRanges[type];
  if (typeof value !== 'number' || !Number.isInteger(value) || value < min || value > max) {
    throw misfit(field, value, `a whole number from ${min} to ${max}`);
  }
  if (field.bytes === 1) view.setInt8(offset, value);
  else if (field.bytes === 2) view.setInt16(offset, value, true);
  else view.setInt32(offset, value, true);
}

function writeText(bytes: Uint8Array, offset: number, field: Field, value: unknown): void {
  if (typeof value !== 'string') throw misfit(field, value, 'a string');
  if (field.type === 'char') {
    const code = value.charCodeAt(0);
    if (value.length !== 1 || code > 0xff) throw misfit(field, value, 'one character of one byte');
    bytes[offset] = code;
    return;
  }
  const encoded = toUtf8.encode(value);
  if (encoded.length > field.bytes) throw misfit(field, value, `text of at most ${field.bytes} bytes`);
  bytes.set(encoded, offset);
}

function misfit(field: Field, value: unknown, expected: string): SpymasterError {
  return new SpymasterError(
    'SCHEMA_MISMATCH',
    `Cannot encode ${field.dbnName}: expected ${expected}, got ${typeof value === 'string' ? `"${value}"` : String(value)}.`,
    { field: field.dbnName },
  );
}
