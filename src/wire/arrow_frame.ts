import {
  columnFromArray,
  type DataType,
  float64,
  int8,
  int32,
  int64,
  tableFromColumns,
  tableToIPC,
} from '@uwdata/flechette';
import { type ColumnType, createGridFrame, type GridFrame, gridColumns } from '../engine/index.ts';
import { assert, SpymasterError } from '../errors.ts';
import { arrowLayout } from './arrow_layout.ts';

/** A grid frame whose columns are views into `bytes`, one whole Arrow IPC stream: filling the columns fills the message. */
export interface WireFrame extends GridFrame {
  /** Schema message, one record batch, end of stream. The same memory for every bin: copy it to keep it. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

const arrowType: Record<ColumnType, () => DataType> = { int8, int32, int64, float64 };
const bytesPerValue: Record<ColumnType, number> = { int8: 1, int32: 4, int64: 8, float64: 8 };
/** Arrow pads every buffer of a record batch's body to this many bytes. */
const alignment = 8;
/** Continuation word and a length of 0. */
const endOfStreamBytes = 8;

/** Where the columns of a frame of `rows` rows lie behind the part that never changes. */
interface FrameLayout {
  /** A frame of zeros. */
  readonly template: Uint8Array<ArrayBuffer>;
  /** Length of the constant prefix: the schema message and the record batch's header. */
  readonly bodyOffset: number;
}

function layOut(rows: number): FrameLayout {
  const columns = gridColumns.map(
    ([name, type]) => [name, columnFromArray(emptyValues(type, rows), arrowType[type]())] as const,
  );
  const template = tableToIPC(tableFromColumns(columns.map(([name, column]) => [name, column])), {});
  assert(template !== null, 'an in-memory Arrow stream has bytes');
  const bodyBytes = gridColumns.reduce((sum, [, type]) => sum + paddedBytes(type, rows), 0);
  const bodyOffset = template.byteLength - endOfStreamBytes - bodyBytes;
  assert(bodyOffset % alignment === 0, 'the body of an Arrow record batch starts on an 8-byte boundary');
  return { template: new Uint8Array(template), bodyOffset };
}

function emptyValues(type: ColumnType, rows: number) {
  if (type === 'int64') return new BigInt64Array(rows);
  if (type === 'float64') return new Float64Array(rows);
  return type === 'int32' ? new Int32Array(rows) : new Int8Array(rows);
}

function paddedBytes(type: ColumnType, rows: number): number {
  return Math.ceil((rows * bytesPerValue[type]) / alignment) * alignment;
}

/** The columns of a frame as views into `buffer`, whose body starts at `bodyOffset`. */
function viewFrame(buffer: ArrayBuffer, bodyOffset: number, radius: number): GridFrame {
  let offset = bodyOffset;
  return createGridFrame(radius, (_name, type, rows) => {
    const start = offset;
    offset += paddedBytes(type, rows);
    if (type === 'float64') return new Float64Array(buffer, start, rows);
    if (type === 'int64') return new BigInt64Array(buffer, start, rows);
    return type === 'int32' ? new Int32Array(buffer, start, rows) : new Int8Array(buffer, start, rows);
  });
}

/**
 * A frame of `2 * radius + 1` rows that lies in the bytes of its own Arrow IPC stream (product.md, "Stream"), so that
 * sending a bin is sending `bytes`. Every byte before the columns is the same for all frames of one radius.
 */
export function createWireFrame(radius: number): WireFrame {
  const { template, bodyOffset } = layOut(2 * radius + 1);
  return { ...viewFrame(template.buffer, bodyOffset, radius), bytes: template };
}

/**
 * Returns a function that gives the columns of a received frame of `rows` rows, without copying when `bytes` starts on
 * an 8-byte boundary of its buffer. Throws PROTOCOL, naming the column, for anything but the layout of this build.
 */
export function createGridFrameDecoder(rows: number): (bytes: Uint8Array<ArrayBuffer>) => GridFrame {
  if (!Number.isSafeInteger(rows) || rows < 1 || rows % 2 === 0) {
    throw new SpymasterError('PROTOCOL', `Cannot read grid frames: expected an odd number of rows, got ${rows}.`, {
      rows,
    });
  }
  const { template, bodyOffset } = layOut(rows);
  return (bytes) => {
    if (!sharesPrefix(bytes, template, bodyOffset)) throw explainFrame(bytes, rows);
    const aligned = bytes.byteOffset % alignment === 0 ? bytes : bytes.slice();
    return viewReceived(aligned, bodyOffset, rows);
  };
}

function viewReceived(bytes: Uint8Array<ArrayBuffer>, bodyOffset: number, rows: number): GridFrame {
  const radius = (rows - 1) / 2;
  const sentK = new Int32Array(bytes.buffer, bytes.byteOffset + bodyOffset, rows);
  const wrong = sentK.findIndex((k, row) => k !== row - radius);
  if (wrong >= 0) {
    throw new SpymasterError(
      'PROTOCOL',
      `Cannot read a grid frame: expected k ${wrong - radius} in row ${wrong}, got ${sentK[wrong]}.`,
      { column: 'k' },
    );
  }
  return viewFrame(bytes.buffer, bytes.byteOffset + bodyOffset, radius);
}

function sharesPrefix(bytes: Uint8Array, template: Uint8Array, prefixBytes: number): boolean {
  if (bytes.byteLength !== template.byteLength) return false;
  for (let i = 0; i < prefixBytes; i++) if (bytes[i] !== template[i]) return false;
  return true;
}

/** Describes how a frame's prefix differs from ours. */
function explainFrame(bytes: Uint8Array<ArrayBuffer>, rows: number): SpymasterError {
  const fail = (what: string, column?: string) =>
    new SpymasterError('PROTOCOL', `Cannot read a grid frame: ${what}.`, column === undefined ? {} : { column });
  const layout = arrowLayout(bytes, gridColumns.length + 1);
  if (layout === null) return fail(`expected an Arrow IPC stream, got ${bytes.byteLength} bytes that are none`);
  const { columns, columnCount } = layout;
  for (const [index, [name, type]] of gridColumns.entries()) {
    const column = columns[index];
    if (column?.name !== name) {
      return fail(`expected column ${index} to be ${name}, got ${column?.name ?? 'no such column'}`, name);
    }
    if (column.type !== type) return fail(`expected column ${name} to be ${type}, got ${column.type}`, name);
  }
  if (columnCount > gridColumns.length) {
    const extra = columns[gridColumns.length]?.name ?? '';
    return fail(`expected ${gridColumns.length} columns, got ${columnCount}; the first unknown one is ${extra}`, extra);
  }
  if (layout.rows !== rows) return fail(`expected ${rows} rows, got ${layout.rows ?? 'none'}`);
  return fail('expected one record batch laid out as this version lays it out, got another layout; reload the page');
}
