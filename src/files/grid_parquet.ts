import { type ColumnArray, type ColumnName, type GridFrame, gridColumns } from '../engine/index.ts';
import { assert } from '../errors.ts';
import type { NamedColumn } from '../wire/index.ts';
import { type ArrowBatch, type ArrowLayout, batchIn, layOutColumns } from './arrow_batch.ts';
import type { ParquetFile, ParquetThread, WrittenFile } from './parquet_thread.ts';

/** Rows handed to the Parquet thread at a time, at most. */
const batchRows = 16_384;
/** A row group is about a minute of a usual grid: 1000 bins of 101 rows. */
const rowGroupRows = 6 * batchRows;

export interface GridParquetOptions {
  /** Rows of each frame. */
  readonly frameRows: number;
  /** Columns of the frame that are written, `k` among them, in this order. */
  readonly columns: readonly ColumnName[];
  /** Whether rows whose every value besides k is zero are left out. */
  readonly omitZeroRows: boolean;
}

/** Columns that are seldom zero come first, to recognise a row that is not zero early. */
const zeroTestOrder: readonly ColumnName[] = ['microstate_id', 'last_event_id', 'rest_depth', 'composite'];

/** Writes grid frames as rows (bin_seq, k, …) of a Parquet file, on the Parquet thread. */
export class GridParquetWriter {
  readonly #file: ParquetFile;
  readonly #options: GridParquetOptions;
  readonly #columns: readonly NamedColumn[];
  readonly #layout: ArrowLayout;
  readonly #tested: readonly ColumnName[];
  #batch: ArrowBatch | null = null;
  #rows = 0;
  #sentRows = 0;
  #isStarted = false;

  private constructor(file: ParquetFile, options: GridParquetOptions) {
    const types = new Map(gridColumns);
    this.#file = file;
    this.#options = options;
    this.#columns = [['bin_seq', 'int64'], ...options.columns.map((name) => [name, types.get(name)!] as const)];
    const capacity = Math.max(1, Math.floor(batchRows / options.frameRows)) * options.frameRows;
    this.#layout = layOutColumns(this.#columns, capacity);
    const order = (name: ColumnName) => (zeroTestOrder.indexOf(name) + 1 || zeroTestOrder.length + 1) - 1;
    this.#tested = options.columns.filter((name) => name !== 'k').sort((a, b) => order(a) - order(b));
  }

  /** Starts a file at `path`, a temporary name that must not exist. */
  static async create(thread: ParquetThread, path: string, options: GridParquetOptions): Promise<GridParquetWriter> {
    const file = thread.createFile(path, { rowGroupRows, rangeColumns: ['bin_seq', 'k'] });
    const writer = new GridParquetWriter(file, options);
    await writer.#nextBatch();
    return writer;
  }

  /** Rows written so far. */
  get rows(): number {
    return this.#sentRows + this.#rows;
  }

  /**
   * Copies a frame. A promise means: wait for it before the next call; it rejects with LAKE_NOT_WRITABLE when the file
   * cannot be written.
   */
  append(binSeq: number, frame: GridFrame): Promise<void> | undefined {
    const batch = this.#batch;
    assert(batch !== null, 'GridParquetWriter.append() waits for the promise of the call before');
    const { frameRows } = this.#options;
    const kept = this.#options.omitZeroRows ? this.#keptRows(frame) : null;
    if (kept === null) this.#copyAll(batch, binSeq, frame);
    else this.#copyRows(batch, binSeq, frame, kept);
    if (this.#rows + frameRows <= this.#layout.rows) return undefined;
    this.#send();
    return this.#nextBatch();
  }

  /** Writes what is left; fulfilled when the file is durable. */
  async finish(): Promise<WrittenFile> {
    if (this.#rows > 0 || !this.#isStarted) this.#send();
    return this.#file.finish();
  }

  async #nextBatch(): Promise<void> {
    this.#batch = null;
    this.#batch = batchIn(await this.#file.buffer(this.#layout.byteLength), this.#layout);
    this.#rows = 0;
  }

  #send(): void {
    assert(this.#batch !== null, 'a batch is at hand to send');
    let { buffer } = this.#batch;
    let { byteLength } = this.#layout;
    if (this.#rows < this.#layout.rows) {
      const layout = layOutColumns(this.#columns, this.#rows);
      const part = batchIn(new ArrayBuffer(layout.byteLength), layout);
      for (const [i, values] of part.columns.entries()) set(values, this.#batch.columns[i]!.subarray(0, this.#rows), 0);
      ({ buffer } = part);
      ({ byteLength } = layout);
    }
    this.#file.send(buffer, byteLength);
    this.#isStarted = true;
    this.#sentRows += this.#rows;
    this.#rows = 0;
    this.#batch = null;
  }

  #copyAll(batch: ArrowBatch, binSeq: number, frame: GridFrame): void {
    const { columns } = this.#options;
    const row = this.#rows;
    (batch.columns[0] as BigInt64Array).fill(BigInt(binSeq), row, row + frame.rows);
    for (let i = 0; i < columns.length; i++) set(batch.columns[i + 1]!, frame.columns[columns[i]!], row);
    this.#rows = row + frame.rows;
  }

  #copyRows(batch: ArrowBatch, binSeq: number, frame: GridFrame, kept: readonly number[]): void {
    const { columns } = this.#options;
    const start = this.#rows;
    (batch.columns[0] as BigInt64Array).fill(BigInt(binSeq), start, start + kept.length);
    for (let i = 0; i < columns.length; i++) {
      const source = frame.columns[columns[i]!];
      const target = batch.columns[i + 1]!;
      for (let j = 0; j < kept.length; j++) target[start + j] = source[kept[j]!]!;
    }
    this.#rows = start + kept.length;
  }

  /** Rows that are not all zero; null when that is every row. */
  #keptRows(frame: GridFrame): number[] | null {
    const kept: number[] = [];
    for (let row = 0; row < frame.rows; row++) {
      if (this.#tested.some((name) => Number(frame.columns[name][row]) !== 0)) kept.push(row);
    }
    return kept.length === frame.rows ? null : kept;
  }
}

/** `target.set(source, offset)` for two columns of one type. */
function set(target: ColumnArray, source: ColumnArray, offset: number): void {
  if (target instanceof BigInt64Array) target.set(source as BigInt64Array, offset);
  else target.set(source as Float64Array, offset);
}
