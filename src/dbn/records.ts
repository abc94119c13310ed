import { assert, SpymasterError } from '../errors.ts';
import type { RecordBatch } from './batch.ts';
import { headerBytes, maxRecordBytes, tsOutBytes, undefinedPrice, undefinedTimestamp } from './codes.ts';
import { readField, writeField } from './field_access.ts';
import { type DbnRecord, type Field, type Layout, layoutOf, layouts, type RecordNamed } from './layouts/index.ts';

/** A record of an rtype that this library does not know, or one too short for its rtype: its header and its bytes. */
export interface UnknownRecord {
  layout: 'unknown';
  tsEvent: bigint;
  rtype: number;
  publisherId: number;
  instrumentId: number;
  /** The whole record, header included; a copy. */
  bytes: Uint8Array;
}

interface Plan {
  readonly layout: Layout;
  /** Every key set once, so that records of a layout share a shape. */
  readonly template: Record<string, unknown>;
  /** Half-open ranges of bytes that belong to no field, the length byte aside. */
  readonly gaps: readonly (readonly [start: number, end: number])[];
  readonly gapBytes: number;
}

function planOf(layout: Layout): Plan {
  const used = new Uint8Array(layout.recordBytes);
  used[0] = 1;
  for (const field of [layout.fields, ...layout.levels].flat()) used.fill(1, field.offset, field.offset + field.bytes);
  const gaps: [number, number][] = [];
  for (let at = 0; at < used.length; at++) {
    if (used[at] === 1) continue;
    const end = used.indexOf(1, at);
    gaps.push([at, end < 0 ? used.length : end]);
    at = gaps.at(-1)![1];
  }
  const template: Record<string, unknown> = { layout: layout.name };
  for (const field of layout.fields) template[field.name] = 0;
  if (layout.levels.length > 0) template.levels = null;
  return { layout, template, gaps, gapBytes: gaps.reduce((sum, [start, end]) => sum + end - start, 0) };
}

const plans = Object.fromEntries(
  Object.entries(layouts).map(([name, layout]) => [name, planOf(layout)]),
) as unknown as Readonly<Record<Layout['name'], Plan>>;

/** Makes objects of a stream's records. */
export class RecordReader {
  readonly #tsOut: boolean;
  #batch: RecordBatch | null = null;
  #view: DataView = new DataView(new ArrayBuffer(0));
  #plan: Plan | null = null;

  /** `tsOut` as the stream's metadata says: each record ends in the gateway's send time. */
  constructor(options: { readonly tsOut?: boolean } = {}) {
    this.#tsOut = options.tsOut ?? false;
  }

