import { type Physics, tick, tickStride } from '../physics/index.ts';
import type { Spectrum } from '../spectrum/index.ts';
import type { ColumnName, GridFrame } from './frame.ts';

/** Columns that are copied from the tick state as they are. */
const tickColumns = [
  ['pressure_variant', tick.pressure],
  ['vacuum_variant', tick.vacuum],
  ['add_mass', tick.addMass],
  ['pull_mass', tick.pullMass],
  ['fill_mass', tick.fillMass],
  ['bid_depth', tick.bidDepth],
  ['ask_depth', tick.askDepth],
  ['v_add', tick.vAdd],
  ['v_pull', tick.vPull],
  ['v_fill', tick.vFill],
  ['v_bid_depth', tick.vBid],
  ['v_ask_depth', tick.vAsk],
  ['a_add', tick.aAdd],
  ['a_pull', tick.aPull],
  ['a_fill', tick.aFill],
  ['a_bid_depth', tick.aBid],
  ['a_ask_depth', tick.aAsk],
  ['j_add', tick.jAdd],
  ['j_pull', tick.jPull],
  ['j_fill', tick.jFill],
  ['j_bid_depth', tick.jBid],
  ['j_ask_depth', tick.jAsk],
] as const satisfies readonly (readonly [ColumnName, number])[];

/** Columns that are the sum of two quantities. */
const restColumns = [
  ['rest_depth', tick.bidDepth, tick.askDepth],
  ['v_rest_depth', tick.vBid, tick.vAsk],
  ['a_rest_depth', tick.aBid, tick.aAsk],
  ['j_rest_depth', tick.jBid, tick.jAsk],
] as const satisfies readonly (readonly [ColumnName, number, number])[];

/** Sets every column but `k` to 0: there is no spot to put a window around. */
export function clearFrame(frame: GridFrame): void {
  for (const [name, column] of Object.entries(frame.columns)) {
    if (name === 'k') continue;
    if (column instanceof BigInt64Array) column.fill(0n);
    else column.fill(0);
  }
}

/** Copies the window whose first row is `firstSlot`; slots outside the grid are 0. */
export function writeWindow(frame: GridFrame, physics: Physics, spectrum: Spectrum, firstSlot: number): void {
  const { columns, rows } = frame;
  const { state, slots } = physics;
  const from = Math.min(Math.max(-firstSlot, 0), rows);
  const to = Math.max(Math.min(slots - firstSlot, rows), from);
  if (from > 0 || to < rows) clearFrame(frame);
  for (const [name, offset] of tickColumns) {
    const column = columns[name];
    let at = (firstSlot + from) * tickStride + offset;
    for (let row = from; row < to; row++, at += tickStride) column[row] = state[at]!;
  }
  for (const [name, bidOffset, askOffset] of restColumns) {
    const column = columns[name];
    let at = (firstSlot + from) * tickStride;
    for (let row = from; row < to; row++, at += tickStride)
      column[row] = state[at + bidOffset]! + state[at + askOffset]!;
  }
  const { last_event_id: eventIds } = columns;
  const words = new Int32Array(eventIds.buffer, eventIds.byteOffset, rows * 2);
  for (let row = from; row < to; row++) {
    const eventId = state[(firstSlot + row) * tickStride + tick.lastEventId]!;
    words[row * 2] = eventId;
    words[row * 2 + 1] = eventId / 4294967296;
  }
  spectrum.score(firstSlot, rows, columns);
}
