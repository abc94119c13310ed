import { bool, type DataType, utf8 } from '@uwdata/flechette';
import { arrowType, type GridUpdate, gridUpdateFields, isPrice, isPriceMissing } from '../wire/index.ts';
import { BinRows } from './bin_rows.ts';
import type { ParquetThread, WrittenFile } from './parquet_thread.ts';

/** Firings follow from a published rule, which files of bins have none of. */
const firingFields = ['state_model_firing', 'state_model_threshold'] as const;

export type BinColumn = Exclude<keyof typeof gridUpdateFields, (typeof firingFields)[number]>;

type Cell = string | number | boolean | bigint | null;

/** All fields of `grid_update` but those of firings, in the order of the stream. */
export const allBinColumns = Object.keys(gridUpdateFields).filter(
  (name) => !(firingFields as readonly string[]).includes(name),
) as BinColumn[];

/** Writes one row a bin, with 64-bit values as BIGINT and prices of a missing side as NULL, on the Parquet thread. */
export class BinsParquetWriter {
  readonly #rows: BinRows;
  readonly #columns: readonly BinColumn[];

  /** Starts a file at `path`, a temporary name that must not exist, with these columns in this order. */
  constructor(thread: ParquetThread, path: string, columns: readonly BinColumn[]) {
    const rangeColumns = columns.filter(
      (name) => gridUpdateFields[name] === 'int64' || gridUpdateFields[name] === 'count',
    );
    this.#rows = new BinRows(thread, path, {
      columns: columns.map((name) => [name, () => arrowTypeOf(name)]),
      rangeColumns,
      hasNulls: isPrice,
    });
    this.#columns = columns;
  }

  /** Rows written so far. */
  get rows(): number {
    return this.#rows.count;
  }

  /** Takes a bin. A promise means: wait for it before the next call; it rejects with LAKE_NOT_WRITABLE. */
  append(update: GridUpdate): Promise<void> | undefined {
    return this.#rows.append(this.#columns.map((name) => cellOf(name, update)));
  }

  /** Writes what is left; fulfilled when the file is durable. */
  finish(): Promise<WrittenFile> {
    return this.#rows.finish();
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
