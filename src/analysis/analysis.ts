import { type CaptureWindow, type RuntimeConfig, tickSizeInt } from '../config/index.ts';
import type { RecordBatch } from '../dbn/index.ts';
import { type Bin, type GridFrame, hasMid } from '../engine/index.ts';
import { present } from '../errors.ts';
import { defaultSignal } from '../signals/index.ts';
import { type BookQuality, BookWatch } from './book_quality.ts';
import { type FeedQuality, FeedWatch } from './feed_quality.ts';
import { MinMaxSeries, type ThinnedSeries } from './min_max_series.ts';
import { type ProjectionStudy, ProjectionWatch } from './projection_study.ts';
import { SignalWatch } from './signal_record.ts';
import { type SignalStudy, studySignal, type TradeRules } from './signal_study.ts';
import { type SpectrumHealth, SpectrumWatch } from './spectrum_health.ts';

export interface AnalysisOptions {
  readonly runtime: RuntimeConfig;
  readonly capture: CaptureWindow;
  readonly instrumentId: number | null;
  /** Whether records and flow scores come along: true for a replay, false for a dataset's Parquet files alone. */
  readonly isReplay: boolean;
  readonly rules: TradeRules;
}

/** Everything that was measured. Sections that the source does not allow are null. */
export interface Measurements {
  readonly book: BookQuality;
  readonly feed: FeedQuality | null;
  readonly spectrum: SpectrumHealth;
  readonly projection: ProjectionStudy | null;
  readonly signal: SignalStudy;
  readonly series: Readonly<Record<SeriesName, ThinnedSeries>>;
}

export type SeriesName = 'mid' | 'spreadTicks' | 'eventsPerS' | 'signalScore' | 'flowActiveShare';

/** Takes a session bin by bin, measures everything in one pass, and keeps none of it. */
export class Analysis {
  readonly #options: AnalysisOptions;
  readonly #feed: FeedWatch | null;
  readonly #book: BookWatch;
  readonly #spectrum: SpectrumWatch;
  readonly #projection: ProjectionWatch | null;
  readonly #signal: SignalWatch;
  readonly #tickInt: number;
  readonly #series: Record<SeriesName, MinMaxSeries> = {
    mid: new MinMaxSeries(),
    spreadTicks: new MinMaxSeries(),
    eventsPerS: new MinMaxSeries(),
    signalScore: new MinMaxSeries(),
    flowActiveShare: new MinMaxSeries(),
  };

  constructor(options: AnalysisOptions) {
    const { runtime, capture, isReplay } = options;
    const { symbol, publisher_id: publisherId = null } = runtime;
    this.#options = options;
    this.#tickInt = tickSizeInt(runtime);
    this.#feed = isReplay ? new FeedWatch(capture, { symbol, instrumentId: options.instrumentId, publisherId }) : null;
    this.#book = new BookWatch(this.#tickInt);
    this.#spectrum = new SpectrumWatch({
      radius: runtime.grid_radius_ticks,
      flowMinPeriods: runtime.flow_zscore_min_periods,
      signalMinPeriods: runtime.state_model_zscore_min_periods,
      hasFlow: isReplay,
    });
    const cellS = runtime.cell_width_ms / 1000;
    this.#projection = isReplay
      ? new ProjectionWatch({
          rows: 2 * runtime.grid_radius_ticks + 1,
          cellS,
          horizonsBins: runtime.projection_horizons_bins,
          firstBin: runtime.flow_zscore_min_periods - 1,
          memoryBins: 4 * Math.max(...runtime.flow_windows),
        })
      : null;
    this.#signal = new SignalWatch(capture, cellS, this.#tickInt);
  }

  addBatch(batch: RecordBatch): void {
    this.#feed?.add(batch);
  }

  addBin(bin: Bin, frame: GridFrame): void {
    this.#book.add(bin);
    this.#spectrum.add(bin, frame);
    const spotTick = Math.round(bin.spotPriceInt / this.#tickInt);
    const firstTick = hasMid(bin) ? spotTick - this.#options.runtime.grid_radius_ticks : Number.NaN;
    this.#projection?.add(frame.columns.flow_score, firstTick);
    this.#signal.add(bin, this.#lean(bin, frame));
    this.#addSeries(bin, frame);
  }

  /** Mean flow score below spot less that above: > 0 where pressure builds among the bids; NaN until it is known. */
  #lean(bin: Bin, { columns, rows }: GridFrame): number {
    const { runtime, isReplay } = this.#options;
    if (!isReplay || !hasMid(bin) || bin.seq + 1 < runtime.flow_zscore_min_periods) return Number.NaN;
    const { flow_score: scores } = columns;
    const radius = (rows - 1) / 2;
    let lean = 0;
    for (let k = 1; k <= radius; k++) lean += present(scores[radius - k]) - present(scores[radius + k]);
    return lean / radius;
  }

  #addSeries(bin: Bin, { columns, rows }: GridFrame): void {
    const { runtime, isReplay } = this.#options;
    const series = this.#series;
    const hasWindow = hasMid(bin);
    series.mid.add(hasWindow ? bin.midPrice : Number.NaN);
    const spread = (bin.bestAskPriceInt - bin.bestBidPriceInt) / this.#tickInt;
    series.spreadTicks.add(bin.bookValid ? spread : Number.NaN);
    series.eventsPerS.add((bin.eventCount * 1000) / runtime.cell_width_ms);
    series.signalScore.add(bin.signal.ready ? bin.signal.score : Number.NaN);
    if (!isReplay) return;
    let active = 0;
    for (const code of columns.flow_state_code) active += code === 0 ? 0 : 1;
    series.flowActiveShare.add(
      hasWindow && bin.seq + 1 >= runtime.flow_zscore_min_periods ? active / rows : Number.NaN,
    );
  }

  measurements(): Measurements {
    const thresholds = [...new Set([...defaultSignal.thresholds.values, this.#options.rules.threshold])];
    thresholds.sort((a, b) => a - b);
    const series = Object.entries(this.#series).map(([name, thinned]) => [name, thinned.thinned()]);
    return {
      book: this.#book.report(),
      feed: this.#feed?.report() ?? null,
      spectrum: this.#spectrum.report(),
      projection: this.#projection?.report() ?? null,
      signal: studySignal(this.#signal.record(), this.#options.rules, thresholds, this.#tickInt),
      series: Object.fromEntries(series) as Measurements['series'],
    };
  }
}
