import { defaultRuntimeConfig } from '../../src/config/index.ts';
import { type ColumnName, createGridFrame, type GridFrame, gridColumns } from '../../src/engine/index.ts';
import type { GridUpdate, RuntimeConfigMessage } from '../../src/wire/index.ts';
import { sessionContract } from '../../web/vacuum-pressure/session/contract.ts';
import { SessionStore } from '../../web/vacuum-pressure/session/session_store.ts';

export const originNs = 1_770_388_260_000_000_000n;
export const cellNs = 100_000_000n;
export const tickInt = 250_000_000;

const runtimeThreshold = defaultRuntimeConfig.flow_neutral_threshold;

/** The first message of a made-up stream. */
export function fakeConfig(change: Partial<RuntimeConfigMessage> = {}): RuntimeConfigMessage {
  const radius = change.grid_radius_ticks ?? 5;
  const { grid_radius_ticks: _, ...runtime } = defaultRuntimeConfig;
  return {
    type: 'runtime_config',
    ...runtime,
    grid_radius_ticks: radius,
    config_version: 'c0ffee',
    projection_horizons_ms: [100, 200],
    projection: { use_cubic: false, cubic_scale: 0, damping_lambda: 0 },
    stream_dt: '2026-02-06',
    stream_start_time: '09:31',
    state_model: { name: 'derivative' } as RuntimeConfigMessage['state_model'],
    signal: { name: 'derivative', about: 'change of the balance of states', params: {}, score_bound: 1 },
    firing: {
      kind: 'score',
      threshold: runtime.flow_neutral_threshold,
      window_bins: null,
      cooldown_bins: 0,
      warmup_bins: 0,
      basis: 'neutral',
    },
    serving: { serving_name: 'demo', serving_id: 'srv_demo', source: {} },
    grid_schema_fields: gridColumns.map(([name]) => name),
    grid_rows: 2 * radius + 1,
    effective_config_hash: 'hash',
    stream_format: 'dense_grid',
    ...change,
  };
}

/** Bin `seq` of a made-up stream whose spot is at tick `spot`; no spot: null. */
export function fakeUpdate(seq: number, spot: number | null = 100, change: Partial<GridUpdate> = {}): GridUpdate {
  const price = (tick: number) => String(spot === null ? 0 : tick * tickInt);
  const startNs = originNs + BigInt(seq) * cellNs;
  return {
    type: 'grid_update',
    ts_ns: String(startNs + cellNs),
    bin_seq: seq,
    bin_start_ns: String(startNs),
    bin_end_ns: String(startNs + cellNs),
    bin_event_count: 3,
    event_id: 3 * (seq + 1),
    mid_price: spot === null ? 0 : (spot + 0.5) * 0.25,
    spot_ref_price_int: price(spot ?? 0),
    best_bid_price_int: price(spot ?? 0),
    best_ask_price_int: price((spot ?? 0) + 1),
    has_bid: spot !== null,
    has_ask: spot !== null,
    book_valid: spot !== null,
    state_model_name: 'derivative',
    state_model_score: 0,
    state_model_ready: true,
    state_model_sample_count: seq + 1,
    state_model_base: 0,
    state_model_d1: 0,
    state_model_d2: 0,
    state_model_d3: 0,
    state_model_z1: 0,
    state_model_z2: 0,
    state_model_z3: 0,
    state_model_bull_intensity: 0,
    state_model_bear_intensity: 0,
    state_model_mixed_intensity: 1,
    state_model_dominant_state5_code: 0,
    state_model_firing: 0,
    state_model_threshold: runtimeThreshold,
    ...change,
  };
}

/** A frame whose float columns hold `valueAt(column, row)`. */
export function fakeFrame(radius: number, valueAt: (column: ColumnName, row: number) => number): GridFrame {
  const frame = createGridFrame(radius);
  for (const [name, type] of gridColumns) {
    if (type !== 'float64') continue;
    for (let row = 0; row < frame.rows; row++) frame.columns[name as 'flow_score'][row] = valueAt(name, row);
  }
  return frame;
}

export function fakeStore(capacity = 256, radius = 5): SessionStore {
  return new SessionStore(sessionContract(fakeConfig({ grid_radius_ticks: radius })), capacity);
}