  /** Record `index` of a batch as an object, a copy: 64-bit values are bigints (`toNumbers` gives number forms). */
  read(batch: RecordBatch, index: number): DbnRecord | UnknownRecord {
    assert(index >= 0 && index < batch.count, 'record index lies inside the batch');
    if (batch !== this.#batch) {
      const { bytes, rtype, recordBytes } = batch;
      const layout = layoutOf(rtype, recordBytes - (this.#tsOut ? tsOutBytes : 0));
      this.#batch = batch;
      this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      this.#plan = layout === null ? null : plans[layout.name];
    }
    const at = index * batch.recordBytes;
    return this.#plan === null ? this.#unknown(batch, at) : this.#known(batch, at, this.#plan);
  }

  #known(batch: RecordBatch, at: number, plan: Plan): DbnRecord {
    const { bytes, recordBytes } = batch;
    const view = this.#view;
    const record: Record<string, unknown> = { ...plan.template };
    for (const field of plan.layout.fields) record[field.name] = readField(view, bytes, at, field);
    if (plan.layout.levels.length > 0) {
      record.levels = plan.layout.levels.map((fields) => {
        const level: Record<string, unknown> = {};
        for (const field of fields) level[field.name] = readField(view, bytes, at, field);
        return level;
      });
    }
    const end = recordBytes - (this.#tsOut ? tsOutBytes : 0);
    if (this.#tsOut) record.tsOut = view.getBigUint64(at + end, true);
    const reserved = reservedBytes(bytes, at, end, plan);
    if (reserved !== null) record.reserved = reserved;
    return record as unknown as DbnRecord;
  }

  #unknown(batch: RecordBatch, at: number): UnknownRecord {
    const view = this.#view;
    return {
      layout: 'unknown',
      tsEvent: view.getBigUint64(at + 8, true),
      rtype: batch.rtype,
      publisherId: view.getUint16(at + 2, true),
      instrumentId: view.getUint32(at + 4, true),
      bytes: batch.bytes.slice(at, at + batch.recordBytes),
    };
  }
}

/** Bytes that belong to no field, those behind the known layout included; null when all of them are zero and known. */
function reservedBytes(bytes: Uint8Array, at: number, end: number, plan: Plan): Uint8Array | null {
  const extra = end - plan.layout.recordBytes;
  let isZero = extra === 0;
  for (const [start, stop] of plan.gaps) {
    for (let i = at + start; isZero && i < at + stop; i++) isZero = bytes[i] === 0;
  }
  if (isZero) return null;
  const reserved = new Uint8Array(plan.gapBytes + extra);
  let to = 0;
  for (const [start, stop] of [...plan.gaps, [plan.layout.recordBytes, end] as const]) {
    reserved.set(bytes.subarray(at + start, at + stop), to);
    to += stop - start;
  }
  return reserved;
}

/**
 * Encodes one record: the bytes that it was read from, or would be.
 *
 * Throws SCHEMA_MISMATCH, naming the field, when a value does not fit.
 */
export function encodeRecord(record: DbnRecord | UnknownRecord): Uint8Array {
  if (record.layout === 'unknown') return new Uint8Array(record.bytes);
  const plan = plans[record.layout];
  const { layout } = plan;
  const { tsOut, reserved } = record;
  const extra = reserved === undefined ? 0 : reserved.length - plan.gapBytes;
  const total = layout.recordBytes + extra + (tsOut === undefined ? 0 : tsOutBytes);
  if (extra < 0 || total % 4 !== 0 || total > maxRecordBytes) {
    throw new SpymasterError(
      'SCHEMA_MISMATCH',
      `Cannot encode a ${record.layout} record: expected at least ${plan.gapBytes} reserved bytes and a record of a whole ` +
        `number of words up to ${maxRecordBytes} bytes, got ${reserved?.length ?? 0} and ${total}.`,
      { field: 'reserved' },
    );
  }
  const bytes = new Uint8Array(total);
  const view = new DataView(bytes.buffer);
  const values = record as unknown as Record<string, unknown>;
  for (const field of layout.fields) writeField(view, bytes, 0, field, values[field.name]);
  writeLevels(view, bytes, layout.levels, values.levels);
  if (reserved !== undefined) {
    let from = 0;
    for (const [start, stop] of [...plan.gaps, [layout.recordBytes, layout.recordBytes + extra] as const]) {
      bytes.set(reserved.subarray(from, from + stop - start), start);
      from += stop - start;
    }
  }
  if (tsOut !== undefined) view.setBigUint64(total - tsOutBytes, tsOut, true);
  bytes[0] = total / 4;
  return bytes;
}

function writeLevels(view: DataView, bytes: Uint8Array, levels: Layout['levels'], values: unknown): void {
  for (const [index, fields] of levels.entries()) {
    const level = Array.isArray(values) ? (values[index] as Record<string, unknown> | undefined) : undefined;
    for (const field of fields) writeField(view, bytes, 0, field, level?.[field.name]);
  }
}

/** One record as a batch of its own, for what takes batches. `bytes` lie on a 4-byte boundary. */
export function batchOfRecord(bytes: Uint8Array, byteOffset = 0): RecordBatch {
  assert(bytes.length >= headerBytes && bytes.length === bytes[0]! * 4, 'the bytes are one whole record');
  return {
    rtype: bytes[1]!,
    recordBytes: bytes.length,
    count: 1,
    bytes,
    words: new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4),
    byteOffset,
  };
}

type NumberForm<T> = T extends bigint ? number | null : T extends readonly (infer E)[] ? NumberForms<E>[] : T;
/** A record's or level's fields with a number in place of each bigint. */
export type NumberForms<T> = T extends Uint8Array ? T : { [K in keyof T]: NumberForm<T[K]> };

/**
 * A record with plain numbers in place of bigints: prices in units (12.25, the nearest double), timestamps in UNIX
 * milliseconds with fraction (exact to about 0.2 µs), other 64-bit integers as the nearest double. Undefined prices and
 * timestamps are null.
 */
export function toNumbers<R extends DbnRecord>(record: R): NumberForms<R> {
  const layout = layouts[record.layout];
  const values = record as unknown as Record<string, unknown>;
  const numbers: Record<string, unknown> = { ...values };
  for (const field of layout.fields) numbers[field.name] = numberForm(field, values[field.name]);
  if (layout.levels.length > 0) {
    const levels = values.levels as Record<string, unknown>[];
    numbers.levels = layout.levels.map((fields, index) =>
      Object.fromEntries(fields.map((field) => [field.name, numberForm(field, levels[index]![field.name])])),
    );
  }
  if (record.tsOut !== undefined) numbers.tsOut = Number(record.tsOut) / 1e6;
  return numbers as NumberForms<R>;
}

function numberForm(field: Field, value: unknown): unknown {
  if (typeof value !== 'bigint') return value;
  if (field.type === 'price') return value === undefinedPrice ? null : Number(value) / 1e9;
  if (field.type === 'timestamp')
    return value === undefinedTimestamp ? null : Number(value / 1_000_000n) + Number(value % 1_000_000n) / 1e6;
  return Number(value);
}

export type { DbnRecord, RecordNamed };
