import { join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import type { RuntimeConfig } from '../config/index.ts';
import { type Bin, type ColumnName, createGridFrame, type GridFrame, gridColumns } from '../engine/index.ts';
import { SpymasterError } from '../errors.ts';
import { chunkColumn, chunksOf, DuckDatabase, quotedFile } from '../files/index.ts';
import { binsWithSides, type DatasetManifest, datasetFiles, type Lake, readManifest } from '../lake/index.ts';
import { DerivativeSignal, defaultSignal, runtimeParameters, signalContext } from '../signals/index.ts';
import { isPrice } from '../wire/index.ts';

const binColumns = [
  ...([
    'bin_seq',
    'bin_start_ns',
    'bin_end_ns',
    'bin_event_count',
    'event_id',
    'mid_price',
    'spot_ref_price_int',
  ] as const),
  ...(['best_bid_price_int', 'best_ask_price_int', 'has_bid', 'has_ask', 'book_valid'] as const),
];
const frameColumns = gridColumns
  .map(([name]) => name)
  .filter((name) => name !== 'k' && name !== 'flow_score' && name !== 'flow_state_code');

/**
 * The bins and grids of a dataset, one after another from its Parquet files, in bounded memory; views that are valid until
 * the next. The flow score is 0 everywhere: datasets do not hold it. The derivative signal runs on the labels, as it does
 * in the engine. Throws what `readManifest` throws, and DATASET_INVALID for files that do not hold what they should.
 */
export async function* datasetFrames(
  lake: Lake,
  datasetId: string,
): AsyncGenerator<{ bin: Bin; frame: GridFrame }, void, undefined> {
  const folder = lake.datasets(datasetId);
  const manifest = await readManifest(lake, datasetId);
  using database = await DuckDatabase.open({ threads: 2 });
  // Both are streamed at once.
  const [binsOf, gridOf] = await Promise.all([database.connect(), database.connect()]);
  try {
    const runtime = manifest.resolved_config;
    const frame = createGridFrame(runtime.grid_radius_ticks);
    const signal = new DerivativeSignal(runtimeParameters(defaultSignal, runtime), signalContext(runtime));
    const read = (name: string) => `read_parquet(${quotedFile(join(folder, name))})`;
    const source = await binsWithSides(manifest, read(datasetFiles.bins), async (sql) =>
      (await binsOf.runAndReadAll(sql)).getRows(),
    );
    const grid = new GridCursor(rowsOf(gridOf, read(datasetFiles.grid), gridQuery(runtime)), frame);
    let bins = 0;
    for await (const rows of rowsOf(binsOf, source, binQuery(manifest.capture.session_start_ns))) {
      for (let row = 0; row < rows.count; row++, bins++) {
        const bin = binOf(rows.columns, row, signal);
        await grid.fill(bin.seq);
        signal.update(frame.columns, 0);
        Object.assign(bin.signal, signal.state);
        yield { bin, frame };
      }
    }
    if (bins !== manifest.bins || grid.rowsTaken !== manifest.rows) {
      throw new Error(`expected ${manifest.bins} bins and ${manifest.rows} rows, got ${bins} and ${grid.rowsTaken}`);
    }
  } catch (error) {
    throw error instanceof SpymasterError ? error : unreadable(manifest, folder, error);
  }
}

interface Rows {
  readonly count: number;
  readonly columns: readonly ArrayLike<number>[];
}

/** `source` is an SQL FROM clause. */
async function* rowsOf(
  connection: DuckDBConnection,
  source: string,
  select: string,
): AsyncGenerator<Rows, void, undefined> {
  for await (const chunk of chunksOf(connection, `SELECT ${select} FROM ${source}`)) {
    const columns = Array.from({ length: chunk.columnCount }, (_, index) => chunkColumn(chunk, index));
    yield { count: chunk.rowCount, columns };
  }
}

/** Times since the session's start and prices fit a double exactly; UNIX nanoseconds do not. */
function binQuery(sessionStartNs: string): string {
  return binColumns
    .map((name) => {
      if (name.endsWith('_ns')) return `(${name} - ${BigInt(sessionStartNs)})::DOUBLE`;
      if (name === 'book_valid' || name === 'has_bid' || name === 'has_ask') return `${name}::TINYINT`;
      // A bin in memory has 0 for a missing price; what a vector holds for a NULL is undefined.
      return isPrice(name) ? `coalesce(${name}, 0)::DOUBLE` : `${name}::DOUBLE`;
    })
    .join(', ');
}

function gridQuery({ grid_radius_ticks: radius }: RuntimeConfig): string {
  return ['bin_seq::DOUBLE', `(k + ${radius})::INTEGER`, ...frameColumns.map((name) => `${name}::DOUBLE`)].join(', ');
}

function binOf(columns: readonly ArrayLike<number>[], row: number, { state }: DerivativeSignal): Bin {
  const at = (name: (typeof binColumns)[number]) => columns[binColumns.indexOf(name)]![row]!;
  return {
    seq: at('bin_seq'),
    startNs: at('bin_start_ns'),
    endNs: at('bin_end_ns'),
    eventCount: at('bin_event_count'),
    eventId: at('event_id'),
    midPrice: at('mid_price'),
    spotPriceInt: at('spot_ref_price_int'),
    bestBidPriceInt: at('best_bid_price_int'),
    bestAskPriceInt: at('best_ask_price_int'),
    hasBid: at('has_bid') === 1,
    hasAsk: at('has_ask') === 1,
    bookValid: at('book_valid') === 1,
    signal: { ...state },
    firing: 0,
    firingThreshold: null,
  };
}

/** Lays the rows of one bin after another out as dense grids; a dataset leaves rows out that are all zero. */
class GridCursor {
  readonly #source: AsyncGenerator<Rows, void, undefined>;
  readonly #frame: GridFrame;
  #rows: Rows | null = null;
  #at = 0;
  /** Rows laid out so far. */
  rowsTaken = 0;

  constructor(source: AsyncGenerator<Rows, void, undefined>, frame: GridFrame) {
    this.#source = source;
    this.#frame = frame;
  }

  async fill(binSeq: number): Promise<void> {
    const { columns, rows } = this.#frame;
    for (const name of frameColumns) {
      if (name === 'last_event_id') columns[name].fill(0n);
      else columns[name].fill(0);
    }
    for (;;) {
      if (this.#rows === null || this.#at === this.#rows.count) {
        const { value } = await this.#source.next();
        if (!value) return;
        this.#rows = value;
        this.#at = 0;
      }
      const [seqs, targets, ...values] = this.#rows.columns;
      const seq = seqs![this.#at]!;
      if (seq > binSeq) return;
      const target = targets![this.#at]!;
      if (seq < binSeq || target < 0 || target >= rows) throw new Error(`row ${target} of bin ${seq} is out of place`);
      for (const [index, name] of frameColumns.entries()) this.#set(name, target, values[index]![this.#at]!);
      this.#at++;
      this.rowsTaken++;
    }
  }

  #set(name: ColumnName, row: number, value: number): void {
    const column = this.#frame.columns[name];
    if (column instanceof BigInt64Array) column[row] = BigInt(value);
    else column[row] = value;
  }
}

function unreadable(manifest: DatasetManifest, folder: string, cause: unknown): SpymasterError {
  const { dataset_id: dataset } = manifest;
  return new SpymasterError(
    'DATASET_INVALID',
    `Cannot read the dataset ${dataset} in ${folder}: ${cause instanceof Error ? cause.message : cause}; delete the ` +
      'folder and generate the dataset again.',
    { dataset, path: folder },
    cause,
  );
}
