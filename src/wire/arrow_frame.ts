import { createGridFrame, type GridFrame, gridColumns } from '../engine/index.ts';
import { SpymasterError } from '../errors.ts';
import { arrowLayout } from './arrow_layout.ts';
import { arrowAlignment, type BatchLayout, columnView, layOutBatch } from './record_batch.ts';

/** A grid frame whose columns are views into `bytes`, one whole Arrow IPC stream: filling the columns fills the message. */
export interface WireFrame extends GridFrame {
  /** Schema message, one record batch, end of stream. The same memory for every bin: copy it to keep it. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** The columns of a frame as views into `buffer`, in which its stream starts at `byteOffset`. */
function viewFrame(layout: BatchLayout, buffer: ArrayBuffer, byteOffset = 0): GridFrame {
  let index = 0;
  return createGridFrame((layout.rows - 1) / 2, () => columnView(layout, index++, buffer, byteOffset));
}

/**
 * A frame of `2 * radius + 1` rows that lies in the bytes of its own Arrow IPC stream (product.md, "Stream"), so that
 * sending a bin is sending `bytes`. Every byte before the columns is the same for all frames of one radius.
 */
export function createWireFrame(radius: number): WireFrame {
  const layout = layOutBatch(gridColumns, 2 * radius + 1, true);
  return { ...viewFrame(layout, layout.stream.buffer), bytes: layout.stream };
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
  const layout = layOutBatch(gridColumns, rows, true);
  return (bytes) => {
    if (!hasHead(bytes, layout)) throw explainFrame(bytes, rows);
    return viewReceived(bytes.byteOffset % arrowAlignment === 0 ? bytes : bytes.slice(), layout);
  };
}

function viewReceived({ buffer, byteOffset }: Uint8Array<ArrayBuffer>, layout: BatchLayout): GridFrame {
  const radius = (layout.rows - 1) / 2;
  // The first column.
  const sentK = new Int32Array(buffer, byteOffset + layout.headBytes, layout.rows);
  const wrong = sentK.findIndex((k, row) => k !== row - radius);
  if (wrong >= 0) {
    throw new SpymasterError(
      'PROTOCOL',
      `Cannot read a grid frame: expected k ${wrong - radius} in row ${wrong}, got ${sentK[wrong]}.`,
      { column: 'k' },
    );
  }
  return viewFrame(layout, buffer, byteOffset);
}

function hasHead(bytes: Uint8Array, { stream, headBytes }: BatchLayout): boolean {
  if (bytes.byteLength !== stream.byteLength) return false;
  for (let i = 0; i < headBytes; i++) if (bytes[i] !== stream[i]) return false;
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
