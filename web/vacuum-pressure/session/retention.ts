import type { ColumnName } from '../../../src/engine/index.ts';
import type { ColumnStorage } from './cell_chunk.ts';

/** Bins that the page keeps: an hour of 100 ms cells and more, and a multiple of every level of detail. */
export const retainedBins = 40_960;
/** What half floats may take in memory where nothing can be archived; wide windows then keep them for fewer bins. */
export const detailBudgetBytes = 320 * 2 ** 20;

/**
 * How a grid column is kept. The named layers keep 32 bits a cell for all bins. Derivatives, which one looks at rarely,
 * keep 11 bits of their values. Labels that are one number per bin are kept once per bin.
 */
export type Keeping = ColumnStorage | 'per-bin' | 'derived';

const named: ReadonlySet<ColumnName> = new Set<ColumnName>([
  'pressure_variant',
  'vacuum_variant',
  'add_mass',
  'pull_mass',
  'fill_mass',
  'rest_depth',
  'bid_depth',
  'ask_depth',
  'composite',
  'flow_score',
]);
const perBin: ReadonlySet<ColumnName> = new Set<ColumnName>([
  'best_ask_move_ticks',
  'best_bid_move_ticks',
  'ask_reprice_sign',
  'bid_reprice_sign',
  'microstate_id',
  'chase_up_flag',
  'chase_down_flag',
]);

/** How the page keeps a grid column. */
export function keepingOf(name: ColumnName): Keeping {
  if (name === 'k') return 'derived';
  if (perBin.has(name)) return 'per-bin';
  if (named.has(name)) return 'float32';
  // A running number of a session's events: exact up to four billion.
  if (name === 'last_event_id') return 'uint32';
  return name === 'flow_state_code' || name === 'state5_code' ? 'int8' : 'float16';
}

/** Columns that are always at hand for all bins: scores make the projection, filled masses the fills. */
export const keptColumns = ['flow_score', 'fill_mass'] as const satisfies readonly ColumnName[];
