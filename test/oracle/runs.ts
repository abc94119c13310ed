import fc from 'fast-check';
import { type CaptureWindow, defaultRuntimeConfig, type RuntimeConfig } from '../../src/config/index.ts';
import type { RecordBatch } from '../../src/dbn/index.ts';
import { type Bin, type ColumnName, Engine, type EngineOptions, gridColumns } from '../../src/engine/index.ts';
import { LiteralModel } from './literal_model.ts';
import { batchOf, type Mbo } from './mbo.ts';
import { instrumentId } from './streams.ts';

/** A closed bin with its grid; a copy. */
export interface ClosedBin extends Bin {
  readonly columns: Readonly<Record<ColumnName, readonly number[]>>;
}

export const sessionStartNs = 1_770_336_000_000_000_000n;
const minuteNs = 60_000_000_000n;

/** A futures session that captures from 01:00 on, until `endNs` if given. */
export function captureFrom(endNs: bigint | null = null): CaptureWindow {
  return {
    sessionStartNs,
    sessionEndNs: sessionStartNs + 1440n * minuteNs,
    startNs: sessionStartNs + 60n * minuteNs,
    endNs,
  };
}

/** Small grids and windows over everything that the model reads from its configuration. */
export const smallConfigs: fc.Arbitrary<RuntimeConfig> = fc
  .record({
    equity: fc.boolean(),
    radius: fc.integer({ min: 5, max: 8 }),
    cellMs: fc.constantFrom(10, 20, 50, 100),
    windows: fc.array(fc.record({ bins: fc.integer({ min: 2, max: 8 }), weight: fc.integer({ min: 1, max: 3 }) }), {
      minLength: 1,
      maxLength: 4,
    }),
    zWindow: fc.integer({ min: 5, max: 30 }),
    minPeriods: fc.integer({ min: 1, max: 5 }),
    signalWindow: fc.integer({ min: 5, max: 30 }),
    tau: fc.constantFrom(0.05, 0.5, 2, 10),
    coefficients: fc.array(fc.constantFrom(0, 0.3, 1.5), { minLength: 5, maxLength: 5 }),
    // Without these two, a ratio could be made of rounding alone.
    vCoefficients: fc.constantFrom<[number, number]>([1, 1], [0.3, 1.5]),
    derivativeWeights: fc.constantFrom<number[]>([0.55, 0.3, 0.15], [1, 0, 0], [0, 1, 1]),
    exclusion: fc.nat(2),
    decay: fc.constantFrom(0, 0.5, 1, 2),
    mixed: fc.constantFrom(0, 0.5, 2),
  })
  .map(
    (c): RuntimeConfig => ({
      ...defaultRuntimeConfig,
      product_type: c.equity ? ('equity_mbo' as const) : ('future_mbo' as const),
      tick_size: 0.25,
      bucket_size_dollars: 1,
      grid_radius_ticks: c.radius,
      cell_width_ms: c.cellMs,
      n_absolute_ticks: 256,
      flow_windows: c.windows.map(({ bins }) => bins),
      flow_rollup_weights: c.windows.map(({ weight }) => weight),
      flow_derivative_weights: c.derivativeWeights,
      flow_zscore_window_bins: c.zWindow,
      flow_zscore_min_periods: c.minPeriods,
      tau_velocity: c.tau,
      tau_acceleration: c.tau * 2.5,
      tau_jerk: c.tau * 5,
      tau_rest_decay: c.tau * 15,
      c1_v_add: c.vCoefficients[0],
      c2_v_rest_pos: c.coefficients[0]!,
      c3_a_add: c.coefficients[1]!,
      c4_v_pull: c.vCoefficients[1],
      c5_v_fill: c.coefficients[2]!,
      c6_v_rest_neg: c.coefficients[3]!,
      c7_a_pull: c.coefficients[4]!,
      state_model_center_exclusion_radius: c.exclusion,
      state_model_spatial_decay_power: c.decay,
      state_model_zscore_window_bins: c.signalWindow,
      state_model_zscore_min_periods: c.minPeriods,
      state_model_d1_weight: c.derivativeWeights[0]!,
      state_model_d2_weight: c.derivativeWeights[1]!,
      state_model_d3_weight: c.derivativeWeights[2]!,
      state_model_mixed_weight: c.mixed,
    }),
  );

/** A copy of the bin that `engine` has just closed. */
export function closedBin(engine: Engine): ClosedBin {
  const columns = Object.fromEntries(
    gridColumns.map(([name]) => [name, Array.from<number | bigint, number>(engine.frame.columns[name], Number)]),
  ) as unknown as ClosedBin['columns'];
  return { ...engine.bin, signal: { ...engine.bin.signal }, columns };
}

/** Feeds one batch and visits the engine at each closed bin. */
export function ingestAll(engine: Engine, batch: RecordBatch, visit: (engine: Engine) => void): void {
  for (let i = 0; i < batch.count; ) {
    i = engine.ingest(batch, i);
    if (engine.binReady) visit(engine);
  }
}

/** All bins that the engine makes of a stream. */
export function engineBins(options: EngineOptions, records: readonly Mbo[]): { bins: ClosedBin[]; engine: Engine } {
  const engine = new Engine(options);
  const bins: ClosedBin[] = [];
  const keep = (at: Engine) => bins.push(closedBin(at));
  ingestAll(engine, batchOf(records), keep);
  if (engine.finish()) keep(engine);
  return { bins, engine };
}

/** All bins that the model makes of a stream. */
export function literalBins(runtime: RuntimeConfig, capture: CaptureWindow, records: readonly Mbo[]) {
  const model = new LiteralModel(runtime, capture, instrumentId);
  const bins = records.flatMap((record) => model.feed(record));
  const last = model.finish();
  return { bins: last === null ? bins : [...bins, last], model };
}
