import type { FeatureColumn } from '../orders/index.ts';
import type { ColumnMeaning } from './column_meanings.ts';
import { isPrice } from './missing_prices.ts';

const side = (what: string, unit: string) => (name: 'bid' | 'ask') => ({
  unit,
  meaning: `${what} of the ${name} side`,
});
const orders = side('orders that rest', 'orders');
const age = side('mean time for which the orders have rested at their price,', 'ms');
const level = (depth: string, name: string): ColumnMeaning => ({
  unit: 'orders',
  meaning: `orders at the ${depth} price of the ${name} side, 0 without one`,
});
const places = ['best', 'second', 'third', 'fourth', 'fifth'] as const;
const levels = Object.fromEntries(
  ['bid', 'ask'].flatMap((name) =>
    places.map((depth, i): [string, ColumnMeaning] => [`${name}_level_${i + 1}_orders`, level(depth, name)]),
  ),
) as Record<`${'bid' | 'ask'}_level_${1 | 2 | 3 | 4 | 5}_orders`, ColumnMeaning>;
const price = (meaning: string): ColumnMeaning => ({ unit: 'price', meaning });
const size = (meaning: string): ColumnMeaning => ({ unit: 'qty', meaning });
const count = (unit: string, meaning: string): ColumnMeaning => ({ unit, meaning });

/** Meaning of every feature; sums count since `since_ns`. */
export const featureMeanings: Readonly<Record<FeatureColumn, ColumnMeaning>> = {
  volume: size('traded in the bin'),
  buy_volume: size('bought by aggressors in the bin'),
  sell_volume: size('sold by aggressors in the bin'),
  delta: size('buy_volume less sell_volume'),
  trade_count: count('trades', 'trades that ended in the bin, each all executions of one aggressor'),
  add_count: count('orders', 'orders added in the bin'),
  modify_count: count('orders', 'changes of orders in the bin'),
  cancel_count: count('orders', 'cancels of orders in the bin, whole or in part, without an execution'),
  since_ns: count('ns', 'from when sums count, nanoseconds since 1970-01-01 UTC'),
  since_volume: size('traded since since_ns'),
  cvd: size('cumulative volume delta: bought less sold since since_ns'),
  cvd_size_1: size('cvd of the smallest trades, by trade_size_bounds'),
  cvd_size_2: size('cvd of the second class of trades by size'),
  cvd_size_3: size('cvd of the third class of trades by size'),
  cvd_size_4: size('cvd of the largest trades'),
  vwap: price('volume-weighted average price since since_ns'),
  vwap_deviation: price('volume-weighted standard deviation of the price from vwap'),
  point_of_control: price('price of the largest volume since since_ns'),
  value_area_low: price('lowest price of the value area around the point of control'),
  value_area_high: price('highest price of the value area'),
  cancel_to_trade: { unit: '1', meaning: 'cancels to trades since since_ns' },
  bid_order_count: orders('bid'),
  ask_order_count: orders('ask'),
  bid_mean_age_ms: age('bid'),
  ask_mean_age_ms: age('ask'),
  ...levels,
  day_high: price('highest price of the trading day so far'),
  day_low: price('lowest price of the trading day so far'),
  overnight_high: price('highest price of the trading day before regular hours'),
  overnight_low: price('lowest price of the trading day before regular hours'),
  opening_range_5_high: price('highest price of the first 5 minutes of regular hours'),
  opening_range_5_low: price('lowest price of the first 5 minutes of regular hours'),
  opening_range_15_high: price('highest price of the first 15 minutes of regular hours'),
  opening_range_15_low: price('lowest price of the first 15 minutes of regular hours'),
  opening_range_30_high: price('highest price of the first 30 minutes of regular hours'),
  opening_range_30_low: price('lowest price of the first 30 minutes of regular hours'),
  initial_balance_high: price('highest price of the first hour of regular hours'),
  initial_balance_low: price('lowest price of the first hour of regular hours'),
  prior_high: price('highest price of the trading day before'),
  prior_low: price('lowest price of the trading day before'),
  prior_close: price('last price of regular hours of the trading day before'),
};

/** Whether a column of a dataset is a feature. */
export const isFeature = (name: string): boolean => Object.hasOwn(featureMeanings, name);

/** Whether a column of a dataset may hold NULL: prices of a side, and features. */
export const mayBeNull = (name: string): boolean => isPrice(name) || isFeature(name);
