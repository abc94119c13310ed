import type { RecordBatch } from './batch.ts';
import { readCstr } from './field_access.ts';
import type { Field, Layout } from './layouts/index.ts';

export type ColumnData =
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | Int8Array
  | Int16Array
  | Int32Array
  | BigInt64Array
  | BigUint64Array
  | string[];

/** One field of many records. `data` holds character codes for `char`, strings for `cstr`, else exact integers. */
export interface RecordColumn {
  readonly field: Field;
  readonly data: ColumnData;
}

/** Struct of arrays of one layout: a column per field, levels included, all of equal capacity. */
export interface RecordColumns {
  readonly layout: Layout;
  readonly capacity: number;
  readonly columns: readonly RecordColumn[];
}

/** Makes empty columns for up to `capacity` records of a layout. */
export function createColumns(layout: Layout, capacity: number): RecordColumns {
  const fields = [layout.fields, ...layout.levels].flat();
  return { layout, capacity, columns: fields.map((field) => ({ field, data: allocate(field, capacity) })) };
}

function allocate(field: Field, capacity: number): ColumnData {
  switch (field.type) {
    case 'u8':
    case 'char':
      return new Uint8Array(capacity);
    case 'u16':
      return new Uint16Array(capacity);
    case 'u32':
      return new Uint32Array(capacity);
    case 'i8':
      return new Int8Array(capacity);
    case 'i16':
      return new Int16Array(capacity);
    case 'i32':
      return new Int32Array(capacity);
    case 'u64':
    case 'timestamp':
      return new BigUint64Array(capacity);
    case 'i64':
    case 'price':
      return new BigInt64Array(capacity);
    case 'cstr':
      return new Array<string>(capacity).fill('');
  }
}

/**
 * Copies records [`from`, `to`) of a batch into rows `at`, `at + 1`, … of columns; allocates nothing but strings.
 *
 * The batch holds records of the columns' layout, and the rows lie within their capacity.
 */
export function fillColumns(columns: RecordColumns, at: number, batch: RecordBatch, from: number, to: number): void {
  const { bytes, words, recordBytes } = batch;
  const stride = recordBytes >>> 2;
  const count = to - from;
  for (const { field, data } of columns.columns) {
    const start = from * recordBytes + field.offset;
    if (Array.isArray(data)) {
      for (let i = 0; i < count; i++) data[at + i] = readCstr(bytes, start + i * recordBytes, field.bytes);
    } else if (data.BYTES_PER_ELEMENT === 1) {
      copyBytes(new Uint8Array(data.buffer, data.byteOffset, data.length), at, bytes, start, recordBytes, count);
    } else if (data.BYTES_PER_ELEMENT === 2) {
      const out = new Uint16Array(data.buffer, data.byteOffset, data.length);
      copyHalves(out, at, bytes, start, recordBytes, count);
    } else {
      const each = data.BYTES_PER_ELEMENT >>> 2;
      const out = new Uint32Array(data.buffer, data.byteOffset, data.length * each);
      if (each === 1) copyWords(out, at, words, start >>> 2, stride, count);
      else copyPairs(out, at * 2, words, start >>> 2, stride, count);
    }
  }
}

function copyBytes(out: Uint8Array, at: number, from: Uint8Array, start: number, stride: number, count: number): void {
  for (let i = 0; i < count; i++) out[at + i] = from[start + i * stride]!;
}

function copyHalves(
  out: Uint16Array,
  at: number,
  from: Uint8Array,
  start: number,
  stride: number,
  count: number,
): void {
  for (let i = 0; i < count; i++) {
    const offset = start + i * stride;
    out[at + i] = from[offset]! | (from[offset + 1]! << 8);
  }
}

function copyWords(
  out: Uint32Array,
  at: number,
  from: Uint32Array,
  start: number,
  stride: number,
  count: number,
): void {
  for (let i = 0; i < count; i++) out[at + i] = from[start + i * stride]!;
}

function copyPairs(
  out: Uint32Array,
  at: number,
  from: Uint32Array,
  start: number,
  stride: number,
  count: number,
): void {
  for (let i = 0; i < count; i++) {
    const word = start + i * stride;
    out[at + 2 * i] = from[word]!;
    out[at + 2 * i + 1] = from[word + 1]!;
  }
}
