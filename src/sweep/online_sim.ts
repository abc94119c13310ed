import { tickSizeInt } from '../config/index.ts';
import { BinColumns } from '../engine/index.ts';
import { assert, present } from '../errors.ts';
import { DatasetReader, datasetSource, type Lake, verifyDataset } from '../lake/index.ts';
import { openSession, priorFeatures } from '../replay/index.ts';
import {
  assertComputed,
  isBinColumn,
  isFeatureColumn,
  resolveParameters,
  runtimeParameters,
  Signal,
  type SignalColumns,
  signalContext,
  signalDefinition,
} from '../signals/index.ts';

import { loadBinColumns, loadBins } from './dataset.ts';
import { readsFlowScore } from './plan_signal.ts';

export interface OnlineSimOptions {
  readonly lake: Lake;
  readonly datasetId: string;
  readonly signalName: string;
  /** Hash of the signal's source where it is the user's, and known to this thread. */
  readonly signalSource?: string | undefined;
  /** Over the signal's defaults; for the derivative signal over the dataset's runtime fields. */
  readonly signalParameters: Readonly<Record<string, unknown>>;
  /** Time that a bin may take. */
  readonly binBudgetMs: number;
  /** A clock in milliseconds of the best resolution there is. */
  readonly nowMs: () => number;
  /** Resident memory of the process, bytes. */
  readonly residentBytes: () => number;
  readonly onProgress?: (bins: number, total: number) => void;
}

/** What streaming a dataset through a signal took; times are of one bin: taking in its rows and updating the signal. */
export interface OnlineSimReport {
  readonly bins: number;
  readonly readyBins: number;
  readonly p50Us: number;
  readonly p95Us: number;
  readonly p99Us: number;
  readonly maxUs: number;
  readonly meanUs: number;
  readonly binBudgetMs: number;
  /** The 99th percentile as a share of the budget. */
  readonly budgetShareP99: number;
  /** Bins that took longer than the budget. */
  readonly misses: number;
  readonly residentBytesStart: number;
  readonly residentBytesMax: number;
  /** Of the last bin. */
  readonly lastScore: number;
}

/**
 * Streams a dataset's bins, one after the other, through the incremental signal as serving runs it, and measures each. A
 * signal that reads the flow score, which datasets do not hold, gets its bins from a replay of the raw file instead.
 *
 * @throws CONFIG_INVALID for parameters the signal refuses, and what `verifyDataset` and `datasetSource` throw
 */
export async function onlineSim(options: OnlineSimOptions): Promise<OnlineSimReport> {
  const { lake, datasetId, signalName, nowMs } = options;
  const manifest = await verifyDataset(lake, datasetId);
  const runtime = manifest.resolved_config;
  const definition = signalDefinition(signalName, options.signalSource);
  assertComputed(definition, `simulate ${signalName}`);
  const context = signalContext(runtime, manifest.spec.capture.dt);
  const given = { ...runtimeParameters(definition, runtime), ...options.signalParameters };
  const signal = new Signal(definition, resolveParameters(definition, given, context), context);
  const meter = new Meter(signal, manifest.bins, options);
  if (readsFlowScore(definition)) {
    const makesFeatures = definition.columns.some(isFeatureColumn);
    const { path, date, capture } = await datasetSource(lake, datasetId, { withPrior: makesFeatures });
    const prior =
      makesFeatures && manifest.prior_sources !== undefined
        ? await priorFeatures({ lake, pipeline: { spec: manifest.spec, runtime, capture, datasetId } })
        : null;
    await using session = await openSession({
      ...{ path, runtime, date, capture },
      ...{ makesFeatures, features: prior?.features },
    });
    let columns: BinColumns | null = null;
    await session.run({
      onBin: (bin, frame, features) => {
        columns ??= new BinColumns(frame, definition.columns, tickSizeInt(runtime));
        const startMs = nowMs();
        signal.update(columns.take(bin, features), 0);
        meter.take(nowMs() - startMs);
        return undefined;
      },
    });
  } else {
    using reader = await DatasetReader.open(lake, manifest, { threads: 1 });
    await streamGrid(
      reader,
      signal,
      { bins: manifest.bins, radius: context.radius, tickInt: tickSizeInt(runtime) },
      meter,
    );
  }
  return meter.report();
}

