import { type FeatureColumn, featureColumns } from '../orders/light.ts';

/** Columns of the grid that signals and feature lists may read. */
export const gridSignalColumns = [
  'pressure_variant',
  'vacuum_variant',
  'add_mass',
  'pull_mass',
  'fill_mass',
  'v_add',
  'v_pull',
  'v_fill',
  'a_add',
  'a_pull',
  'j_add',
  'j_pull',
  'flow_score',
  'flow_state_code',
  'state5_code',
] as const;
export type GridSignalColumn = (typeof gridSignalColumns)[number];

/** A feature of the orders that they may read: times are none of them. */
export type FeatureSignalColumn = Exclude<FeatureColumn, 'since_ns'>;

export const featureSignalColumns: readonly FeatureSignalColumn[] = featureColumns
  .map(([name]) => name)
  .filter((name): name is FeatureSignalColumn => name !== 'since_ns');
