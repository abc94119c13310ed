import { z } from 'zod';
import { contentHash } from './canonical.ts';
import { checked } from './check.ts';
import {
  between,
  block,
  integer,
  list,
  matching,
  oneOf,
  positiveUpTo,
  type Rule,
  shortList,
  text,
  withRules,
} from './fields.ts';
import { hoursPattern, regularIsWithin } from './hours.ts';
import {
  maxCellMs,
  maxCoefficient,
  maxDecayPower,
  maxFlowWindows,
  maxHorizons,
  maxMultiplier,
  maxRadiusTicks,
  maxTauS,
  maxTickSize,
  maxWindowBins,
  minTauS,
} from './limits.ts';
import type { Origin } from './origin.ts';
import { limitRules } from './size_checks.ts';

export const productTypes = ['future_mbo', 'equity_mbo'] as const;
export type ProductType = (typeof productTypes)[number];

export const productType = oneOf(productTypes);
export const symbol = matching(
  /^[A-Za-z0-9][A-Za-z0-9 .:_+=^#$~-]*$/,
  'an instrument symbol as the file spells it, such as MNQH6',
);

const coefficient = () => between(0, maxCoefficient);
const tau = () => between(minTauS, maxTauS, ', in seconds');
const weights = (what: string, min: number) => list(coefficient(), what, min);

const hours = () => matching(hoursPattern, 'two New York times, such as 18:00–17:00');
const maxSizeBound = 1_000_000_000;
const sizeBounds = `three integers from 2 to ${maxSizeBound}, ascending`;

/** The runtime fields (product.md, "Configuration"), flat, in the order in which they are written. */
export const runtimeShape = {
  /** Which session a date means: of futures, or of US equities. */
  product_type: productType,
  /** The instrument, as the file spells it. */
  symbol,
  symbol_root: symbol,
  /** Whose book it is where several publishers make one of the instrument (model.md §1.2); absent: there is one. */
  publisher_id: z.optional(integer(0, 65_535)),
  /** Trading day and regular hours (docs/instrument.md, "Trading hours"), and by what features count; absent: as is usual. */
  trading_day: z.optional(hours()),
  regular: z.optional(hours()),
  features_since: z.optional(oneOf(['trading_day', 'regular', 'window'])),
  trade_size_bounds: z.optional(
    z.array(integer(2, maxSizeBound), { error: sizeBounds }).length(3, { error: sizeBounds }).describe(sizeBounds),
  ),
  value_area_percent: z.optional(between(1, 100)),
  /** Prices are DBN integers of 1e-9; the field says so in every snapshot and can say nothing else. */
  price_scale: z.literal(1e-9, { error: '1e-9, the unit of DBN prices' }),
  /** Price steps of the instrument (futures), of the grid (equities), and of relative prices, in price units. */
  tick_size: positiveUpTo(maxTickSize),
  bucket_size_dollars: positiveUpTo(maxTickSize),
  rel_tick_size: positiveUpTo(maxTickSize),
  /** Ticks of the window on each side of spot. */
  grid_radius_ticks: integer(1, maxRadiusTicks),
  /** Milliseconds of a bin. */
  cell_width_ms: integer(1, maxCellMs),
  /** Ticks that the engine follows around spot. */
  n_absolute_ticks: integer(4, 1 << 20),
  /** Spectrum and flow score (model.md §6): windows in bins, weights, and the score at which a tick is no longer neutral. */
  flow_windows: shortList(
    integer(2, maxWindowBins),
    `a list of at most ${maxFlowWindows} integers from 2 to ${maxWindowBins}, in bins`,
    maxFlowWindows,
  ),
  flow_rollup_weights: weights('a list of numbers >= 0, one per flow window, at least one > 0', 1),
  flow_derivative_weights: z
    .array(coefficient(), { error: 'three numbers >= 0, at least one > 0' })
    .length(3, { error: 'three numbers >= 0, at least one > 0' })
    .describe('three numbers >= 0, at least one > 0'),
  flow_tanh_scale: positiveUpTo(maxCoefficient),
  flow_neutral_threshold: z
    .number({ error: 'a number > 0 and < 1' })
    .gt(0, { error: 'a number > 0 and < 1' })
    .lt(1, { error: 'a number > 0 and < 1' })
    .describe('a number > 0 and < 1'),
  flow_zscore_window_bins: integer(2, maxWindowBins),
  flow_zscore_min_periods: integer(1),
  /** Bins ahead to which the flow score is continued. */
  projection_horizons_bins: shortList(
    integer(1, maxWindowBins),
    `a list of at most ${maxHorizons} different integers from 1 to ${maxWindowBins}, in bins`,
    maxHorizons,
  ),
  /** Currency per price unit and contract; what a quantity counts; decimals of a price as shown. */
  contract_multiplier: positiveUpTo(maxMultiplier),
  qty_unit: text(),
  price_decimals: integer(0, 9),
  /** Time constants of the tick grid (model.md §4), in seconds, and the coefficients of pressure and vacuum. */
  tau_velocity: tau(),
  tau_acceleration: tau(),
  tau_jerk: tau(),
  tau_rest_decay: tau(),
  c1_v_add: coefficient(),
  c2_v_rest_pos: coefficient(),
  c3_a_add: coefficient(),
  c4_v_pull: coefficient(),
  c5_v_fill: coefficient(),
  c6_v_rest_neg: coefficient(),
  c7_a_pull: coefficient(),
  /** Parameters of the derivative signal (model.md §8); the radius in ticks, windows in bins. */
  state_model_center_exclusion_radius: integer(0),
  state_model_spatial_decay_power: between(0, maxDecayPower),
  state_model_zscore_window_bins: integer(2, maxWindowBins),
  state_model_zscore_min_periods: integer(1),
  state_model_tanh_scale: positiveUpTo(maxCoefficient),
  state_model_d1_weight: coefficient(),
  state_model_d2_weight: coefficient(),
  state_model_d3_weight: coefficient(),
  state_model_bull_pressure_weight: coefficient(),
  state_model_bull_vacuum_weight: coefficient(),
  state_model_bear_pressure_weight: coefficient(),
  state_model_bear_vacuum_weight: coefficient(),
  state_model_mixed_weight: coefficient(),
};

const runtimeFields = block(runtimeShape);

/** The resolved configuration of the engine: every runtime field, flat, under its name in files. */
export type RuntimeConfig = Readonly<z.output<typeof runtimeFields>>;

/** Names of all runtime fields, in the order in which they are written. */
export const runtimeKeys = Object.keys(runtimeShape) as readonly (keyof RuntimeConfig)[];

const someWeight = (weights: readonly number[]) => weights.some((weight) => weight > 0);
const distinct = (values: readonly number[]) => new Set(values).size === values.length;
const wholeNanos = (price: number) => Math.abs(price * 1e9 - Math.round(price * 1e9)) < 1e-6 && price * 1e9 >= 0.5;

/** Rules across runtime fields; they hold wherever the fields stand. */
export const runtimeRules: readonly Rule<RuntimeConfig>[] = [
  {
    keys: ['tick_size'],
    allowed: 'a whole number of 1e-9, the unit of DBN prices',
    holds: (runtime) => wholeNanos(runtime.tick_size),
  },
  {
    keys: ['bucket_size_dollars'],
    allowed: 'a whole number of 1e-9, the unit of DBN prices',
    holds: (runtime) => wholeNanos(runtime.bucket_size_dollars),
  },
  {
    keys: ['grid_radius_ticks', 'n_absolute_ticks'],
    allowed: 'a radius whose window of 2 * radius + 1 ticks fits into n_absolute_ticks',
    holds: (runtime) => 2 * runtime.grid_radius_ticks + 1 <= runtime.n_absolute_ticks,
  },
  {
    keys: ['n_absolute_ticks'],
    allowed: 'an even number of ticks',
    holds: (runtime) => runtime.n_absolute_ticks % 2 === 0,
  },
  {
    keys: ['flow_rollup_weights', 'flow_windows'],
    allowed: 'as many weights as flow_windows has windows',
    holds: (runtime) => runtime.flow_rollup_weights.length === runtime.flow_windows.length,
  },
  {
    keys: ['flow_rollup_weights'],
    allowed: 'at least one weight > 0',
    holds: (runtime) => someWeight(runtime.flow_rollup_weights),
  },
  {
    keys: ['flow_derivative_weights'],
    allowed: 'at least one weight > 0',
    holds: (runtime) => someWeight(runtime.flow_derivative_weights),
  },
  {
    keys: ['flow_zscore_min_periods', 'flow_zscore_window_bins'],
    allowed: 'at most flow_zscore_window_bins',
    holds: (runtime) => runtime.flow_zscore_min_periods <= runtime.flow_zscore_window_bins,
  },
  {
    keys: ['projection_horizons_bins'],
    allowed: 'horizons that are all different',
    holds: (runtime) => distinct(runtime.projection_horizons_bins),
  },
  {
    keys: ['state_model_zscore_min_periods', 'state_model_zscore_window_bins'],
    allowed: 'at most state_model_zscore_window_bins',
    holds: (runtime) => runtime.state_model_zscore_min_periods <= runtime.state_model_zscore_window_bins,
  },
  {
    keys: ['state_model_d1_weight', 'state_model_d2_weight', 'state_model_d3_weight'],
    allowed: 'at least one of the d1, d2, d3 weights > 0',
    holds: (runtime) =>
      someWeight([runtime.state_model_d1_weight, runtime.state_model_d2_weight, runtime.state_model_d3_weight]),
  },
  {
    keys: ['state_model_center_exclusion_radius', 'grid_radius_ticks'],
    allowed: 'less than grid_radius_ticks, so that some tick is left to weigh',
    holds: (runtime) => runtime.state_model_center_exclusion_radius < runtime.grid_radius_ticks,
  },
  {
    keys: ['regular', 'trading_day', 'product_type'],
    allowed: 'hours within the trading_day',
    holds: regularIsWithin,
  },
  {
    keys: ['trade_size_bounds'],
    allowed: 'three ascending sizes',
    holds: ({ trade_size_bounds: bounds = [] }) => bounds.every((size, i) => i === 0 || size > (bounds[i - 1] ?? 0)),
  },
  ...limitRules,
];

/** Schema of the runtime fields with all their rules. */
export const runtimeSchema = withRules(runtimeFields, runtimeRules);

/**
 * Checks the runtime fields of `value`, which was read from `origin`. Throws CONFIG_INVALID naming file, key, value and
 * allowed range, and for an unknown key the nearest known one (product.md, "Configuration").
 */
export function parseRuntimeConfig(value: unknown, origin: string | Origin): RuntimeConfig {
  return checked(runtimeSchema, value, origin);
}

/** Whether fields that are valid one by one go together. */
export function fieldsGoTogether(runtime: RuntimeConfig): boolean {
  return runtimeRules.every(({ holds }) => holds(runtime));
}

/** The defaults: Micro E-mini Nasdaq-100, March 2026. */
export const defaultRuntimeConfig: RuntimeConfig = {
  product_type: 'future_mbo',
  symbol: 'MNQH6',
  symbol_root: 'MNQ',
  price_scale: 1e-9,
  tick_size: 0.25,
  bucket_size_dollars: 0.25,
  rel_tick_size: 0.25,
  grid_radius_ticks: 50,
  cell_width_ms: 100,
  n_absolute_ticks: 8192,
  flow_windows: [5, 10, 20, 40],
  flow_rollup_weights: [1, 1, 1, 1],
  flow_derivative_weights: [0.55, 0.3, 0.15],
  flow_tanh_scale: 3,
  flow_neutral_threshold: 0.15,
  flow_zscore_window_bins: 300,
  flow_zscore_min_periods: 75,
  projection_horizons_bins: [1, 2, 3, 4],
  contract_multiplier: 2,
  qty_unit: 'contracts',
  price_decimals: 2,
  tau_velocity: 2,
  tau_acceleration: 5,
  tau_jerk: 10,
  tau_rest_decay: 30,
  c1_v_add: 1,
  c2_v_rest_pos: 0.5,
  c3_a_add: 0.3,
  c4_v_pull: 1,
  c5_v_fill: 1.5,
  c6_v_rest_neg: 0.5,
  c7_a_pull: 0.3,
  state_model_center_exclusion_radius: 0,
  state_model_spatial_decay_power: 0,
  state_model_zscore_window_bins: 240,
  state_model_zscore_min_periods: 60,
  state_model_tanh_scale: 3,
  state_model_d1_weight: 1,
  state_model_d2_weight: 0,
  state_model_d3_weight: 0,
  state_model_bull_pressure_weight: 1,
  state_model_bull_vacuum_weight: 1,
  state_model_bear_pressure_weight: 1,
  state_model_bear_vacuum_weight: 1,
  state_model_mixed_weight: 0,
};

/** Short content hash of all runtime fields, independent of key order: 12 hex digits. */
export function configVersion(runtime: RuntimeConfig): string {
  return contentHash(pickRuntime(runtime), 12);
}

/** The runtime fields alone, in the order in which they are written, without those that are absent; a copy. */
export function pickRuntime(source: RuntimeConfig): RuntimeConfig {
  const given = runtimeKeys.filter((key) => source[key] !== undefined);
  return Object.fromEntries(given.map((key) => [key, source[key]])) as unknown as RuntimeConfig;
}

/** Projection horizons in milliseconds: bins times the cell width. */
export function projectionHorizonsMs(runtime: RuntimeConfig): number[] {
  return runtime.projection_horizons_bins.map((bins) => bins * runtime.cell_width_ms);
}

/** Size of one grid tick in 1e-9 units: `tick_size` for futures, `bucket_size_dollars` for equities (model.md §4). */
export function tickSizeInt(runtime: RuntimeConfig): number {
  return Math.round((runtime.product_type === 'future_mbo' ? runtime.tick_size : runtime.bucket_size_dollars) * 1e9);
}