/** Reads the grid in order and gives each bin's rows to the signal once they are all there. */
async function streamGrid(
  reader: DatasetReader,
  signal: Signal,
  { bins, radius, tickInt }: { readonly bins: number; readonly radius: number; readonly tickInt: number },
  meter: Meter,
): Promise<void> {
  const wanted = signal.definition.columns;
  const names = wanted.filter((name) => !isBinColumn(name));
  const numbers = wanted.some(isBinColumn)
    ? await loadBinColumns(reader, await loadBins(reader), wanted.filter(isBinColumn), tickInt)
    : [];
  const rows = 2 * radius + 1;
  const columns = Object.fromEntries(
    wanted.map((name) => [name, name === 'state5_code' ? new Int8Array(rows) : new Float64Array(rows)]),
  ) as unknown as SignalColumns & Record<string, Float64Array | Int8Array>;
  let bin = 0;
  let spentMs = 0;
  const close = () => {
    const startMs = meter.nowMs();
    for (const [name, values] of numbers) columns[name].fill(present(values[bin]));
    signal.update(columns, 0);
    meter.take(spentMs + meter.nowMs() - startMs);
    for (const name of names) columns[name].fill(0);
    spentMs = 0;
    bin++;
  };
  for await (const { count, bin: binSeq, k, values } of reader.grid(names)) {
    for (let row = 0; row < count; ) {
      while (bin < present(binSeq[row])) close();
      assert(binSeq[row] === bin, 'a dataset holds its rows bin by bin');
      const startMs = meter.nowMs();
      let end = row;
      while (end < count && binSeq[end] === bin) end++;
      for (let index = 0; index < names.length; index++) {
        const column = columns[present(names[index])];
        const source = present(values[index]);
        for (let at = row; at < end; at++) column[present(k[at]) + radius] = present(source[at]);
      }
      spentMs += meter.nowMs() - startMs;
      row = end;
    }
  }
  while (bin < bins) close();
}

/** Bins between two looks at memory and progress. */
const sampleBins = 256;

/** Collects what each bin took. */
class Meter {
  readonly nowMs: () => number;
  readonly #signal: Signal;
  readonly #options: OnlineSimOptions;
  readonly #timesUs: Float64Array;
  readonly #residentStart: number;
  #residentMax: number;
  #count = 0;
  #ready = 0;

  constructor(signal: Signal, bins: number, options: OnlineSimOptions) {
    this.nowMs = options.nowMs;
    this.#signal = signal;
    this.#options = options;
    this.#timesUs = new Float64Array(bins);
    this.#residentStart = options.residentBytes();
    this.#residentMax = this.#residentStart;
  }

  take(tookMs: number): void {
    this.#timesUs[this.#count++] = tookMs * 1000;
    if (this.#signal.ready) this.#ready++;
    if (this.#count % sampleBins !== 0) return;
    this.#residentMax = Math.max(this.#residentMax, this.#options.residentBytes());
    this.#options.onProgress?.(this.#count, this.#timesUs.length);
  }

  report(): OnlineSimReport {
    const { binBudgetMs, residentBytes } = this.#options;
    const sorted = this.#timesUs.slice(0, this.#count).sort();
    const percentile = (p: number) => sorted[Math.max(0, Math.ceil((p / 100) * sorted.length) - 1)] ?? 0;
    return {
      bins: this.#count,
      readyBins: this.#ready,
      p50Us: percentile(50),
      p95Us: percentile(95),
      p99Us: percentile(99),
      maxUs: percentile(100),
      meanUs: sorted.reduce((a, b) => a + b, 0) / Math.max(1, sorted.length),
      binBudgetMs,
      budgetShareP99: percentile(99) / (binBudgetMs * 1000),
      misses: sorted.reduce((count, us) => count + (us > binBudgetMs * 1000 ? 1 : 0), 0),
      residentBytesStart: this.#residentStart,
      residentBytesMax: Math.max(this.#residentMax, residentBytes()),
      lastScore: this.#signal.score,
    };
  }
}
