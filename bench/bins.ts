import { defaultRuntimeConfig, type RuntimeConfig, tickSizeInt } from '../src/config/index.ts';
import { DbnDecoder, type RecordBatch } from '../src/dbn/index.ts';
import { Engine } from '../src/engine/index.ts';
import { syntheticInstrumentId } from '../src/synth/index.ts';
import { frameBytes, NaiveReplay } from './naive/replay.ts';
import { type BenchOptions, type BenchResult, compare, hashOf } from './support/harness.ts';
import { captureToEnd, sessionBytes } from './support/session.ts';

const seed = 2;

/** Everything per bin, from its 200 events in memory to its frame, once the z-score's window is full. */
export async function bench({ tiny }: BenchOptions): Promise<BenchResult[]> {
  const runtime: RuntimeConfig = tiny
    ? { ...defaultRuntimeConfig, n_absolute_ticks: 256, flow_zscore_window_bins: 12, flow_zscore_min_periods: 5 }
    : defaultRuntimeConfig;
  const warmUpBins = runtime.flow_zscore_window_bins + 10;
  const bins = tiny ? 3 : 690;
  const naiveBins = tiny ? 3 : 2;
  const { bytes } = sessionBytes(seed, ((warmUpBins + bins) * runtime.cell_width_ms) / 1000 + 1);
  let ours: BinByBin;
  let naive: NaiveReplay;
  return [
    await compare({
      name: 'everything per bin of 200 events',
      unit: 'µs/bin',
      seed,
      ours: {
        quantity: bins,
        runs: tiny ? 1 : 7,
        warmUps: tiny ? 0 : 1,
        setUp: () => {
          ours = new BinByBin(bytes, runtime);
          for (let i = 0; i < warmUpBins; i++) ours.nextBin();
        },
        run: () => {
          const frames: Uint8Array[] = [];
          for (let i = 0; i < bins; i++) {
            ours.nextBin();
            if (i < naiveBins) frames.push(...frameBytes(ours.engine.frame));
          }
          return () => hashOf(...frames);
        },
      },
      baseline: {
        name: 'every tick of the grid, scored by sorting',
        quantity: naiveBins,
        runs: tiny ? 1 : 2,
        setUp: () => {
          naive = new NaiveReplay(bytes, runtime, tickSizeInt(runtime));
          for (let i = 0; i < warmUpBins; i++) naive.nextBin(false);
        },
        run: () => {
          const frames: Uint8Array[] = [];
          for (let i = 0; i < naiveBins; i++) {
            naive.nextBin(true);
            frames.push(...frameBytes(naive.frame));
          }
          return () => hashOf(...frames);
        },
      },
    }),
  ];
}

/** An engine that is fed from memory until it closes a bin. */
class BinByBin {
  readonly engine: Engine;
  readonly #decoder = new DbnDecoder();
  #batch: RecordBatch | null = null;
  #index = 0;

  constructor(bytes: Uint8Array, runtime: RuntimeConfig) {
    this.engine = new Engine({ runtime, capture: captureToEnd, instrumentId: syntheticInstrumentId(runtime.symbol) });
    this.#decoder.push(bytes);
  }

  nextBin(): void {
    do {
      if (this.#batch === null || this.#index === this.#batch.count) {
        this.#batch = this.#decoder.next();
        this.#index = 0;
      }
      if (this.#batch === null) throw new Error('the session is shorter than the benchmark');
      this.#index = this.engine.ingest(this.#batch, this.#index);
    } while (!this.engine.binReady);
  }
}
