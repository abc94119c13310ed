import { type Column, columnFromArray, type DataType } from '@uwdata/flechette';
import type { ParquetFile, ParquetThread, WrittenFile } from '../files/index.ts';
import { arrowStream } from '../wire/index.ts';

/** Values of a column of some rows; null where one is missing. */
export type ColumnValues = ArrayLike<unknown> & Iterable<unknown>;

/** Rows handed to the Parquet thread at a time. */
const batchRows = 16_384;

/** A Parquet file that rows are appended to, column by column. */
export class ParquetRows {
  readonly #file: ParquetFile;
  readonly #columns: readonly (readonly [name: string, type: () => DataType])[];
  readonly #nullable: ReadonlySet<string>;

  /** At `path`, which must not exist. */
  constructor(
    thread: ParquetThread,
    path: string,
    columns: readonly (readonly [name: string, type: () => DataType])[],
    nullable: readonly string[] = [],
  ) {
    this.#file = thread.createFile(path, { rowGroupRows: 8 * batchRows, rangeColumns: [] });
    this.#columns = columns;
    this.#nullable = new Set(nullable);
  }

  /** Appends `count` rows; `values` in the order of the columns. Throws LAKE_NOT_WRITABLE. */
  async append(values: readonly ColumnValues[], count: number): Promise<void> {
    for (let from = 0; from === 0 || from < count; from += batchRows) {
      const to = Math.min(count, from + batchRows);
      const columns = this.#columns.map(([name, type], index): [string, Column<unknown>] => [
        name,
        columnFromArray(sliceOf(values[index] ?? [], from, to), type()),
      ]);
      const stream = arrowStream(columns, (name) => this.#nullable.has(name));
      const buffer = await this.#file.buffer(stream.byteLength);
      new Uint8Array(buffer).set(stream);
      this.#file.send(buffer, stream.byteLength);
    }
  }

  /** Fulfilled when the file is durable. At least one `append`, maybe of no rows, came before. */
  finish(): Promise<WrittenFile> {
    return this.#file.finish();
  }
}

function sliceOf(values: ColumnValues, from: number, to: number): unknown[] | Float64Array {
  return values instanceof Float64Array ? values.subarray(from, to) : Array.prototype.slice.call(values, from, to);
}
