import { flag } from '../../src/dbn/index.ts';
import type { FeatureColumn, FeatureParams } from '../../src/orders/index.ts';
import { type Mbo, undefinedPrice, undefinedSize } from './mbo.ts';
import { NaiveBook, type Side } from './naive_book.ts';

interface Timed {
  readonly record: Mbo;
  readonly nowNs: number;
}

interface Print {
  readonly nowNs: number;
  readonly price: number;
  readonly side: string;
  readonly size: number;
  /** The trade that it belongs to. */
  readonly trade: string;
}

const minuteNs = 60e9;
const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
const signed = ({ side, size }: Pick<Print, 'side' | 'size'>) => (side === 'B' ? size : side === 'A' ? -size : 0);

/** The values of the bin [startNs, endNs) as docs/order-events.md says them, from all records before its end. */
export function literalFeatures(
  records: readonly Timed[],
  { days, fromNs, anchors, sizeBounds, valueAreaPercent }: FeatureParams,
  startNs: number,
  endNs: number,
): Record<FeatureColumn, number> {
  const { prints, book, since, changes } = follow(records.filter(({ nowNs }) => nowNs < endNs));
  const bin = prints.filter(({ nowNs }) => nowNs >= startNs);
  const counts = (action: string) => changes.filter((one) => one.what === action && one.nowNs >= startNs).length;
  const begun = anchors.filter(({ ns }) => ns < endNs);
  const begin = begun.findLast(({ begins }) => begins);
  const isSince = (nowNs: number) =>
    begin !== undefined &&
    nowNs >= begin.ns &&
    !begun.some((end) => !end.begins && end.ns > begin.ns && nowNs >= end.ns);
  const counted = prints.filter(({ nowNs }) => isSince(nowNs));
  const trades = tradesOf(counted);
  const cvdOf = (of: number) =>
    sum(trades.filter(({ size }) => sizeBounds.filter((bound) => size >= bound).length === of).map(signed));
  const volume = sum(counted.map(({ size }) => size));
  const mean = sum(counted.map(({ price, size }) => price * (size / volume)));
  const square = sum(counted.map(({ price, size }) => (price - mean) ** 2 * (size / volume)));
  const area = valueArea(counted, valueAreaPercent);
  const cancels = changes.filter((one) => one.what === 'cancel' && isSince(one.nowNs)).length;
  const none = begin === undefined ? Number.NaN : 0;
  const price = (value: number) => value / 1e9;
  const age = (side: Side) => {
    const ages = [...since].filter(([id]) => book.orders.get(id)?.side === side).map(([, ns]) => Math.floor(ns / 1000));
    return (Math.floor(endNs / 1000) - sum(ages) / ages.length) / 1000;
  };
  const orders = (side: Side, depth: number) => book.levels(side)[depth]?.count ?? 0;
  const count = (side: Side) => [...book.orders.values()].filter((order) => order.side === side).length;
  return {
    volume: sum(bin.map(({ size }) => size)),
    buy_volume: sum(bin.filter(({ side }) => side === 'B').map(({ size }) => size)),
    sell_volume: sum(bin.filter(({ side }) => side === 'A').map(({ size }) => size)),
    delta: sum(bin.map(signed)),
    trade_count: tradesOf(bin).length,
    ...{ add_count: counts('add'), modify_count: counts('modify'), cancel_count: counts('cancel') },
    since_ns: begin === undefined ? Number.NaN : Math.max(fromNs, begin.ns),
    ...{ since_volume: volume + none, cvd: sum(counted.map(signed)) + none },
    ...{ cvd_size_1: cvdOf(0) + none, cvd_size_2: cvdOf(1) + none },
    ...{ cvd_size_3: cvdOf(2) + none, cvd_size_4: cvdOf(3) + none },
    vwap: volume === 0 ? Number.NaN : price(mean),
    vwap_deviation: volume === 0 ? Number.NaN : price(Math.sqrt(square)),
    point_of_control: price(area.control),
    value_area_low: price(area.low),
    value_area_high: price(area.high),
    cancel_to_trade: trades.length === 0 ? Number.NaN : cancels / trades.length,
    ...{ bid_order_count: count('B'), ask_order_count: count('A') },
    ...{ bid_mean_age_ms: age('B'), ask_mean_age_ms: age('A') },
    ...{ bid_level_1_orders: orders('B', 0), bid_level_2_orders: orders('B', 1), bid_level_3_orders: orders('B', 2) },
    ...{ bid_level_4_orders: orders('B', 3), bid_level_5_orders: orders('B', 4) },
    ...{ ask_level_1_orders: orders('A', 0), ask_level_2_orders: orders('A', 1), ask_level_3_orders: orders('A', 2) },
    ...{ ask_level_4_orders: orders('A', 3), ask_level_5_orders: orders('A', 4) },
    ...levels(prints, days, fromNs, endNs),
  };
}

