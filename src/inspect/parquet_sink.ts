import {
  batchType,
  Column,
  columnFromArray,
  type DataType,
  decimal128,
  float64,
  int8,
  int16,
  int32,
  int64,
  TimeUnit,
  timestamp,
  uint8,
  uint16,
  uint32,
  uint64,
  utf8,
} from '@uwdata/flechette';
import {
  createColumns,
  dateOfNs,
  type Field,
  fillColumns,
  type Layout,
  layoutInVersion,
  layoutOf,
  type Metadata,
  type RecordBatch,
  type RecordColumn,
  schemaRtypes,
  tsOfWords,
  undefinedPrice,
  undefinedTimestamp,
} from '../dbn/index.ts';
import { assert, SpymasterError } from '../errors.ts';
import { type ParquetFile, ParquetThread, type WrittenFile } from '../files/index.ts';
import { arrowStream } from '../wire/index.ts';
import { type RecordSink, StreamSymbols } from './record_sinks.ts';
import type { PriceType } from './tool_options.ts';

/** Rows per Arrow batch, and per row group. */
const batchRows = 16_384;
const rowGroupRows = 131_072;

export interface ParquetSinkOptions {
  readonly metadata: Metadata | null;
  readonly tsOut: boolean;
  readonly mapSymbols: boolean;
  readonly priceType: PriceType;
}

/**
 * Writes records of one layout as Parquet at `path`, a temporary name that must not exist.
 *
 * Columns bear DBN's names. Prices are DECIMAL(19, 9), DOUBLE, or BIGINT in units of 1e-9, as `priceType` says, times
 * TIMESTAMP with nanoseconds, each null when undefined; times are UTC, which the type does not say because DuckDB reads zoned times in microseconds;
 * text and one-character fields are strings (null for a zero character), integers keep their type. Throws
 * SCHEMA_MISMATCH for a record of another layout, or a time past 2262-04-11 that the type cannot hold.
 */
export class ParquetSink implements RecordSink {
  readonly #thread = new ParquetThread();
  readonly #path: string;
  readonly #options: ParquetSinkOptions;
  readonly #symbols: StreamSymbols;
  #file: ParquetFile | null = null;
  #rows: LayoutRows | null = null;
  readonly isOpen = true;
  #written: WrittenFile | null = null;

  constructor(path: string, options: ParquetSinkOptions) {
    this.#path = path;
    this.#options = options;
    this.#symbols = new StreamSymbols(options.metadata, options.tsOut);
    const { metadata } = options;
    if (metadata?.schema) this.#start(layoutInVersion(schemaRtypes[metadata.schema][0]!, metadata.version)!);
  }

  async write(batch: RecordBatch): Promise<void> {
    const { tsOut, mapSymbols } = this.#options;
    if (mapSymbols) this.#symbols.onBatch(batch);
    const layout = layoutOf(batch.rtype, batch.recordBytes - (tsOut ? 8 : 0));
    if (layout === null || (this.#rows !== null && layout !== this.#rows.layout)) {
      throw new SpymasterError(
        'SCHEMA_MISMATCH',
        `Cannot write the record at byte ${batch.byteOffset} (rtype ${batch.rtype}) as Parquet: a file holds records of ` +
          `one schema${this.#rows === null ? '' : `, here ${this.#rows.layout.name}`}. Choose one with --schema.`,
        { byteOffset: batch.byteOffset, rtype: batch.rtype },
      );
    }
    const rows = this.#rows ?? this.#start(layout);
    for (let from = 0; from < batch.count; ) {
      from = rows.fill(batch, from);
      if (rows.isFull) await this.#send(rows);
    }
  }

  async finish(): Promise<void> {
    if (this.#rows === null) {
      await this.#thread.close();
      throw new SpymasterError(
        'SCHEMA_MISMATCH',
        'Cannot write Parquet: there is no record that would say which columns.',
      );
    }
    await this.#send(this.#rows);
    this.#written = await this.#file!.finish();
    await this.#thread.close();
  }

  /** The file, once it is finished. */
  get written(): WrittenFile {
    assert(this.#written !== null, 'the file is finished');
    return this.#written;
  }

  abort(): Promise<void> {
    return this.#thread.close();
  }

  #start(layout: Layout): LayoutRows {
    const times = layout.fields.filter(({ type }) => type === 'timestamp').map(({ dbnName }) => dbnName);
    this.#file = this.#thread.createFile(this.#path, { rowGroupRows, rangeColumns: [...times, 'instrument_id'] });
    this.#rows = new LayoutRows(layout, this.#options, this.#symbols);
    return this.#rows;
  }

  async #send(rows: LayoutRows): Promise<void> {
    const stream = rows.takeIpc();
    const buffer = await this.#file!.buffer(stream.byteLength);
    new Uint8Array(buffer).set(stream);
    this.#file!.send(buffer, stream.byteLength);
  }
}

/** Rows that wait to become an Arrow batch. */
class LayoutRows {
  readonly layout: Layout;
  readonly #columns: readonly RecordColumn[];
  readonly #fill: (at: number, batch: RecordBatch, from: number, to: number) => void;
  readonly #tsOut: BigUint64Array | null;
  readonly #symbols: (string | null)[] | null;
  readonly #symbolMap: StreamSymbols;
  readonly #priceType: PriceType;
  #count = 0;

