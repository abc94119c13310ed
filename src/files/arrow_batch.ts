import type { ColumnArray } from '../engine/index.ts';
import { type BatchLayout, columnView, endOfStream, layOutBatch, type NamedColumn } from '../wire/index.ts';

/** An Arrow IPC stream of one record batch of `rows` rows whose columns are views into `buffer`. */
export interface ArrowBatch {
  readonly buffer: ArrayBuffer;
  readonly columns: readonly ColumnArray[];
}

/** How a record batch lies in memory; made once, used for any number of buffers. */
export interface ArrowLayout extends Omit<BatchLayout, 'stream'> {
  /** Size of a whole buffer. */
  readonly byteLength: number;
  /** Everything before the columns, the same for all buffers. */
  readonly head: Uint8Array;
}

/** Lays out columns without nulls. */
export function layOutColumns(columns: readonly NamedColumn[], rows: number): ArrowLayout {
  const { stream, ...layout } = layOutBatch(columns, rows, false);
  return { ...layout, byteLength: stream.byteLength, head: stream.slice(0, layout.headBytes) };
}

/** Makes `buffer` (of the layout's size) a batch of that layout; its columns hold whatever was there. */
export function batchIn(buffer: ArrayBuffer, layout: ArrowLayout): ArrowBatch {
  const bytes = new Uint8Array(buffer);
  bytes.set(layout.head);
  bytes.set(endOfStream, layout.byteLength - endOfStream.length);
  return { buffer, columns: layout.columns.map((_, index) => columnView(layout, index, buffer)) };
}
