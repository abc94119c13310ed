import { type Bin, hasMid } from '../engine/index.ts';
import type { SessionOverview } from './overview.ts';

/** Most columns of an overview: as many as a wide screen shows, some hundred kilobytes of JSON. */
export const maxOverviewColumns = 4096;

export type OverviewState = Pick<SessionOverview, 'is_complete' | 'failure'>;

/**
 * Sums up the bins of a session in columns as they close, in memory that does not grow with the session: when all columns
 * are taken, neighbours become one and each holds twice as many bins.
 */
export class OverviewBuilder {
  readonly #first: Float64Array;
  readonly #last: Float64Array;
  readonly #min: Float64Array;
  readonly #max: Float64Array;
  readonly #events: Float64Array;
  readonly #valid: Float64Array;
  readonly #capacity: number;
  #binsPerColumn = 1;
  #binCount = 0;

  /** `capacity` is an even number of columns. */
  constructor(capacity = maxOverviewColumns) {
    this.#capacity = capacity;
    const column = () => new Float64Array(capacity);
    this.#first = column().fill(Number.NaN);
    this.#last = column().fill(Number.NaN);
    this.#min = column().fill(Number.NaN);
    this.#max = column().fill(Number.NaN);
    this.#events = column();
    this.#valid = column();
  }

  /** Takes in the next bin. */
  add(bin: Pick<Bin, 'midPrice' | 'hasBid' | 'hasAsk' | 'eventCount' | 'bookValid'>): void {
    const { midPrice, eventCount, bookValid } = bin;
    if (this.#binCount === this.#capacity * this.#binsPerColumn) this.#halve();
    const at = Math.floor(this.#binCount++ / this.#binsPerColumn);
    this.#events[at]! += eventCount;
    this.#valid[at]! += bookValid ? 1 : 0;
    if (!hasMid(bin)) return;
    if (Number.isNaN(this.#first[at])) this.#first[at] = midPrice;
    this.#last[at] = midPrice;
    if (!(this.#min[at]! <= midPrice)) this.#min[at] = midPrice;
    if (!(this.#max[at]! >= midPrice)) this.#max[at] = midPrice;
  }

  #halve(): void {
    const half = this.#capacity / 2;
    const either = (a: number, b: number) => (Number.isNaN(a) ? b : a);
    const pairs: readonly (readonly [Float64Array, (a: number, b: number) => number, number])[] = [
      [this.#first, either, Number.NaN],
      [this.#last, (a, b) => either(b, a), Number.NaN],
      [this.#min, (a, b) => (a <= b ? a : either(b, a)), Number.NaN],
      [this.#max, (a, b) => (a >= b ? a : either(b, a)), Number.NaN],
      [this.#events, (a, b) => a + b, 0],
      [this.#valid, (a, b) => a + b, 0],
    ];
    for (const [values, merged, empty] of pairs) {
      for (let at = 0; at < half; at++) values[at] = merged(values[2 * at]!, values[2 * at + 1]!);
      values.fill(empty, half);
    }
    this.#binsPerColumn *= 2;
  }

  /** A copy of the current state. */
  overview(
    session: Pick<SessionOverview, 'serving_id' | 'start_ns' | 'cell_width_ms'>,
    state: OverviewState,
  ): SessionOverview {
    const columns = Math.ceil(this.#binCount / this.#binsPerColumn);
    const numbers = (values: Float64Array) => Array.from(values.subarray(0, columns));
    const prices = (values: Float64Array) => numbers(values).map((value) => (Number.isNaN(value) ? null : value));
    return {
      ...session,
      bin_count: this.#binCount,
      ...state,
      bins_per_column: this.#binsPerColumn,
      columns: {
        mid_first: prices(this.#first),
        mid_last: prices(this.#last),
        mid_min: prices(this.#min),
        mid_max: prices(this.#max),
        event_count: numbers(this.#events),
        valid_bins: numbers(this.#valid),
      },
    };
  }
}
