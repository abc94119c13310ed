import type { ColumnName } from '../engine/index.ts';
import type { gridUpdateFields } from './messages.ts';

/** Meaning of a column. */
export interface ColumnMeaning {
  /** `qty` stands for the instrument's quantity unit (`qty_unit`); `1` is a number without a unit. */
  readonly unit: string;
  readonly meaning: string;
  /** Section of the model that defines it; absent where the name says all. */
  readonly model?: string;
}

/** Chains of the five channels and of the resting depth: smoothed rate of change, and its first two derivatives. */
const chain = (level: 'v' | 'a' | 'j', channel: string): ColumnMeaning => {
  const [unit, what] = {
    v: ['qty/s', 'velocity: smoothed rate of'],
    a: ['qty/s^2', 'acceleration: smoothed rate of change of the velocity of'],
    j: ['qty/s^3', 'jerk: smoothed rate of change of the acceleration of'],
  }[level] as [string, string];
  return { unit, meaning: `${what} ${channel}`, model: '4' };
};
const channels = {
  add: 'quantity added at the price',
  pull: 'quantity cancelled or moved away from the price',
  fill: 'quantity executed at the price',
  rest_depth: 'displayed quantity at the price, both sides',
  bid_depth: 'displayed bid quantity at the price',
  ask_depth: 'displayed ask quantity at the price',
} as const;
type Channel = keyof typeof channels;
type ChainColumn = `${'v' | 'a' | 'j'}_${Channel}`;

const chains = Object.fromEntries(
  (['v', 'a', 'j'] as const).flatMap((level) =>
    Object.entries(channels).map(([channel, what]) => [`${level}_${channel}`, chain(level, what)]),
  ),
) as Record<ChainColumn, ColumnMeaning>;

const mass = (what: string): ColumnMeaning => ({
  unit: 'qty',
  meaning: `mass: ${what}, decaying with tau_rest_decay`,
  model: '4',
});
const depth = (what: string): ColumnMeaning => ({ unit: 'qty', meaning: `${what} at the bin's end`, model: '4' });
const force = (what: string): ColumnMeaning => ({
  unit: 'qty/s',
  meaning: `${what}: weighted sum of velocities and accelerations with the coefficients c1 to c7 (accelerations, in qty/s^2, count as they are)`,
  model: '4',
});
const unixNs = (what: string): ColumnMeaning => ({
  unit: 'ns',
  meaning: `${what}, nanoseconds since 1970-01-01 UTC`,
  model: '5',
});
const priceInt = (what: string): ColumnMeaning => ({
  unit: '1e-9 price',
  meaning: `${what}, whole units of 1e-9`,
  model: '5',
});
const derivative = (order: string, unit: string): ColumnMeaning => ({
  unit,
  meaning: `${order} derivative of composite over bins`,
  model: '6',
});
const flag = (what: string): ColumnMeaning => ({ unit: '0 or 1', meaning: what, model: '7' });
const score = (meaning: string, unit = '1'): ColumnMeaning => ({ unit, meaning, model: '8' });

/** Firings stand in no file: they follow from the rule of a stream. */
type StoredBinField = Exclude<keyof typeof gridUpdateFields, 'state_model_firing' | 'state_model_threshold'>;

