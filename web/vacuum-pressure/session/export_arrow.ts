import { type Column, columnFromArray } from '@uwdata/flechette';
import { type ColumnType, gridColumns } from '../../../src/engine/index.ts';
import { arrowStream, arrowType } from '../../../src/wire/index.ts';
import { binEndNs, type CellValues, type ExportedCell } from './export_rows.ts';
import type { Session } from './session.ts';

function columnOf(values: (number | null)[], type: ColumnType): Column<unknown> {
  if (type !== 'int64') return columnFromArray(values, arrowType[type]());
  const whole = values.map((value) => (value === null ? null : BigInt(value)));
  return columnFromArray(whole, arrowType.int64(), { useBigInt: true });
}

/** An Arrow IPC stream of the cells, typed as on the wire; null where the page no longer holds a value. */
export function toArrow(
  session: Session,
  originNs: bigint,
  cells: readonly ExportedCell[],
  cellValues: CellValues,
): Uint8Array<ArrayBuffer> {
  const { contract } = session;
  const endsNs = cells.map(({ seq }) => binEndNs(session, originNs, seq));
  const columns: [string, Column<unknown>][] = [
    ['ts_ns', columnFromArray(endsNs, arrowType.int64(), { useBigInt: true })],
    [
      'bin_seq',
      columnFromArray(
        cells.map(({ seq }) => seq),
        arrowType.int32(),
      ),
    ],
    [
      'price',
      columnFromArray(
        cells.map(({ tick }) => (tick * contract.tickInt) / 1e9),
        arrowType.float64(),
      ),
    ],
  ];
  for (const [name, type] of gridColumns) {
    const values = Array.from(cellValues.get(name) ?? [], (value) => (Number.isNaN(value) ? null : value));
    columns.push([name, columnOf(values, type)]);
  }
  return new Uint8Array(arrowStream(columns));
}
