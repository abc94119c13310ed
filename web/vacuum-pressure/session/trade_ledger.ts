import { activityFields } from '../../../src/engine/index.ts';
import type { DepthFrame } from '../../../src/wire/index.ts';

/** What traded in a bin, by price, ascending; of T records at their own price. */
export interface BinTrades {
  readonly ticks: Int32Array;
  /** Sizes whose aggressor bought, sold, and that have none. */
  readonly bought: Float64Array;
  readonly sold: Float64Array;
  readonly unsided: Float64Array;
  readonly firstTick: number;
  readonly lastTick: number;
  /** Executions of one aggressor at one time are one trade. */
  readonly count: number;
}

const fields = activityFields.length;
const sides = ['bought', 'sold', 'unsided'] as const;
const [bought, sold, unsided] = sides.map((name) => activityFields.indexOf(name));

/** Numbers of a bin in `#bins`: its first row, number of rows, first and last tick, and count. */
const binNumbers = 5;

/** The trades of all bins received so far, packed: a bin has few rows, and arrays of its own would take ten times as much. */
export class TradeLedger {
  /** Places of bins in `#bins`. */
  readonly #places = new Map<number, number>();
  #bins = new Int32Array(1024 * binNumbers);
  #ticks = new Int32Array(1024);
  #sizes = { bought: new Float64Array(1024), sold: new Float64Array(1024), unsided: new Float64Array(1024) };
  #rows = 0;
  /** Sequence numbers of bins with trades, ascending. */
  readonly #seqs: number[] = [];
  #lateBins = 0;

  /** Counts bins with trades that were put after a later one. */
  get lateBins(): number {
    return this.#lateBins;
  }

  /** The last bin with trades; −1 without any. */
  get newest(): number {
    return this.#seqs.at(-1) ?? -1;
  }

  put({ seq, activity, firstTradeTick, lastTradeTick, tradeCount }: DepthFrame): void {
    if (tradeCount === 0 || this.#places.has(seq)) return;
    const { ticks, amounts } = activity;
    const amount = (row: number, field = 0) => amounts[row * fields + field] ?? 0;
    const first = this.#rows;
    this.#reserve(first + ticks.length);
    for (let row = 0; row < ticks.length; row++) {
      const sizes = [amount(row, bought), amount(row, sold), amount(row, unsided)] as const;
      if (!(sizes[0] + sizes[1] + sizes[2] > 0)) continue;
      this.#ticks[this.#rows] = ticks[row] ?? 0;
      for (const [index, name] of sides.entries()) this.#sizes[name][this.#rows] = sizes[index] ?? 0;
      this.#rows++;
    }
    const place = this.#places.size * binNumbers;
    this.#places.set(seq, place);
    this.#bins.set([first, this.#rows - first, firstTradeTick, lastTradeTick, tradeCount], place);
    this.#insert(seq);
  }

  /** Makes room for one more bin, and for `rows` rows in all. */
  #reserve(rows: number): void {
    const twice = <Numbers extends Int32Array | Float64Array>(
      numbers: Numbers,
      of: new (length: number) => Numbers,
    ) => {
      const grown = new of(2 * numbers.length);
      grown.set(numbers);
      return grown;
    };
    if ((this.#places.size + 1) * binNumbers > this.#bins.length) this.#bins = twice(this.#bins, Int32Array);
    while (rows > this.#ticks.length) {
      this.#ticks = twice(this.#ticks, Int32Array);
      for (const name of sides) this.#sizes[name] = twice(this.#sizes[name], Float64Array);
    }
  }

  #insert(seq: number): void {
    if (seq > this.newest) {
      this.#seqs.push(seq);
      return;
    }
    this.#lateBins++;
    this.#seqs.splice(lowerBound(this.#seqs, seq), 0, seq);
  }

  /** The trades of a bin, as views; null where it had none, or is not known. */
  at(seq: number): BinTrades | null {
    const place = this.#places.get(seq);
    if (place === undefined) return null;
    const [first = 0, rows = 0, firstTick = 0, lastTick = 0, count = 0] = this.#bins.subarray(
      place,
      place + binNumbers,
    );
    const end = first + rows;
    return {
      ticks: this.#ticks.subarray(first, end),
      bought: this.#sizes.bought.subarray(first, end),
      sold: this.#sizes.sold.subarray(first, end),
      unsided: this.#sizes.unsided.subarray(first, end),
      firstTick,
      lastTick,
      count,
    };
  }

  /** Calls `visit` for the bins of [first, end) that have trades, in their order. */
  forEach(first: number, end: number, visit: (seq: number, trades: BinTrades) => void): void {
    const seqs = this.#seqs;
    for (let at = lowerBound(seqs, first); at < seqs.length; at++) {
      const seq = seqs[at] ?? end;
      if (seq >= end) return;
      const trades = this.at(seq);
      if (trades !== null) visit(seq, trades);
    }
  }
}

/** First index whose value is not below `wanted`. */
function lowerBound(values: readonly number[], wanted: number): number {
  let [low, high] = [0, values.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((values[middle] ?? 0) < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}
