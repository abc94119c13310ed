import { type ColumnName, gridColumns } from '../../../src/engine/index.ts';
import type { Session } from './session.ts';
import { noTick } from './session_store.ts';

/** Cells beyond which an export is refused: a file of a few hundred MB. */
export const maxExportedRows = 500_000;

/** A bin and a tick that an export holds. */
export interface ExportedCell {
  readonly seq: number;
  readonly tick: number;
}

/** A half-open range of bins or ticks. */
type Range = readonly [first: number, end: number];

/** The cells of `bins` and `ticks` that hold values, by bin and price; null when they are more than `maxExportedRows`. */
export function heldCells({ store, contract }: Session, bins: Range, ticks: Range): ExportedCell[] | null {
  const cells: ExportedCell[] = [];
  const [first, end] = bins;
  const [firstTick, endTick] = ticks;
  for (let seq = Math.max(first, store.oldest); seq < Math.min(end, store.newest + 1); seq++) {
    const base = store.baseTick(seq);
    if (base === noTick) continue;
    const endOfBin = Math.min(endTick, base + contract.rows);
    for (let tick = Math.max(firstTick, base); tick < endOfBin; tick++) cells.push({ seq, tick });
    if (cells.length > maxExportedRows) return null;
  }
  return cells;
}

/** Columns of an export: what a cell is of, then the grid's columns under their names on the wire. */
export const exportColumns: readonly ('ts_ns' | 'bin_seq' | 'price' | ColumnName)[] = [
  'ts_ns',
  'bin_seq',
  'price',
  ...gridColumns.map(([name]) => name),
];

/** End of a bin, UNIX nanoseconds. */
export function binEndNs({ contract }: Session, originNs: bigint, seq: number): bigint {
  return originNs + BigInt(seq + 1) * BigInt(contract.cellNs);
}

/** Values of the cells of an export by column; NaN where the page no longer holds one. */
export type CellValues = ReadonlyMap<ColumnName, Float64Array>;

/** Reads the values of cells, of bins that are not at hand too. */
export async function cellValues({ store }: Session, cells: readonly ExportedCell[]): Promise<CellValues> {
  const values = new Map(gridColumns.map(([name]) => [name, new Float64Array(cells.length)]));
  let loaded = -1;
  for (const [index, { seq, tick }] of cells.entries()) {
    if (seq !== loaded) await store.load(seq);
    loaded = seq;
    for (const [name, column] of values) column[index] = store.value(name, seq, tick);
  }
  return values;
}

/** CSV with a header line; empty where the page no longer holds a value. */
export function toCsv(session: Session, originNs: bigint, cells: readonly ExportedCell[], values: CellValues): string {
  const { contract } = session;
  const lines = [exportColumns.join()];
  for (const [index, { seq, tick }] of cells.entries()) {
    // For programs: an ASCII minus sign.
    const price = ((tick * contract.tickInt) / 1e9).toFixed(contract.priceDecimals);
    const fields: (string | number | bigint)[] = [binEndNs(session, originNs, seq), seq, price];
    for (const [name] of gridColumns) {
      const value = values.get(name)?.[index] ?? Number.NaN;
      fields.push(Number.isNaN(value) ? '' : value);
    }
    lines.push(fields.join());
  }
  return `${lines.join('\n')}\n`;
}

/** Name of an exported file without its ending, such as `MNQH6_2026-02-06_bins_100-400`. */
export function exportName({ contract }: Session, cells: readonly ExportedCell[]): string {
  const { symbol, stream_dt } = contract.config;
  return `${symbol}_${stream_dt}_bins_${cells[0]?.seq ?? 0}-${cells.at(-1)?.seq ?? 0}`;
}
