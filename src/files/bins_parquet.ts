import { bool, columnFromArray, type DataType, utf8 } from '@uwdata/flechette';
import { present } from '../errors.ts';
import { arrowStream, arrowType, type GridUpdate, gridUpdateFields, isPrice, isPriceMissing } from '../wire/index.ts';
import type { ParquetFile, ParquetThread, WrittenFile } from './parquet_thread.ts';

/** Firings follow from a published rule, which files of bins have none of. */
const firingFields = ['state_model_firing', 'state_model_threshold'] as const;

export type BinColumn = Exclude<keyof typeof gridUpdateFields, (typeof firingFields)[number]>;

/** Bins handed to the Parquet thread at a time. */
export const batchBins = 2048;
export const rowGroupRows = 16_384;

type Cell = string | number | boolean | bigint | null;

/** All fields of `grid_update` but those of firings, in the order of the stream. */
export const allBinColumns = Object.keys(gridUpdateFields).filter(
  (name) => !(firingFields as readonly string[]).includes(name),
) as BinColumn[];

/** Writes one row a bin, with 64-bit values as BIGINT and prices of a missing side as NULL, on the Parquet thread. */
export class BinsParquetWriter {
  readonly #file: ParquetFile;
  readonly #columns: readonly BinColumn[];
  #cells: Cell[][];
  #rows = 0;
  #sentRows = 0;
  #isStarted = false;

  /** Starts a file at `path`, a temporary name that must not exist, with these columns in this order. */
  constructor(thread: ParquetThread, path: string, columns: readonly BinColumn[]) {
    const rangeColumns = columns.filter(
      (name) => gridUpdateFields[name] === 'int64' || gridUpdateFields[name] === 'count',
    );
    this.#file = thread.createFile(path, { rowGroupRows, rangeColumns });
    this.#columns = columns;
    this.#cells = columns.map(() => []);
  }

  /** Rows written so far. */
  get rows(): number {
    return this.#sentRows + this.#rows;
  }

  /** Takes a bin. A promise means: wait for it before the next call; it rejects with LAKE_NOT_WRITABLE. */
  append(update: GridUpdate): Promise<void> | undefined {
    for (const [i, name] of this.#columns.entries()) present(this.#cells[i]).push(cellOf(name, update));
    this.#rows++;
    return this.#rows < batchBins ? undefined : this.#send();
  }

  /** Writes what is left; fulfilled when the file is durable. */
  async finish(): Promise<WrittenFile> {
    if (this.#rows > 0 || !this.#isStarted) await this.#send();
    return this.#file.finish();
  }

  async #send(): Promise<void> {
    // Every batch must say the same, whether or not it has a NULL.
    const stream = arrowStream(
      this.#columns.map((name, i) => [name, columnFromArray(present(this.#cells[i]), arrowTypeOf(name))]),
      isPrice,
    );
    this.#cells = this.#columns.map(() => []);
    this.#sentRows += this.#rows;
    this.#rows = 0;
    this.#isStarted = true;
    const buffer = await this.#file.buffer(stream.byteLength);
    new Uint8Array(buffer).set(stream);
    this.#file.send(buffer, stream.byteLength);
  }
}

function cellOf(name: BinColumn, update: GridUpdate): Cell {
  if (isPrice(name) && isPriceMissing(name, update)) return null;
  const value = update[name];
  const kind = gridUpdateFields[name];
  return kind === 'int64' || kind === 'count' ? BigInt(value) : value;
}

function arrowTypeOf(name: BinColumn): DataType {
  if (name === 'state_model_dominant_state5_code') return arrowType.int8();
  const kind = gridUpdateFields[name];
  if (kind === 'boolean') return bool();
  if (kind === 'text') return utf8();
  return arrowType[kind === 'number' ? 'float64' : 'int64']();
}
