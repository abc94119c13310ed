import { present, SpymasterError } from '../../errors.ts';
import { type Lake, readManifest } from '../../lake/index.ts';
import {
  assertComputed,
  findFirings,
  pastPercentiles,
  type SignalColumn,
  type SignalColumns,
  type SignalContext,
  signalContext,
  type Thresholds,
} from '../../signals/index.ts';
import {
  type DescribedSignal,
  findUserSignal,
  type SignalPlaces,
  SpareThread,
  scoreBins,
  startCheckThread,
  startDescribeThread,
} from '../../user_signals/index.ts';
import { loadDataset, type SharedDataset } from '../dataset.ts';
import { signalColumns } from '../signal_columns.ts';
import { sessionOf } from '../sweep_session.ts';

export interface WatchedSignalOptions {
  readonly lake: Lake;
  readonly places: SignalPlaces;
  readonly name: string;
  readonly datasetId: string;
  /** How long one bin may take. */
  readonly stallMs: number;
}

/** What a save gave: `scores` has an element a bin. */
export interface WatchedRun {
  readonly hash: string;
  readonly about: string;
  /** A score, or a percentile of the past |score|. */
  readonly threshold: { readonly kind: Thresholds['kind']; readonly value: number };
  /** One for all bins, or one a bin, NaN while a percentile has no past. */
  readonly thresholds: Float64Array;
  readonly scores: Float64Array;
  readonly warmUpBins: number | null;
  /** What it draws beside its score, NaN where a bin has no value. */
  readonly series: readonly { readonly name: string; readonly values: Float64Array }[];
  readonly firings: { readonly bins: readonly number[]; readonly sides: readonly number[] };
  readonly tookMs: number;
}

/** A dataset's session, and its mids as a page draws them. */
export interface WatchedSession {
  readonly datasetId: string;
  readonly date: string;
  readonly symbol: string;
  /** Time of day of the first bin's start in New York, and length of a bin. */
  readonly startOfDayMs: number;
  readonly cellWidthMs: number;
  /** Prices; null where a bin has no mid. */
  readonly mids: readonly (number | null)[];
}

/**
 * A user's signal on one dataset: each `run` takes the file as it is then. The dataset is read once, and what a change needs of it
 * besides; threads of a next run are started ahead of it.
 */
export class WatchedSignal implements AsyncDisposable {
  readonly session: WatchedSession;
  readonly #options: WatchedSignalOptions;
  readonly #context: SignalContext;
  readonly #bins: SharedDataset;
  readonly #describing = new SpareThread(startDescribeThread);
  readonly #scoring = new SpareThread(startCheckThread);
  readonly #columns = new Map<SignalColumn, SignalColumns[SignalColumn]>();

  private constructor(
    options: WatchedSignalOptions,
    session: WatchedSession,
    context: SignalContext,
    bins: SharedDataset,
  ) {
    this.#options = options;
    this.session = session;
    this.#context = context;
    this.#bins = bins;
  }

  /** Throws what `readManifest` and `loadDataset` throw, and SIGNAL_IMPORTED. */
  static async open(options: WatchedSignalOptions): Promise<WatchedSignal> {
    const { lake, datasetId } = options;
    const manifest = await readManifest(lake, datasetId);
    const { resolved_config: runtime } = manifest;
    const context = signalContext(runtime);
    const bins = await loadDataset(lake, datasetId, context.radius, []);
    const { date, symbol, startOfDayMs } = sessionOf(manifest);
    const mids = Array.from(bins.series.mids, (mid) => (Number.isNaN(mid) ? null : mid / 1e9));
    const session = { datasetId, date, symbol, startOfDayMs, cellWidthMs: runtime.cell_width_ms, mids };
    const watched = new WatchedSignal(options, session, context, bins);
    // What else is wrong with the file, the next save may change.
    await watched.read().catch((error: unknown) => {
      if (error instanceof SpymasterError && error.code === 'SIGNAL_IMPORTED') throw error;
    });
    return watched;
  }

  /** The signal's present file; throws what `findUserSignal` throws, and SIGNAL_IMPORTED. */
  async read(): Promise<DescribedSignal> {
    const { places, name } = this.#options;
    const signal = await findUserSignal(places, name, () => this.#describing.take());
    assertComputed(signal.description, `watch the signal ${name}`);
    return signal;
  }

  /** Starts what the next run begins with: a save then waits for its own code alone. */
  prepare(): void {
    this.#describing.prepare();
    this.#scoring.prepare();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#describing[Symbol.asyncDispose]();
    await this.#scoring[Symbol.asyncDispose]();
  }

  /** Scores and firings of a source at the middle one of its thresholds. Throws what `scoreBins` throws. */
  async run(signal: DescribedSignal, abort: AbortSignal): Promise<WatchedRun> {
    const { description, source } = signal;
    const columns = await this.#columnsOf(description.columns);
    const startMs = performance.now();
    const { binCount, series } = this.#bins;
    const { stallMs } = this.#options;
    const data = { columns, context: this.#context, binCount };
    const {
      scores,
      warmUpBins,
      series: drawn,
    } = await scoreBins(signal, data, {
      ...{ stallMs, signal: abort },
      thread: () => this.#scoring.take(),
    });
    const { kind, values } = description.thresholds;
    const value = present(values[values.length >> 1]);
    const perBin =
      description.thresholds.kind === 'score'
        ? Float64Array.of(value)
        : present(pastPercentiles(scores, [value], description.thresholds.windowBins)[0]);
    const firings = findFirings(scores, perBin, series.tradable, 0, 0);
    return {
      ...{ hash: source.hash, about: description.about, threshold: { kind, value }, thresholds: perBin },
      series: (description.series ?? []).map(({ name }, at) => ({ name, values: present(drawn[at]) })),
      ...{ scores, warmUpBins, tookMs: performance.now() - startMs },
      firings: { bins: Array.from(firings.bins), sides: Array.from(firings.sides) },
    };
  }

  async #columnsOf(names: readonly SignalColumn[]): Promise<SignalColumns> {
    const { lake, datasetId } = this.#options;
    const missing = names.filter((name) => !this.#columns.has(name));
    if (missing.length > 0) {
      const { columns } = await signalColumns(lake, datasetId, missing, Number.POSITIVE_INFINITY);
      for (const name of missing) this.#columns.set(name, columns[name]);
    }
    return Object.fromEntries(names.map((name) => [name, this.#columns.get(name)])) as unknown as SignalColumns;
  }
}
