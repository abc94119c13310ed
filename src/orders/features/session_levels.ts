import type { StateReader, StateWriter } from '../../state.ts';
import { featureIndex as at, initialBalanceMinutes, openingRangeMinutes } from './columns.ts';
import type { FeatureDay } from './params.ts';

const minuteNs = 60e9;
/** Ranges that count from the beginning of regular hours, and how long they do. */
const ranges = [...openingRangeMinutes, initialBalanceMinutes].map((minutes) => minutes * minuteNs);
const rangeColumns = [
  at.opening_range_5_high,
  at.opening_range_15_high,
  at.opening_range_30_high,
  at.initial_balance_high,
];

// At one moment ends come before beginnings.
const rangeEnds = 0;
const regularEnds = 1;
const dayEnds = 2;
const dayBegins = 3;
const regularBegins = 4;

/** A moment at which a level begins or ends. */
interface Moment {
  readonly ns: number;
  readonly what: number;
  /** The range that ends. */
  readonly range: number;
  readonly day: FeatureDay;
}

function momentsOf(day: FeatureDay): Moment[] {
  const moment = (ns: number, what: number, range = 0): Moment => ({ ns, what, range, day });
  return [
    moment(day.startNs, dayBegins),
    moment(day.regularStartNs, regularBegins),
    ...ranges.map((lengthNs, range) =>
      moment(Math.min(day.regularStartNs + lengthNs, day.regularEndNs), rangeEnds, range),
    ),
    moment(day.regularEndNs, regularEnds),
    moment(day.endNs, dayEnds),
  ];
}

/**
 * High and low of the trading day, of the night before its regular hours, of their opening ranges, and of the day before. Prices
 * are integers of 1e-9, NaN where they are not known: what began before the first record's session is not.
 */
export class SessionLevels {
  readonly #moments: readonly Moment[];
  readonly #fromNs: number;
  #next = 0;
  /** High and low by row: day, night, regular hours, and the ranges as they were when they ended. */
  readonly #high = new Float64Array(3 + ranges.length).fill(Number.NaN);
  readonly #low = new Float64Array(3 + ranges.length).fill(Number.NaN);
  /** High, low and close of the day before. */
  readonly #prior = new Float64Array(3).fill(Number.NaN);
  #close = Number.NaN;
  #isDay = false;
  /** Whether regular hours are to come. */
  #isNight = false;
  #isRegular = false;
  /** Whether the day was seen from its beginning. */
  #isWhole = false;
  /** Ranges that have ended. */
  #rangesOver = 0;

  /** @param fromNs from when records are there */
  constructor(days: readonly FeatureDay[], fromNs: number) {
    this.#fromNs = fromNs;
    this.#moments = days.flatMap(momentsOf).sort((a, b) => a.ns - b.ns || a.what - b.what || a.range - b.range);
  }

  /** The next moment at which something begins or ends; Infinity behind the last. */
  get nextNs(): number {
    return this.#moments[this.#next]?.ns ?? Number.POSITIVE_INFINITY;
  }

  /** Passes the next moment. */
  pass(): void {
    const { what, day, range } = this.#moments[this.#next++]!;
    if (what === dayBegins) this.#beginDay(day);
    else if (what === regularBegins) {
      this.#isNight = false;
      this.#isRegular = this.#isDay && day.regularStartNs >= this.#fromNs;
      this.#keep(1, 0);
    } else if (what === rangeEnds) {
      this.#keep(3 + range, 2);
      this.#rangesOver = Math.max(this.#rangesOver, range + 1);
    } else if (what === regularEnds) this.#isRegular = false;
    else this.#isDay = false;
  }

  trade(price: number): void {
    if (!this.#isDay) return;
    this.#widen(0, price);
    if (!this.#isRegular) return;
    this.#widen(2, price);
    this.#close = price;
  }

  /** Writes the levels, in price units, into a bin's values. */
  write(values: Float64Array): void {
    this.#write(values, at.day_high, 0);
    this.#write(values, at.overnight_high, this.#isNight ? 0 : 1);
    if (!this.#isWhole) values.fill(Number.NaN, at.overnight_high, at.overnight_high + 2);
    for (let range = 0; range < ranges.length; range++) {
      this.#write(values, rangeColumns[range]!, range < this.#rangesOver ? 3 + range : 2);
    }
    for (let i = 0; i < 3; i++) values[at.prior_high + i] = this.#prior[i]! / 1e9;
  }

  save(writer: StateWriter): void {
    const flags = [this.#isDay, this.#isNight, this.#isRegular, this.#isWhole].map(Number);
    writer.array(Float64Array.of(this.#next, this.#close, this.#rangesOver, ...flags));
    for (const values of [this.#high, this.#low, this.#prior]) writer.array(values.slice());
  }

  restore(reader: StateReader): void {
    const [next, close, rangesOver, isDay, isNight, isRegular, isWhole] = reader.float64s();
    this.#next = next!;
    this.#close = close!;
    this.#rangesOver = rangesOver!;
    this.#isDay = isDay === 1;
    this.#isNight = isNight === 1;
    this.#isRegular = isRegular === 1;
    this.#isWhole = isWhole === 1;
    for (const values of [this.#high, this.#low, this.#prior]) values.set(reader.float64s());
  }

  #beginDay(day: FeatureDay): void {
    // A day without trades, as on a weekend, is none.
    if (!Number.isNaN(this.#high[0]!)) {
      this.#prior[0] = this.#isWhole ? this.#high[0]! : Number.NaN;
      this.#prior[1] = this.#isWhole ? this.#low[0]! : Number.NaN;
      this.#prior[2] = this.#close;
    }
    this.#high.fill(Number.NaN);
    this.#low.fill(Number.NaN);
    this.#close = Number.NaN;
    this.#rangesOver = 0;
    this.#isDay = true;
    this.#isNight = true;
    this.#isRegular = false;
    this.#isWhole = day.startNs >= this.#fromNs;
  }

  #keep(to: number, from: number): void {
    this.#high[to] = this.#high[from]!;
    this.#low[to] = this.#low[from]!;
  }

  #widen(row: number, price: number): void {
    if (!(price <= this.#high[row]!)) this.#high[row] = price;
    if (!(price >= this.#low[row]!)) this.#low[row] = price;
  }

  #write(values: Float64Array, column: number, row: number): void {
    values[column] = this.#high[row]! / 1e9;
    values[column + 1] = this.#low[row]! / 1e9;
  }
}
