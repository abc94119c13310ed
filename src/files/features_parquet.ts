import { columnFromArray, type DataType, float64, int64, list } from '@uwdata/flechette';
import { present } from '../errors.ts';
import { type FeatureKind, featureColumns, type OrderFeatures, type VolumeProfile } from '../orders/index.ts';
import { arrowStream, isFeature } from '../wire/index.ts';
import { batchBins, rowGroupRows } from './bins_parquet.ts';
import type { ParquetFile, ParquetThread, WrittenFile } from './parquet_thread.ts';

/** Volume at price of the bin, one list a bin each; prices ascend. */
export const tradedColumns = ['traded_price', 'traded_bought', 'traded_sold', 'traded_unsided'] as const;

/** Columns of `features.parquet`, in order. */
export const storedFeatureColumns: readonly string[] = [
  ...['bin_seq', 'ts_ns'],
  ...featureColumns.map(([name]) => name),
  ...tradedColumns,
];

type Cell = number | bigint | null | readonly (number | bigint)[];

const types: Readonly<Record<FeatureKind, () => DataType>> = {
  count: int64,
  time: int64,
  price: float64,
  number: float64,
};

/** Writes a row of features a bin, with 64-bit values as BIGINT and values that are not known as NULL, on the Parquet thread. */
export class FeaturesParquetWriter {
  readonly #file: ParquetFile;
  readonly #originNs: bigint;
  #cells: Cell[][] = storedFeatureColumns.map(() => []);
  #rows = 0;
  #isStarted = false;

  /**
   * Starts a file at `path`, a temporary name that must not exist.
   * @param originNs UNIX nanoseconds from which times count
   */
  constructor(thread: ParquetThread, path: string, originNs: bigint) {
    this.#file = thread.createFile(path, { rowGroupRows, rangeColumns: ['bin_seq', 'ts_ns'] });
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
    cells.push(...tradedCells(traded));
    for (const [i, cell] of cells.entries()) present(this.#cells[i]).push(cell);
    this.#rows++;
    return this.#rows < batchBins ? undefined : this.#send();
  }

  /** Writes what is left; fulfilled when the file is durable. */
  async finish(): Promise<WrittenFile> {
    if (this.#rows > 0 || !this.#isStarted) await this.#send();
    return this.#file.finish();
  }

  async #send(): Promise<void> {
    const kinds = [int64, int64, ...featureColumns.map(([, kind]) => types[kind])];
    const lists = [list(float64()), list(int64()), list(int64()), list(int64())];
    const typeOf = (i: number): DataType => kinds[i]?.() ?? present(lists[i - kinds.length]);
    // Every batch must say the same, whether or not it has a NULL.
    const stream = arrowStream(
      storedFeatureColumns.map((name, i) => [name, columnFromArray(present(this.#cells[i]), typeOf(i))]),
      isFeature,
    );
    this.#cells = storedFeatureColumns.map(() => []);
    this.#rows = 0;
    this.#isStarted = true;
    const buffer = await this.#file.buffer(stream.byteLength);
    new Uint8Array(buffer).set(stream);
    this.#file.send(buffer, stream.byteLength);
  }
}

function tradedCells({ count, prices, bought, sold, unsided }: VolumeProfile): Cell[] {
  const sizes = (column: Float64Array) => Array.from(column.subarray(0, count), BigInt);
  return [Array.from(prices.subarray(0, count), (price) => price / 1e9), sizes(bought), sizes(sold), sizes(unsided)];
}
