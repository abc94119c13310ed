import { firstTouch, lastWithMid } from './first_touch.ts';

/** How a trade ended: at its take-profit, at its stop-loss, or neither within its time. */
export const tradeResult = { takeProfit: 1, timeout: 0, stopLoss: -1 } as const;

/** Outcome of a trade opened at each bin, long (`up`) and short (`down`); one element a bin. */
export interface SideOutcomes {
  /** `tradeResult` of the trade. */
  readonly result: Int8Array;
  /** Bin at which it ended. */
  readonly exitBin: Int32Array;
  /** Ticks earned before costs when orders fill at their prices: +tp, −sl, or on a timeout the move of the mid. */
  readonly gainTicks: Float64Array;
  /**
   * Ticks that the mid moved the trade's way until its exit bin. A mid that jumps over a stop loses more than −sl and one
   * that jumps over a take-profit gains more than +tp: in a market without drift these gains are 0 on average whatever tp
   * and sl are, while `gainTicks` flatters tp > sl. Inference stands on these.
   */
  readonly midGainTicks: Float64Array;
}

export interface Outcomes {
  readonly tpTicks: number;
  readonly slTicks: number;
  readonly up: SideOutcomes;
  readonly down: SideOutcomes;
}

/**
 * Outcomes of trades opened at every bin's mid for pairs of take-profit and stop-loss, over one series of mids.
 * First touches are found once per distance, outcomes once per pair; both are kept for the cells to come.
 *
 * A trade ends at the first bin within `maxHoldBins` after its own whose mid is +tp or −sl ticks away, else by timeout
 * at the last mid seen in that time, or in the data when that ends sooner (product.md, "Signals, evaluation, results").
 */
export class OutcomeTable {
  readonly #mids: Float64Array;
  readonly #tickSize: number;
  readonly #maxHoldBins: number;
  readonly #lastWithMid: Int32Array;
  readonly #touches = new Map<string, Int32Array>();
  readonly #outcomes = new Map<string, Outcomes>();

  /** `mids` are NaN where a bin has none; `tickSize` is in their unit. */
  constructor(mids: Float64Array, tickSize: number, maxHoldBins: number) {
    this.#mids = mids;
    this.#tickSize = tickSize;
    this.#maxHoldBins = maxHoldBins;
    this.#lastWithMid = lastWithMid(mids);
  }

  of(tpTicks: number, slTicks: number): Outcomes {
    const key = `${tpTicks}/${slTicks}`;
    let outcomes = this.#outcomes.get(key);
    if (outcomes === undefined) {
      outcomes = {
        ...{ tpTicks, slTicks },
        up: this.#side(1, tpTicks, slTicks),
        down: this.#side(-1, tpTicks, slTicks),
      };
      this.#outcomes.set(key, outcomes);
    }
    return outcomes;
  }

  #touch(ticks: number, sign: 1 | -1): Int32Array {
    const key = `${sign * ticks}`;
    let touch = this.#touches.get(key);
    if (touch === undefined) {
      touch = new Int32Array(this.#mids.length);
      firstTouch(this.#mids, ticks * this.#tickSize, sign, touch);
      this.#touches.set(key, touch);
    }
    return touch;
  }

  #side(side: 1 | -1, tpTicks: number, slTicks: number): SideOutcomes {
    const mids = this.#mids;
    const count = mids.length;
    const takeProfit = this.#touch(tpTicks, side);
    const stopLoss = this.#touch(slTicks, side === 1 ? -1 : 1);
    const result = new Int8Array(count);
    const exitBin = new Int32Array(count);
    const gainTicks = new Float64Array(count);
    const midGainTicks = new Float64Array(count);
    for (let bin = 0; bin < count; bin++) {
      const limit = Math.min(bin + this.#maxHoldBins, count - 1);
      const tpBin = takeProfit[bin]!;
      const slBin = stopLoss[bin]!;
      if (tpBin <= limit && tpBin < slBin) {
        result[bin] = tradeResult.takeProfit;
        exitBin[bin] = tpBin;
      } else if (slBin <= limit) {
        result[bin] = tradeResult.stopLoss;
        exitBin[bin] = slBin;
      } else exitBin[bin] = limit;
      if (Number.isNaN(mids[bin])) continue;
      const exitMid = mids[this.#lastWithMid[exitBin[bin]!]!]!;
      midGainTicks[bin] = (side * (exitMid - mids[bin]!)) / this.#tickSize;
      gainTicks[bin] = [-slTicks, midGainTicks[bin]!, tpTicks][result[bin]! + 1]!;
    }
    return { result, exitBin, gainTicks, midGainTicks };
  }
}
