import type { GridSignalColumn, RuntimeConfig } from '../config/index.ts';
import { isFeatureColumn, type SignalColumn, type SignalDefinition } from './signal.ts';

type Field = keyof RuntimeConfig;

const velocity: readonly Field[] = ['tau_velocity'];
const acceleration: readonly Field[] = [...velocity, 'tau_acceleration'];
const jerk: readonly Field[] = [...acceleration, 'tau_jerk'];
const mass: readonly Field[] = ['tau_rest_decay'];
const pressure: readonly Field[] = [...acceleration, 'c1_v_add', 'c2_v_rest_pos', 'c3_a_add'];
const vacuum: readonly Field[] = [...acceleration, 'c4_v_pull', 'c5_v_fill', 'c6_v_rest_neg', 'c7_a_pull'];
const flowScore: readonly Field[] = [
  ...pressure,
  ...vacuum,
  'flow_windows',
  'flow_rollup_weights',
  'flow_derivative_weights',
  'flow_tanh_scale',
  'flow_zscore_window_bins',
  'flow_zscore_min_periods',
];

/** Runtime fields that the numbers of a column depend on, those of the grid itself aside (model.md §4–§7). */
const columnFields: Readonly<Record<GridSignalColumn, readonly Field[]>> = {
  pressure_variant: pressure,
  vacuum_variant: vacuum,
  add_mass: mass,
  pull_mass: mass,
  fill_mass: mass,
  v_add: velocity,
  v_pull: velocity,
  v_fill: velocity,
  a_add: acceleration,
  a_pull: acceleration,
  j_add: jerk,
  j_pull: jerk,
  flow_score: flowScore,
  flow_state_code: [...flowScore, 'flow_neutral_threshold'],
  // Signs of the moves of best bid and ask, and the side of k.
  state5_code: [],
};

/** Runtime fields that features count by. */
const featureFields: readonly Field[] = [
  ...(['trading_day', 'regular', 'features_since', 'trade_size_bounds', 'value_area_percent'] as const),
];

function fieldsOf(column: SignalColumn): readonly Field[] {
  if (column === 'mid') return [];
  return isFeatureColumn(column) ? featureFields : columnFields[column];
}

/** Ticks and bins: every column depends on them. */
const gridFields: readonly Field[] = ['tick_size', 'bucket_size_dollars', 'cell_width_ms', 'n_absolute_ticks'];

/** Runtime fields that a signal's firings can depend on, by the columns that it reads; its own parameters aside. */
export function feltFields(definition: SignalDefinition): ReadonlySet<Field> {
  return new Set<Field>([
    ...gridFields,
    ...(definition.feelsRadius ? (['grid_radius_ticks'] as const) : []),
    ...definition.columns.flatMap(fieldsOf),
  ]);
}
