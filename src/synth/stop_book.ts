import type { Side } from './book.ts';

/** A stop order: nobody sees it until a trade at its trigger makes it an aggressor. */
export interface StopOrder {
  readonly id: number;
  /** Side of the aggressor that it becomes: 0 buys. */
  readonly taker: Side;
  readonly level: number;
  readonly size: number;
}

/** Most stop orders of a market; the oldest is withdrawn for a new one, unseen. */
const capacity = 256;

/** The stop orders of a market, oldest first. */
export class StopBook {
  readonly #orders: StopOrder[] = [];

  add(order: StopOrder): void {
    if (this.#orders.length === capacity) this.#orders.shift();
    this.#orders.push(order);
  }

  /** Takes out the next order that a trade of `taker` at `level` triggers: the nearest trigger first, then the oldest. */
  trigger(taker: Side, level: number): StopOrder | null {
    const orders = this.#orders;
    const step = taker === 0 ? 1 : -1;
    let next = -1;
    for (let i = 0; i < orders.length; i++) {
      const order = orders[i]!;
      if (order.taker !== taker || (order.level - level) * step > 0) continue;
      if (next < 0 || (order.level - orders[next]!.level) * step < 0) next = i;
    }
    return next < 0 ? null : orders.splice(next, 1)[0]!;
  }
}
