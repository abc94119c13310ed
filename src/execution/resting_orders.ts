import { assert } from '../errors.ts';
import type { OurOrders } from './our_orders.ts';

/** Orders of ours that rest at one price, longest first: their stamps rise. */
export interface RestingLevel {
  /** The price, or its negative for asks: the higher, the better. */
  readonly key: number;
  readonly orders: number[];
}

/** Orders of ours that rest on one side, by price and time. */
export class RestingOrders {
  /** Worst first, best last. */
  readonly levels: RestingLevel[] = [];
  readonly #ours: OurOrders;
  readonly #sign: 1 | -1;
  readonly #byKey = new Map<number, RestingLevel>();

  /** @param sign +1 for bids, −1 for asks */
  constructor(ours: OurOrders, sign: 1 | -1) {
    this.#ours = ours;
    this.#sign = sign;
  }

  /** The key of a price: the better for this side, the higher. */
  keyOf(price: number): number {
    return price * this.#sign;
  }

  /** The best key; −Infinity without an order. */
  get bestKey(): number {
    return this.levels.at(-1)?.key ?? Number.NEGATIVE_INFINITY;
  }

  levelAt(key: number): RestingLevel | undefined {
    return this.#byKey.get(key);
  }

  /** Adds an order whose stamp is the highest. */
  add(order: number): void {
    const key = this.keyOf(this.#ours.price[order]!);
    const known = this.#byKey.get(key);
    if (known !== undefined) {
      known.orders.push(order);
      return;
    }
    const level: RestingLevel = { key, orders: [order] };
    this.#byKey.set(key, level);
    let at = this.levels.length;
    while (at > 0 && this.levels[at - 1]!.key > key) at--;
    this.levels.splice(at, 0, level);
  }

  remove(order: number): void {
    const key = this.keyOf(this.#ours.price[order]!);
    const level = this.#byKey.get(key);
    assert(level !== undefined, 'a resting order has a level');
    const at = indexOfStamp(level.orders, this.#ours.stamp, this.#ours.stamp[order]!);
    assert(level.orders[at] === order, 'a resting order stands at its place');
    level.orders.splice(at, 1);
    if (level.orders.length > 0) return;
    this.#byKey.delete(key);
    this.levels.splice(this.levels.indexOf(level), 1);
  }

  clear(): void {
    this.levels.length = 0;
    this.#byKey.clear();
  }
}

/** Index of the first order whose stamp is not below `stamp`. */
export function indexOfStamp(orders: readonly number[], stamps: Float64Array, stamp: number): number {
  let lo = 0;
  let hi = orders.length;
  while (lo < hi) {
    const middle = (lo + hi) >>> 1;
    if (stamps[orders[middle]!]! < stamp) lo = middle + 1;
    else hi = middle;
  }
  return lo;
}
