import type { RecordBatch } from './batch.ts';
import { tsOutBytes, undefinedPrice } from './codes.ts';
import { type Field, type Layout, layoutInVersion, layoutOf } from './layouts/index.ts';
import { type DbnVersion, type Metadata, symbolCstrLenV1, symbolCstrLenV2 } from './metadata.ts';

/** Metadata as the same stream has it in a newer version; as it is when it is not older. */
export function upgradeMetadata(metadata: Metadata, to: DbnVersion): Metadata {
  if (metadata.version >= to) return metadata;
  return { ...metadata, version: to, recordCount: null, symbolCstrLen: to === 1 ? symbolCstrLenV1 : symbolCstrLenV2 };
}

/**
 * The batch with its records in the layout that they have in DBN version `to`: the batch itself when that is what they
 * have, else a copy. Nothing is ever downgraded.
 *
 * Fields that are new get DBN's undefined value. `tsOut` as the stream's metadata says.
 */
export function upgradeBatch(batch: RecordBatch, to: DbnVersion, tsOut = false): RecordBatch {
  const tail = tsOut ? tsOutBytes : 0;
  const from = layoutOf(batch.rtype, batch.recordBytes - tail);
  const target = layoutInVersion(batch.rtype, to);
  if (from === null || target === null || target.version <= from.version) return batch;
  const recordBytes = target.recordBytes + tail;
  const bytes = new Uint8Array(batch.count * recordBytes);
  const view = new DataView(bytes.buffer);
  const steps = target.fields.map((field) => stepOf(field, from));
  for (let index = 0; index < batch.count; index++) {
    const start = index * batch.recordBytes;
    const at = index * recordBytes;
    for (const step of steps) step(batch.bytes, start, bytes, at, view);
    const end = start + batch.recordBytes;
    if (tsOut) bytes.set(batch.bytes.subarray(end - tail, end), at + target.recordBytes);
    bytes[at] = recordBytes / 4;
  }
  return { ...batch, recordBytes, bytes, words: new Uint32Array(bytes.buffer) };
}

/** Fills one field of the record at byte `at` of `to` from the record at byte `start` of `from`. */
type Step = (from: Uint8Array, start: number, to: Uint8Array, at: number, view: DataView) => void;

function stepOf(field: Field, layout: Layout): Step {
  const source = layout.fields.find(({ name }) => name === field.name);
  if (source === undefined) return defaultStep(field, layout);
  if (source.type === 'i32' && field.type === 'i64') {
    return (from, start, _to, at, view) => {
      const offset = start + source.offset;
      const value = new DataView(from.buffer, from.byteOffset).getInt32(offset, true);
      // The undefined quantity is the largest of its type.
      view.setBigInt64(at + field.offset, value === 0x7fff_ffff ? undefinedPrice : BigInt(value), true);
    };
  }
  // Longer text and wider unsigned integers are the old bytes with zeros behind.
  const length = Math.min(source.bytes, field.bytes);
  return (from, start, to, at) => {
    const offset = start + source.offset;
    to.set(from.subarray(offset, offset + length), at + field.offset);
  };
}

/** Values of the official library for fields that older versions do not have. */
function defaultStep(field: Field, layout: Layout): Step {
  if (field.type === 'price') {
    return (_from, _start, _to, at, view) => view.setBigInt64(at + field.offset, undefinedPrice, true);
  }
  if (field.name === 'legSide') return byteStep(field, 'N'.charCodeAt(0));
  if (layout.name === 'systemV1' && field.name === 'code') return heartbeatStep(field, layout);
  const isUnset = layout.name === 'errorV1' || layout.name === 'symbolMappingV1';
  return byteStep(field, isUnset ? 0xff : 0);
}

function byteStep(field: Field, value: number): Step {
  return (_from, _start, to, at) => {
    to[at + field.offset] = value;
  };
}

/** The code of a system message: 0 for a heartbeat, else unset. */
function heartbeatStep(field: Field, layout: Layout): Step {
  const message = layout.fields.find(({ name }) => name === 'msg')!;
  const heartbeat = new TextEncoder().encode('Heartbeat\0');
  return (from, start, to, at) => {
    const offset = start + message.offset;
    to[at + field.offset] = heartbeat.every((byte, index) => from[offset + index] === byte) ? 0 : 0xff;
  };
}
