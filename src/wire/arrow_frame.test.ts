import { deepEqual, equal, ok, throws } from 'node:assert/strict';
import { test } from 'node:test';
import { columnFromArray, int32, tableFromColumns, tableFromIPC, tableToIPC } from '@uwdata/flechette';
import * as arrow from 'apache-arrow';
import fc from 'fast-check';
import { gridColumns } from '../engine/index.ts';
import { SpymasterError } from '../errors.ts';
import { createGridFrameDecoder, createWireFrame, type WireFrame } from './index.ts';

/** Fills every column but k with values of its own. */
function fill(frame: WireFrame, seed: number): void {
  for (const [index, [name]] of gridColumns.entries()) {
    if (name === 'k') continue;
    const column = frame.columns[name];
    for (let row = 0; row < frame.rows; row++) {
      const value = ((seed + index * 31 + row * 7) % 255) - 127;
      if (column instanceof BigInt64Array) column[row] = BigInt(value) * 72_057_594_037_927n;
      else column[row] = column instanceof Float64Array ? value / 3 : value;
    }
  }
}

test('apache-arrow reads a frame: the columns of product.md, in order, with the values that were written', () => {
  for (const radius of [1, 2, 7, 40, 50]) {
    const frame = createWireFrame(radius);
    fill(frame, radius);
    const batches = [...arrow.RecordBatchReader.from(frame.bytes)];
    equal(batches.length, 1);
    const table = new arrow.Table(batches);
    equal(table.numRows, 2 * radius + 1);
    deepEqual(
      table.schema.fields.map(({ name, type }) => [name, String(type).toLowerCase()]),
      gridColumns.map(([name, type]) => [name, type]),
    );
    for (const [name] of gridColumns) {
      const column = table.getChild(name);
      equal(column?.nullCount, 0);
      deepEqual(column?.toArray(), frame.columns[name], name);
    }
  }
});

test('only the body changes from bin to bin, and filling the columns is filling the message', () => {
  const frame = createWireFrame(3);
  const before = frame.bytes.slice();
  fill(frame, 1);
  const firstChange = frame.bytes.findIndex((byte, index) => byte !== before[index]);
  equal(frame.columns.k.buffer, frame.bytes.buffer);
  ok(firstChange > frame.columns.k.byteOffset, 'nothing before the columns changes');
  deepEqual([...frame.columns.k], [-3, -2, -1, 0, 1, 2, 3]);
  equal(frame.bytes.byteLength - 8, frame.columns.last_event_id.byteOffset + 7 * 8, 'the end-of-stream mark is last');
});

test('the decoder gives views on an aligned message and the same values on any other', () => {
  const frame = createWireFrame(5);
  fill(frame, 9);
  const decode = createGridFrameDecoder(11);
  const received = frame.bytes.slice();
  const shifted = new Uint8Array(received.byteLength + 3);
  shifted.set(received, 3);
  equal(decode(received).columns.composite.buffer, received.buffer);
  for (const bytes of [received, shifted.subarray(3)]) {
    const { rows, columns } = decode(bytes);
    equal(rows, 11);
    for (const [name] of gridColumns) deepEqual(columns[name], frame.columns[name], name);
  }
});

test('a frame of another layout is refused by the name of its first wrong column', () => {
  const decode = createGridFrameDecoder(3);
  const { bytes } = createWireFrame(1);
  const table = tableFromIPC(bytes);
  const columns = gridColumns.map(([name]) => [name, table.getChild(name)] as const);
  const encode = (entries: (readonly [string, ReturnType<typeof table.getChild>])[]) =>
    new Uint8Array(tableToIPC(tableFromColumns(entries.map(([name, column]) => [name, column])), {}) as Uint8Array);
  const swap = (index: number, name: string, column = columns[index]?.[1]) =>
    encode(columns.map((entry, at) => (at === index ? ([name, column] as never) : entry)));
  const cases: [Uint8Array<ArrayBuffer>, RegExp][] = [
    [swap(3, 'mass'), /expected column 3 to be add_mass, got mass/],
    [swap(27, 'composite', columnFromArray([1, 2, 3], int32())), /expected column composite to be float64/],
    [encode(columns.slice(0, 40)), /expected column 40 to be chase_down_flag, got no such column/],
    [encode([...columns, ['extra', columns[0]?.[1] as never]]), /expected 42 columns, got 43/],
    [createWireFrame(2).bytes, /expected 3 rows, got 5/],
    [new Uint8Array(bytes.byteLength), /expected/],
  ];
  for (const [wrong, pattern] of cases) {
    throws(
      () => decode(wrong),
      (error) => error instanceof SpymasterError && error.code === 'PROTOCOL' && pattern.test(error.message),
      String(pattern),
    );
  }
  const shiftedWindow = bytes.slice();
  new Int32Array(shiftedWindow.buffer, createWireFrame(1).columns.k.byteOffset, 3)[1] = 5;
  throws(() => decode(shiftedWindow), /expected k 0 in row 1, got 5/);
  for (const rows of [0, 2, -1, 1.5]) throws(() => createGridFrameDecoder(rows), /odd number of rows/);
});

test('a frame that claims more columns than it has bytes is refused at once', () => {
  const { bytes } = createWireFrame(1);
  const view = new DataView(bytes.buffer);
  let claims = 0;
  for (let at = 0; at < bytes.length - 4; at += 4) {
    if (view.getUint32(at, true) !== gridColumns.length) continue;
    const wrong = bytes.slice();
    new DataView(wrong.buffer).setUint32(at, 0x7fff_ffff, true);
    throws(() => createGridFrameDecoder(3)(wrong), { code: 'PROTOCOL' });
    claims++;
  }
  ok(claims > 0);
});

test('a cut or damaged frame is a PROTOCOL error or decodes; never another failure', () => {
  const decode = createGridFrameDecoder(5);
  const { bytes } = createWireFrame(2);
  const attempt = (damaged: Uint8Array<ArrayBuffer>) => {
    try {
      decode(damaged);
    } catch (error) {
      ok(error instanceof SpymasterError && error.code === 'PROTOCOL', String(error));
    }
  };
  for (let length = 0; length < bytes.byteLength; length += 17) attempt(bytes.slice(0, length));
  fc.assert(
    fc.property(fc.nat(bytes.byteLength - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
      const damaged = bytes.slice();
      damaged[at] = (damaged[at] as number) ^ flip;
      attempt(damaged);
    }),
    { numRuns: 300 },
  );
});
