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
const [bought, sold, unsided] = (['bought', 'sold', 'unsided'] as const).map((name) => activityFields.indexOf(name));

/** The trades of all bins received so far. */
export class TradeLedger {
  readonly #bins = new Map<number, BinTrades>();
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
    if (tradeCount === 0 || this.#bins.has(seq)) return;
    const { ticks, amounts } = activity;
    const amount = (row: number, field = 0) => amounts[row * fields + field] ?? 0;
    const rows = [...ticks.keys()].filter((row) => amount(row, bought) + amount(row, sold) + amount(row, unsided) > 0);
    this.#bins.set(seq, {
      ticks: Int32Array.from(rows, (row) => ticks[row] ?? 0),
      bought: Float64Array.from(rows, (row) => amount(row, bought)),
      sold: Float64Array.from(rows, (row) => amount(row, sold)),
      unsided: Float64Array.from(rows, (row) => amount(row, unsided)),
      firstTick: firstTradeTick,
      lastTick: lastTradeTick,
      count: tradeCount,
    });
    this.#insert(seq);
  }

  #insert(seq: number): void {
    if (seq > this.newest) {
      this.#seqs.push(seq);
      return;
    }
    this.#lateBins++;
    this.#seqs.splice(lowerBound(this.#seqs, seq), 0, seq);
  }

  /** The trades of a bin; null where it had none, or is not known. */
  at(seq: number): BinTrades | null {
    return this.#bins.get(seq) ?? null;
  }

  /** Calls `visit` for the bins of [first, end) that have trades, in their order. */
  forEach(first: number, end: number, visit: (seq: number, trades: BinTrades) => void): void {
    const seqs = this.#seqs;
    for (let at = lowerBound(seqs, first); at < seqs.length; at++) {
      const seq = seqs[at] ?? end;
      if (seq >= end) return;
      const trades = this.#bins.get(seq);
      if (trades !== undefined) visit(seq, trades);
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
