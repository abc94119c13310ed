import { columnFromArray, type DataType } from '@uwdata/flechette';
import { present } from '../errors.ts';
import { arrowStream } from '../wire/index.ts';
import type { ParquetFile, ParquetThread, WrittenFile } from './parquet_thread.ts';

/** Bins handed to the Parquet thread at a time. */
const batchBins = 2048;
const rowGroupRows = 16_384;

export interface BinRowsOptions {
  /** Name and type of each column, in their order. */
  readonly columns: readonly (readonly [name: string, type: () => DataType])[];
  /** Columns whose ranges the file tells. */
  readonly rangeColumns: readonly string[];
  /** Whether a column may have NULLs: every batch must say the same, whether or not it has one. */
  readonly hasNulls: (name: string) => boolean;
}

/** Writes one row a bin on the Parquet thread. */
export class BinRows {
  readonly #options: BinRowsOptions;
  readonly #file: ParquetFile;
  #cells: unknown[][];
  #rows = 0;
  #sentRows = 0;
  #isStarted = false;

  /** Starts a file at `path`, a temporary name that must not exist. */
  constructor(thread: ParquetThread, path: string, options: BinRowsOptions) {
    this.#options = options;
    this.#file = thread.createFile(path, { rowGroupRows, rangeColumns: options.rangeColumns });
    this.#cells = options.columns.map(() => []);
  }

  /** Rows written so far. */
  get count(): number {
    return this.#sentRows + this.#rows;
  }

  /** Takes a bin's cells, one a column. A promise means: wait for it before the next call; it rejects with LAKE_NOT_WRITABLE. */
  append(cells: readonly unknown[]): Promise<void> | undefined {
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
    const { columns, hasNulls } = this.#options;
    const stream = arrowStream(
      columns.map(([name, type], i) => [name, columnFromArray(present(this.#cells[i]), type())]),
      hasNulls,
    );
    this.#cells = columns.map(() => []);
    this.#sentRows += this.#rows;
    this.#rows = 0;
    this.#isStarted = true;
    const buffer = await this.#file.buffer(stream.byteLength);
    new Uint8Array(buffer).set(stream);
    this.#file.send(buffer, stream.byteLength);
  }
}
