import { type DataType, float64, int64, list } from '@uwdata/flechette';
import { present } from '../errors.ts';
import { type FeatureKind, featureColumns, type OrderFeatures, type VolumeProfile } from '../orders/index.ts';
import { isFeature } from '../wire/index.ts';
import { BinRows } from './bin_rows.ts';
import type { ParquetThread, WrittenFile } from './parquet_thread.ts';

/** Volume at price of the bin, one list a bin each; prices ascend. */
export const tradedColumns = ['traded_price', 'traded_bought', 'traded_sold', 'traded_unsided'] as const;

type Cell = number | bigint | null | readonly (number | bigint)[];

const types: Readonly<Record<FeatureKind, () => DataType>> = {
  count: int64,
  time: int64,
  price: float64,
  number: float64,
};

const columns: readonly (readonly [name: string, type: () => DataType])[] = [
  ...(['bin_seq', 'ts_ns'] as const).map((name) => [name, int64] as const),
  ...featureColumns.map(([name, kind]) => [name, types[kind]] as const),
  ...tradedColumns.map((name) => [name, () => list(name === 'traded_price' ? float64() : int64())] as const),
];

/** Columns of `features.parquet`, in order. */
export const storedFeatureColumns = columns.map(([name]) => name);

/** Writes a row of features a bin, with 64-bit values as BIGINT and values that are not known as NULL, on the Parquet thread. */
export class FeaturesParquetWriter {
  readonly #rows: BinRows;
  readonly #originNs: bigint;

  /**
   * Starts a file at `path`, a temporary name that must not exist.
   * @param originNs UNIX nanoseconds from which times count
   */
  constructor(thread: ParquetThread, path: string, originNs: bigint) {
    this.#rows = new BinRows(thread, path, { columns, rangeColumns: ['bin_seq', 'ts_ns'], hasNulls: isFeature });
    this.#originNs = originNs;
  }

  /** Takes a bin. A promise means: wait for it before the next call; it rejects with LAKE_NOT_WRITABLE. */
  append(seq: number, endNs: number, { values, traded }: OrderFeatures): Promise<void> | undefined {
    const unixNs = (ns: number) => this.#originNs + BigInt(ns);
    const cells: Cell[] = [BigInt(seq), unixNs(endNs)];
    for (const [i, [, kind]] of featureColumns.entries()) {
      const value = present(values[i]);
      if (Number.isNaN(value)) cells.push(null);
      else if (kind === 'time') cells.push(unixNs(value));
      else cells.push(kind === 'count' ? BigInt(value) : value);
    }
    return this.#rows.append([...cells, ...tradedCells(traded)]);
  }

  /** Writes what is left; fulfilled when the file is durable. */
  finish(): Promise<WrittenFile> {
    return this.#rows.finish();
  }
}

function tradedCells({ count, prices, bought, sold, unsided }: VolumeProfile): Cell[] {
  const sizes = (column: Float64Array) => Array.from(column.subarray(0, count), BigInt);
  return [Array.from(prices.subarray(0, count), (price) => price / 1e9), sizes(bought), sizes(sold), sizes(unsided)];
}
