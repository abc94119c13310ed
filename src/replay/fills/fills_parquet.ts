import { bool, type Column, columnFromArray, type DataType, float64, int64, utf8 } from '@uwdata/flechette';
import { present } from '../../errors.ts';
import { fillReasonNames } from '../../execution/index.ts';
import { type ParquetFile, ParquetThread, type WrittenFile } from '../../files/index.ts';
import { arrowStream } from '../../wire/index.ts';
import { isFifo } from './fifo.ts';
import type { OrderFills } from './fill_orders.ts';

/** Fills of an Arrow batch, and of a row group. */
const batchRows = 16_384;
const fillsPerGroup = 65_536;

/** Columns in the order of the file: name, type, and the value of a fill. */
const columns: readonly (readonly [
  string,
  () => DataType,
  (fills: OrderFills, at: number, order: number) => unknown,
])[] = [
  ['id', utf8, ({ orders }, _at, order) => orders[order]?.id],
  ['ts_ns', int64, ({ rows, originNs }, at) => originNs + BigInt(present(rows.tsNs[at]))],
  ['price', float64, ({ rows }, at) => present(rows.price[at]) / 1e9],
  ['size', int64, ({ rows }, at) => BigInt(present(rows.size[at]))],
  ['reason', utf8, ({ rows }, at) => fillReasonNames[present(rows.reason[at])]],
  ['ahead_at_arrival', int64, ({ ours }, _at, order) => BigInt(present(ours.aheadAtArrival[order]))],
  ['too_large', bool, ({ ours }, _at, order) => ours.tooLarge[order] === 1],
  ['front_share', float64, ({ frontShare }) => frontShare],
  ['not_fifo', bool, (fills) => !isFifo(fills)],
];

/** Writes fills as Parquet at `path`, a temporary name that must not exist. Throws LAKE_NOT_WRITABLE. */
export async function writeFillsParquet(path: string, fills: OrderFills): Promise<WrittenFile> {
  await using thread = new ParquetThread();
  const file = thread.createFile(path, { rowGroupRows: fillsPerGroup, rangeColumns: ['ts_ns'] });
  const { count } = fills.rows;
  for (let from = 0; from === 0 || from < count; from += batchRows) {
    await send(file, fills, from, Math.min(count, from + batchRows));
  }
  return await file.finish();
}

async function send(file: ParquetFile, fills: OrderFills, from: number, to: number): Promise<void> {
  const taken = columns.map(([name, type, value]): [string, Column<unknown>] => {
    const values = Array.from({ length: to - from }, (_, i) =>
      value(fills, from + i, present(fills.rows.order[from + i])),
    );
    return [name, columnFromArray(values, type())];
  });
  const stream = arrowStream(taken, (name) => name === 'front_share');
  const buffer = await file.buffer(stream.byteLength);
  new Uint8Array(buffer).set(stream);
  file.send(buffer, stream.byteLength);
}
