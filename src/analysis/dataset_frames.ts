import { type Bin, type ColumnName, createGridFrame, type GridFrame, gridColumns } from '../engine/index.ts';
import { SpymasterError } from '../errors.ts';
import {
  type DatasetManifest,
  DatasetReader,
  type GridRows,
  type Lake,
  readManifest,
  storedBinColumns,
} from '../lake/index.ts';
import { DerivativeSignal, defaultSignal, runtimeParameters, signalContext } from '../signals/index.ts';

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
  const manifest = await readManifest(lake, datasetId);
  // Bins and grid are streamed at once, and a reader reads one of them.
  using binReader = await DatasetReader.open(lake, manifest, { threads: 1 });
  using gridReader = await DatasetReader.open(lake, manifest, { threads: 1 });
  try {
    const runtime = manifest.resolved_config;
    const frame = createGridFrame(runtime.grid_radius_ticks);
    const signal = new DerivativeSignal(runtimeParameters(defaultSignal, runtime), signalContext(runtime));
    const grid = new GridCursor(gridReader.grid(frameColumns), frame);
    let bins = 0;
    for await (const rows of binReader.bins()) {
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
    throw error instanceof SpymasterError ? error : unreadable(manifest, lake.datasets(datasetId), error);
  }
}

function binOf(columns: readonly ArrayLike<number>[], row: number, { state }: DerivativeSignal): Bin {
  const at = (name: (typeof storedBinColumns)[number]) => columns[storedBinColumns.indexOf(name)]![row]!;
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
  readonly #source: AsyncGenerator<GridRows, void, undefined>;
  readonly #frame: GridFrame;
  readonly #radius: number;
  #rows: GridRows | null = null;
  #at = 0;
  /** Rows laid out so far. */
  rowsTaken = 0;

  constructor(source: AsyncGenerator<GridRows, void, undefined>, frame: GridFrame) {
    this.#source = source;
    this.#frame = frame;
    this.#radius = (frame.rows - 1) / 2;
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
      const { bin, k, values } = this.#rows;
      const seq = bin[this.#at]!;
      if (seq > binSeq) return;
      const target = k[this.#at]! + this.#radius;
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