  constructor(layout: Layout, options: ParquetSinkOptions, symbolMap: StreamSymbols) {
    const columns = createColumns(layout, batchRows);
    this.layout = layout;
    this.#columns = columns.columns;
    this.#fill = (at, batch, from, to) => fillColumns(columns, at, batch, from, to);
    this.#tsOut = options.tsOut ? new BigUint64Array(batchRows) : null;
    this.#symbols = options.mapSymbols ? new Array<string | null>(batchRows).fill(null) : null;
    this.#symbolMap = symbolMap;
    this.#priceType = options.priceType;
  }

  get isFull(): boolean {
    return this.#count === batchRows;
  }

  /** Takes records from `from` on while there is room; returns the index of the first that it did not take. */
  fill(batch: RecordBatch, from: number): number {
    const to = Math.min(batch.count, from + batchRows - this.#count);
    this.#fill(this.#count, batch, from, to);
    const { words, recordBytes } = batch;
    const stride = recordBytes >>> 2;
    for (let index = from; index < to; index++) {
      const row = this.#count + index - from;
      if (this.#tsOut !== null) this.#tsOut[row] = tsOfWords(words, (index + 1) * stride - 2);
      if (this.#symbols === null) continue;
      const date = dateOfNs(tsOfWords(words, index * stride + (this.layout.indexTsOffset >>> 2)));
      this.#symbols[row] = this.#symbolMap.get(words[index * stride + 1]!, date) ?? null;
    }
    this.#count += to - from;
    return to;
  }

  /** An Arrow IPC stream of the rows, which are forgotten. */
  takeIpc(): Uint8Array {
    const count = this.#count;
    const columns = this.#columns.map(({ field, data }): [string, Column<unknown>] => [
      field.dbnName,
      toArrow(field, data.slice(0, count), this.#priceType),
    ]);
    if (this.#tsOut !== null) columns.push(['ts_out', timeColumn('ts_out', this.#tsOut.subarray(0, count))]);
    if (this.#symbols !== null) columns.push(['symbol', columnFromArray(this.#symbols.slice(0, count), utf8())]);
    this.#count = 0;
    return arrowStream(columns);
  }
}

const integerTypes: Partial<Record<Field['type'], () => DataType>> = {
  ...{ u8: uint8, u16: uint16, u32: uint32, u64: uint64 },
  ...{ i8: int8, i16: int16, i32: int32, i64: int64 },
};

function toArrow(field: Field, data: RecordColumn['data'], priceType: PriceType): Column<unknown> {
  if (Array.isArray(data)) return columnFromArray(data, utf8());
  if (field.type === 'timestamp') return timeColumn(field.dbnName, data as BigUint64Array);
  if (field.type === 'price') return priceColumn(data as BigInt64Array, priceType);
  if (field.type === 'char') {
    return columnFromArray(
      Array.from(data as Uint8Array, (code) => (code === 0 ? null : String.fromCharCode(code))),
      utf8(),
    );
  }
  return column(integerTypes[field.type]!(), data, data.length, null);
}

function timeColumn(name: string, times: BigUint64Array): Column<unknown> {
  const validity = new Validity(times.length);
  for (const [row, ts] of times.entries()) {
    if (ts === undefinedTimestamp) validity.setNull(row);
    else if (ts > undefinedPrice) {
      throw new SpymasterError(
        'SCHEMA_MISMATCH',
        `Cannot write ${name} ${ts} as a Parquet timestamp: the last one is ${undefinedPrice}, in the year 2262. Use JSON or CSV.`,
        { field: name },
      );
    }
  }
  const values = new BigInt64Array(times.buffer, times.byteOffset, times.length);
  return column(timestamp(TimeUnit.NANOSECOND), values, times.length, validity);
}

function priceColumn(prices: BigInt64Array, priceType: PriceType): Column<unknown> {
  const validity = new Validity(prices.length);
  for (const [row, price] of prices.entries()) if (price === undefinedPrice) validity.setNull(row);
  if (priceType === 'fixed') return column(int64(), prices, prices.length, validity);
  if (priceType === 'float') {
    const doubles = Float64Array.from(prices, (price) => Number(price) / 1e9);
    return column(float64(), doubles, prices.length, validity);
  }
  const values = new BigInt64Array(prices.length * 2);
  for (const [row, price] of prices.entries()) {
    values[row * 2] = price;
    values[row * 2 + 1] = price < 0n ? -1n : 0n;
  }
  return column(decimal128(19, 9), new BigUint64Array(values.buffer), prices.length, validity);
}

/** An Arrow validity bitmap. */
class Validity {
  readonly bits: Uint8Array;
  nullCount = 0;

  constructor(length: number) {
    this.bits = new Uint8Array(Math.ceil(length / 64) * 8).fill(0xff);
  }

  setNull(row: number): void {
    this.bits[row >> 3]! &= ~(1 << (row & 7));
    this.nullCount++;
  }
}

function column(type: DataType, values: ArrayBufferView, length: number, validity: Validity | null): Column<unknown> {
  const Batch = batchType(type) as new (options: object) => Column<unknown>['data'][number];
  const { nullCount, bits } = validity ?? { nullCount: 0, bits: new Uint8Array(0) };
  const batch = new Batch({ length, nullCount, type, validity: nullCount === 0 ? new Uint8Array(0) : bits, values });
  return new Column([batch], type);
}