/** Book, prints, and changes of orders; since when each order rests at its price. */
function follow(records: readonly Timed[]) {
  const book = new NaiveBook();
  const since = new Map<bigint, number>();
  const prints: Print[] = [];
  const changes: { nowNs: number; what: string }[] = [];
  let [events, resets] = [0, 0];
  for (const { record, nowNs } of records) {
    const isSnapshot = (record.flags & flag.snapshot) !== 0;
    const had = book.orders.size;
    const step = book.apply(record, nowNs);
    if (record.action === 'R' || (isSnapshot && step.swept.length > 0) || (isSnapshot && had === 0)) resets++;
    if (step.acted && step.after !== undefined) {
      const moved = step.before?.price !== step.after.price || step.before.side !== step.after.side;
      if (moved || record.action === 'A') since.set(record.orderId, nowNs);
    }
    for (const id of since.keys()) if (!book.orders.has(id)) since.delete(id);
    if (step.acted && !isSnapshot) {
      if (step.before === undefined || record.action === 'A') changes.push({ nowNs, what: 'add' });
      else if (record.action === 'M' && step.after !== undefined) changes.push({ nowNs, what: 'modify' });
      else if (step.fill === 0) changes.push({ nowNs, what: 'cancel' });
    }
    const isPrint = record.action === 'T' && record.size > 0 && record.size !== undefinedSize;
    if (isPrint && !isSnapshot && record.price !== undefinedPrice) {
      const { side, size, orderId: id } = record;
      const trade = id === 0n ? `${resets} ${nowNs} ${side} ${run(prints, side)}` : `${events} ${resets} ${id}`;
      prints.push({ nowNs, price: Number(record.price), side, size, trade });
    }
    if ((record.flags & flag.last) !== 0) events++;
  }
  return { prints, book, since, changes };
}

/** Number of the run of prints of one side that the next print belongs to. */
function run(prints: readonly Print[], side: string): number {
  let at = prints.length;
  while (at > 0 && prints[at - 1]?.side === side) at--;
  return at;
}

function tradesOf(prints: readonly Print[]): { side: string; size: number }[] {
  return [...new Set(prints.map(({ trade }) => trade))].map((trade) => {
    const of = prints.filter((print) => print.trade === trade);
    return { side: of[0]?.side ?? 'N', size: sum(of.map(({ size }) => size)) };
  });
}

function valueArea(prints: readonly Print[], percent: number) {
  const prices = [...new Set(prints.map(({ price }) => price))].sort((a, b) => a - b);
  const volumes = prices.map((price) => sum(prints.filter((one) => one.price === price).map(({ size }) => size)));
  const total = sum(volumes);
  if (total === 0) return { control: Number.NaN, low: Number.NaN, high: Number.NaN };
  // |price − VWAP| times the volume, exact.
  const weighted = prints.reduce((all, { price, size }) => all + BigInt(price) * BigInt(size), 0n);
  const distance = (price: number) => {
    const off = BigInt(price) * BigInt(total) - weighted;
    return off < 0n ? -off : off;
  };
  const largest = Math.max(...volumes);
  const [control = 0] = prices
    .filter((_, i) => volumes[i] === largest)
    .sort((a, b) => Number(distance(a) - distance(b)) || a - b);
  let [low, high] = [prices.indexOf(control), prices.indexOf(control)];
  while (sum(volumes.slice(low, high + 1)) * 100 < total * percent) {
    const above = sum(volumes.slice(high + 1, high + 3));
    const below = sum(volumes.slice(Math.max(0, low - 2), low));
    if (above >= below) high = Math.min(high + 2, prices.length - 1);
    else low = Math.max(low - 2, 0);
  }
  return { control, low: prices[low] ?? Number.NaN, high: prices[high] ?? Number.NaN };
}

type Levels = Extract<FeatureColumn, `${string}_high` | `${string}_low` | 'prior_close'>;

function levels(
  prints: readonly Print[],
  days: FeatureParams['days'],
  fromNs: number,
  endNs: number,
): Omit<Record<Levels, number>, 'value_area_high' | 'value_area_low'> {
  const within = (from: number, to: number) =>
    prints.filter(({ nowNs }) => nowNs >= from && nowNs < to).map(({ price }) => price / 1e9);
  const high = (prices: readonly number[]) => (prices.length === 0 ? Number.NaN : Math.max(...prices));
  const low = (prices: readonly number[]) => (prices.length === 0 ? Number.NaN : Math.min(...prices));
  const day = days.findLast(({ startNs }) => startNs < endNs);
  const prior = days.findLast(
    (one) => one.endNs <= (day?.startNs ?? fromNs) && within(one.startNs, one.endNs).length > 0,
  );
  const all = day === undefined ? [] : within(day.startNs, day.endNs);
  const night = day === undefined || day.startNs < fromNs ? [] : within(day.startNs, day.regularStartNs);
  const isRegular = day !== undefined && day.regularStartNs >= fromNs;
  const range = (minutes: number) =>
    isRegular ? within(day.regularStartNs, Math.min(day.regularStartNs + minutes * minuteNs, day.regularEndNs)) : [];
  const priorAll = prior === undefined || prior.startNs < fromNs ? [] : within(prior.startNs, prior.endNs);
  const priorRegular =
    prior === undefined || prior.regularStartNs < fromNs ? [] : within(prior.regularStartNs, prior.regularEndNs);
  return {
    ...{ day_high: high(all), day_low: low(all), overnight_high: high(night), overnight_low: low(night) },
    ...{ opening_range_5_high: high(range(5)), opening_range_5_low: low(range(5)) },
    ...{ opening_range_15_high: high(range(15)), opening_range_15_low: low(range(15)) },
    ...{ opening_range_30_high: high(range(30)), opening_range_30_low: low(range(30)) },
    ...{ initial_balance_high: high(range(60)), initial_balance_low: low(range(60)) },
    ...{ prior_high: high(priorAll), prior_low: low(priorAll), prior_close: priorRegular.at(-1) ?? Number.NaN },
  };
}
