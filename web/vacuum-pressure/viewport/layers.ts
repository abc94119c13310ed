import { type ColumnName, gridColumns } from '../../../src/engine/index.ts';
import { present } from '../../../src/errors.ts';
import type { ColourMapKind } from '../../shared/colour/colour_maps.ts';
import type { SessionContract } from '../session/contract.ts';
import { formatCount, formatQuantity, formatScore, formatSigned, formatValue } from '../session/format.ts';

/** A quantity that the heatmap can show: a grid column with its name for people, its unit and its kind of colour map. */
export interface Layer {
  readonly column: ColumnName;
  readonly label: string;
  readonly unit: string;
  readonly kind: ColourMapKind;
  /** Largest size that the quantity can have, where there is one; else the scale follows what is in view. */
  readonly bound: number | null;
}

const words: Partial<Record<ColumnName, string>> = {
  k: 'Ticks from spot',
  flow_score: 'Flow score',
  pressure_variant: 'Pressure',
  vacuum_variant: 'Vacuum',
  composite: 'Net composite',
  rest_depth: 'Resting depth',
  bid_depth: 'Bid depth',
  ask_depth: 'Ask depth',
  add_mass: 'Added mass',
  pull_mass: 'Pulled mass',
  fill_mass: 'Filled mass',
  flow_state_code: 'Flow state',
  state5_code: 'State of five',
  best_ask_move_ticks: 'Move of best ask',
  best_bid_move_ticks: 'Move of best bid',
  ask_reprice_sign: 'Direction of best ask',
  bid_reprice_sign: 'Direction of best bid',
  microstate_id: 'Microstate',
  chase_up_flag: 'Chase up',
  chase_down_flag: 'Chase down',
  last_event_id: 'Last event',
  composite_d1: 'Net composite, 1st derivative',
  composite_d2: 'Net composite, 2nd derivative',
  composite_d3: 'Net composite, 3rd derivative',
};
const chainWords = { v: 'velocity', a: 'acceleration', j: 'jerk' } as const;
const channelWords: Readonly<Record<string, string>> = {
  add: 'Add',
  pull: 'Pull',
  fill: 'Fill',
  rest_depth: 'Depth',
  bid_depth: 'Bid depth',
  ask_depth: 'Ask depth',
};

/** Layers that have a place of their own in the menu, the default one first. */
export const namedLayers: readonly ColumnName[] = [
  'rest_depth',
  'bid_depth',
  'ask_depth',
  'pressure_variant',
  'vacuum_variant',
  'composite',
  'flow_score',
  'state5_code',
  'add_mass',
  'pull_mass',
  'fill_mass',
];

function chain(column: ColumnName): { label: string; order: number } | null {
  const match = /^([vaj])_(.+)$/.exec(column);
  if (match === null) return null;
  const letter = match[1] as keyof typeof chainWords;
  return { label: `${channelWords[present(match[2])]} ${chainWords[letter]}`, order: 'vaj'.indexOf(letter) + 1 };
}

function unitOf(column: ColumnName, quantityUnit: string): string {
  const order = chain(column)?.order;
  const perSecond = ['', '/s', '/s²', '/s³'] as const;
  if (order !== undefined) return `${quantityUnit}${perSecond[order]}`;
  if (/_depth$|_mass$/.test(column)) return quantityUnit;
  if (column.startsWith('composite_d')) return `1${perSecond[Number(column.at(-1)) as 1]}`;
  if (column === 'pressure_variant' || column === 'vacuum_variant') return `weighted ${quantityUnit}/s`;
  if (column === 'k' || column.endsWith('_move_ticks')) return 'ticks';
  if (column === 'flow_score') return 'score';
  if (column === 'composite') return 'share';
  return column === 'last_event_id' ? 'event' : 'code';
}

const positive =
  /^(pressure_variant|vacuum_variant|rest_depth|bid_depth|ask_depth|.*_mass|chase_.*|microstate_id|last_event_id)$/;
const bounds: Partial<Record<ColumnName, number>> = {
  flow_score: 1,
  composite: 1,
  flow_state_code: 1,
  state5_code: 2,
  ask_reprice_sign: 1,
  bid_reprice_sign: 1,
  chase_up_flag: 1,
  chase_down_flag: 1,
  microstate_id: 8,
};

/** The layer of a grid column, for one instrument. */
export function layerOf(column: ColumnName, contract: Pick<SessionContract, 'quantityUnit' | 'radius'>): Layer {
  return {
    column,
    label: words[column] ?? chain(column)?.label ?? column,
    unit: unitOf(column, contract.quantityUnit),
    kind: column === 'state5_code' ? 'states' : positive.test(column) ? 'sequential' : 'diverging',
    bound: column === 'k' ? contract.radius : (bounds[column] ?? null),
  };
}

const terms: Partial<Record<ColumnName, string>> = {
  pressure_variant: 'pressure',
  vacuum_variant: 'vacuum',
  flow_state_code: 'flow state',
  state5_code: 'states',
  best_ask_move_ticks: 'move',
  best_bid_move_ticks: 'move',
  ask_reprice_sign: 'move',
  bid_reprice_sign: 'move',
  microstate_id: 'microstate',
  chase_up_flag: 'chase',
  chase_down_flag: 'chase',
  last_event_id: 'event',
  flow_score: 'flow score',
  k: 'k',
};

/** The word of the glossary that explains a column. */
export function termOf(column: ColumnName): string {
  const own = terms[column];
  if (own !== undefined) return own;
  if (chain(column) !== null) return 'chain';
  if (column.endsWith('_mass')) return 'mass';
  return column.endsWith('_depth') ? 'depth' : 'composite';
}

/** A value of a layer as people write it; `scale` is the size that is large for it. Codes are whole, depths too. */
export function formatCell(layer: Layer, value: number, scale?: number): string {
  const { unit, kind, column } = layer;
  if (Number.isNaN(value)) return '–';
  if (unit === 'event' || unit === 'code' || unit === 'ticks') return formatCount(Math.round(value));
  if (unit === 'score' || unit === 'share') return formatScore(value);
  if (column.endsWith('_depth') && kind === 'sequential') return formatQuantity(value);
  return kind === 'diverging' ? formatSigned(value, scale) : formatValue(value, scale);
}

/** Columns that are offered beside the named layers, in wire order. */
export const otherLayers: readonly ColumnName[] = gridColumns
  .map(([name]) => name)
  .filter((name) => !namedLayers.includes(name));

/** The five states in words (model.md §7). */
export const state5Words: Readonly<Record<number, string>> = {
  2: 'bull vacuum',
  1: 'bull pressure',
  0: 'mixed',
  [-1]: 'bear pressure',
  [-2]: 'bear vacuum',
};