/** Meaning of every column of a grid frame and of a bin, for a reader who knows order books but not this program. */
export const columnMeanings: Readonly<Record<ColumnName | StoredBinField, ColumnMeaning>> = {
  bin_seq: { unit: 'bins', meaning: 'number of the bin, from 0; joins grid rows to bins', model: '5' },
  ts_ns: unixNs("the bin's time, which is its end"),
  bin_start_ns: unixNs("the bin's start, inclusive"),
  bin_end_ns: unixNs("the bin's end, exclusive"),
  bin_event_count: {
    unit: 'events',
    meaning: 'order-book events (MBO records) in the bin, trades and fills too',
    model: '5',
  },
  event_id: { unit: 'events', meaning: "running count of events of the session at the bin's end", model: '5' },
  mid_price: {
    unit: 'price',
    meaning: "(best bid + best ask) / 2 at the bin's end",
    model: '5',
  },
  spot_ref_price_int: priceInt('mid price rounded to the tick, the centre of the grid'),
  best_bid_price_int: priceInt("best bid at the bin's end"),
  best_ask_price_int: priceInt("best ask at the bin's end"),
  has_bid: { unit: 'true or false', meaning: "whether the book has a best bid at the bin's end", model: '5' },
  has_ask: { unit: 'true or false', meaning: "whether the book has a best ask at the bin's end", model: '5' },
  book_valid: {
    unit: 'true or false',
    meaning: 'both sides present, not crossed or locked, no snapshot in progress, no known gap in the feed',
    model: '2',
  },

  k: { unit: 'ticks', meaning: 'offset of the price from spot: price = spot_ref_price_int + k ticks', model: '5' },
  pressure_variant: force('pressure, liquidity that builds'),
  vacuum_variant: force('vacuum, liquidity that drains'),
  add_mass: mass('quantity added at the price'),
  pull_mass: mass('quantity cancelled or moved away from the price'),
  fill_mass: mass('quantity executed at the price'),
  rest_depth: depth('displayed quantity of both sides'),
  bid_depth: depth('displayed bid quantity'),
  ask_depth: depth('displayed ask quantity'),
  ...chains,
  composite: {
    unit: '1',
    meaning: 'mean over flow_windows of (pressure - vacuum) / (|pressure| + |vacuum|), from -1 (all vacuum) to 1',
    model: '6',
  },
  composite_d1: derivative('first', '1/s'),
  composite_d2: derivative('second', '1/s^2'),
  composite_d3: derivative('third', '1/s^3'),
  flow_score: {
    unit: '1',
    meaning: "robust z-scores of the composite's derivatives, squashed and weighed; from -1 to 1",
    model: '6',
  },
  flow_state_code: {
    unit: 'code',
    meaning: '1 where flow_score reaches the neutral threshold, -1 where its negative, else 0',
    model: '6',
  },
  best_ask_move_ticks: {
    unit: 'ticks',
    meaning: 'move of the best ask since the previous bin; the same in all rows of a bin',
    model: '7',
  },
  best_bid_move_ticks: {
    unit: 'ticks',
    meaning: 'move of the best bid since the previous bin; the same in all rows of a bin',
    model: '7',
  },
  ask_reprice_sign: { unit: '-1, 0 or 1', meaning: 'sign of best_ask_move_ticks', model: '7' },
  bid_reprice_sign: { unit: '-1, 0 or 1', meaning: 'sign of best_bid_move_ticks', model: '7' },
  microstate_id: { unit: 'code', meaning: '(ask_reprice_sign + 1) * 3 + bid_reprice_sign + 1', model: '7' },
  state5_code: {
    unit: 'code',
    meaning: '2 bull vacuum, 1 bull pressure, 0 mixed, -1 bear pressure, -2 bear vacuum',
    model: '7',
  },
  chase_up_flag: flag('best bid and best ask both moved up'),
  chase_down_flag: flag('best bid and best ask both moved down'),
  last_event_id: {
    unit: 'events',
    meaning: 'running number of the last event that touched the price; 0 when none did',
    model: '4',
  },

  state_model_name: { unit: 'text', meaning: 'the signal that the score is of' },
  state_model_score: score("the signal's score"),
  state_model_ready: score('whether the signal has seen enough bins', 'true or false'),
  state_model_sample_count: score('bins that the signal has seen', 'bins'),
  state_model_base: score('weighted balance of bull and bear states over the grid'),
  state_model_d1: score('first derivative of the base', '1/s'),
  state_model_d2: score('second derivative of the base', '1/s^2'),
  state_model_d3: score('third derivative of the base', '1/s^3'),
  state_model_z1: score('robust z-score of the first derivative'),
  state_model_z2: score('robust z-score of the second derivative'),
  state_model_z3: score('robust z-score of the third derivative'),
  state_model_bull_intensity: score('weighted share of bull states'),
  state_model_bear_intensity: score('weighted share of bear states'),
  state_model_mixed_intensity: score('weighted share of mixed states'),
  state_model_dominant_state5_code: score('state with the largest intensity', 'code'),
};
