/** Levels of a side whose orders are counted, the best first. */
export const featureLevels = 5;

/** Minutes of the opening ranges, from the beginning of regular hours. */
export const openingRangeMinutes = [5, 15, 30] as const;
/** Minutes of the initial balance, from the beginning of regular hours. */
export const initialBalanceMinutes = 60;

/**
 * Kinds of numbers: `count` is a whole number, `price` in price units, `time` nanoseconds since the session's start, `number`
 * any other.
 */
export type FeatureKind = 'count' | 'price' | 'time' | 'number';

/** The columns of every bin, in this order (docs/order-events.md, "Features"). */
export const featureColumns = [
  ['volume', 'count'],
  ['buy_volume', 'count'],
  ['sell_volume', 'count'],
  ['delta', 'count'],
  ['trade_count', 'count'],
  ['add_count', 'count'],
  ['modify_count', 'count'],
  ['cancel_count', 'count'],
  ['since_ns', 'time'],
  ['since_volume', 'count'],
  ['cvd', 'count'],
  ['cvd_size_1', 'count'],
  ['cvd_size_2', 'count'],
  ['cvd_size_3', 'count'],
  ['cvd_size_4', 'count'],
  ['vwap', 'price'],
  ['vwap_deviation', 'price'],
  ['point_of_control', 'price'],
  ['value_area_low', 'price'],
  ['value_area_high', 'price'],
  ['cancel_to_trade', 'number'],
  ['bid_order_count', 'count'],
  ['ask_order_count', 'count'],
  ['bid_mean_age_ms', 'number'],
  ['ask_mean_age_ms', 'number'],
  ['bid_level_1_orders', 'count'],
  ['bid_level_2_orders', 'count'],
  ['bid_level_3_orders', 'count'],
  ['bid_level_4_orders', 'count'],
  ['bid_level_5_orders', 'count'],
  ['ask_level_1_orders', 'count'],
  ['ask_level_2_orders', 'count'],
  ['ask_level_3_orders', 'count'],
  ['ask_level_4_orders', 'count'],
  ['ask_level_5_orders', 'count'],
  ['day_high', 'price'],
  ['day_low', 'price'],
  ['overnight_high', 'price'],
  ['overnight_low', 'price'],
  ['opening_range_5_high', 'price'],
  ['opening_range_5_low', 'price'],
  ['opening_range_15_high', 'price'],
  ['opening_range_15_low', 'price'],
  ['opening_range_30_high', 'price'],
  ['opening_range_30_low', 'price'],
  ['initial_balance_high', 'price'],
  ['initial_balance_low', 'price'],
  ['prior_high', 'price'],
  ['prior_low', 'price'],
  ['prior_close', 'price'],
] as const satisfies readonly (readonly [string, FeatureKind])[];

export type FeatureColumn = (typeof featureColumns)[number][0];

/** Columns that sessions before change: sums since the trading day's start, and levels. */
const columnsOfDay: ReadonlySet<string> = new Set(
  featureColumns
    .map(([name]) => name)
    .filter((_, i, names) => {
      const isSum = i >= names.indexOf('since_ns') && i <= names.indexOf('cancel_to_trade');
      return isSum || i >= names.indexOf('day_high');
    }),
);

/** Whether what came before a session can change a column of its features. */
export function dependsOnPriorDay(name: string): boolean {
  return columnsOfDay.has(name);
}

/** Place of each column in a bin's values. */
export const featureIndex = Object.fromEntries(featureColumns.map(([name], index) => [name, index])) as Readonly<
  Record<FeatureColumn, number>
>;
