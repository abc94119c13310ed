import { type Book, sideAsk, sideBid } from '../book/index.ts';
import type { StateReader, StateWriter } from '../state.ts';
import type { Absorption } from './absorption.ts';
import { orderEventCode } from './event_kinds.ts';
import type { OrderEventRows } from './event_rows.ts';
import type { OrderEventParams } from './params.ts';
import type { TradeGroup } from './trade_group.ts';

/** The best price of each side at the ends of events, since when it is, and those that are executed away. */
export class BestPrices {
  readonly #params: OrderEventParams;
  /** By side, 1 and 2; NaN for none. */
  readonly #price = Float64Array.of(Number.NaN, Number.NaN, Number.NaN);
  readonly #sinceNs = new Float64Array(3);
  #wasCrossed = false;

  constructor(params: OrderEventParams) {
    this.#params = params;
  }

  /** Tells `absorption` what became of the best prices. */
  endEvent(nowNs: number, book: Book, group: TradeGroup, absorption: Absorption, rows: OrderEventRows): void {
    const bestBid = book.bids.best;
    const bestAsk = book.asks.best;
    const price = this.#price;
    if (bestBid === price[sideBid] && bestAsk === price[sideAsk]) return;
    if (!Object.is(bestBid, price[sideBid])) this.#moved(sideBid, bestBid, nowNs, group, absorption, rows);
    if (!Object.is(bestAsk, price[sideAsk])) this.#moved(sideAsk, bestAsk, nowNs, group, absorption, rows);
    this.#wasCrossed = bestBid >= bestAsk;
  }

  clear(): void {
    this.#price.fill(Number.NaN);
    this.#wasCrossed = false;
  }

  save(writer: StateWriter): void {
    writer.array(Float64Array.of(...this.#price, ...this.#sinceNs, Number(this.#wasCrossed)));
  }

  restore(reader: StateReader): void {
    const values = reader.float64s();
    this.#price.set(values.subarray(0, 3));
    this.#sinceNs.set(values.subarray(3, 6));
    this.#wasCrossed = values[6] === 1;
  }

  #moved(
    side: number,
    best: number,
    nowNs: number,
    group: TradeGroup,
    absorption: Absorption,
    rows: OrderEventRows,
  ): void {
    const from = this.#price[side]!;
    const sinceNs = this.#sinceNs[side]!;
    this.#price[side] = best;
    this.#sinceNs[side] = nowNs;
    absorption.bestMoved(nowNs, side, from, best);
    const isBetter = side === sideBid ? best > from : best < from;
    if (Number.isNaN(from) || isBetter || this.#wasCrossed || nowNs - sinceNs < this.#params.exhaustedNs) return;
    let executions = 0;
    let size = 0;
    for (let i = 0; i < group.fills; i++) {
      if (group.fillSide[i] !== side || group.fillPrice[i] !== from) continue;
      executions++;
      size += group.fillSize[i]!;
    }
    if (executions === 0) return;
    rows.begin(orderEventCode.exhaustedLevel, nowNs, sinceNs, side, from, size, 1);
    for (let i = 0; i < group.fills; i++) {
      if (group.fillSide[i] !== side || group.fillPrice[i] !== from) continue;
      rows.orderId(group.fillLo[i]!, group.fillHi[i]!);
      rows.sequence(group.fillSequence[i]!);
    }
    rows.detail(0, nowNs - sinceNs);
    rows.detail(1, executions);
  }
}
