import { sideAsk, sideBid } from '../book/index.ts';
import { isWithin, type OurOrders } from './our_orders.ts';
import type { PriorityQueues } from './priority_queues.ts';

/**
 * Orders of ours on one side that took all that the other side displays in their reach, and want more. What they took is still
 * displayed (no impact), so that each keeps by real order how much of it it has: a displayed contract fills it once.
 * Where a real order shrinks, contracts that were not taken go first.
 */
export class Contacts {
  readonly #ours: OurOrders;
  readonly #queues: PriorityQueues;
  readonly #side: number;
  readonly #otherSide: number;
  /** Contracts taken of each real order, by its node, of each order of ours. */
  readonly #taken = new Map<number, Map<number, number>>();
  /** Nodes with the quantity that they displayed after each change since the last `settle`, in pairs. */
  #changes: number[] = [];
  /** Nodes that changed since the last `takeFresh`. */
  readonly #touched = new Set<number>();

  /** @param side of our orders: `sideBid` or `sideAsk` */
  constructor(ours: OurOrders, queues: PriorityQueues, side: number) {
    this.#ours = ours;
    this.#queues = queues;
    this.#side = side;
    this.#otherSide = side === sideBid ? sideAsk : sideBid;
  }

  get orders(): readonly number[] {
    return [...this.#taken.keys()];
  }

  get isEmpty(): boolean {
    return this.#taken.size === 0;
  }

  has(order: number): boolean {
    return this.#taken.has(order);
  }

  /** Begins with an order that took everything displayed up to `limit`. */
  open(order: number, limit: number): void {
    const taken = new Map<number, number>();
    this.#queues.forEach(this.#otherSide, (node) => {
      if (this.#reaches(limit, node)) taken.set(node, this.#queues.size(node));
    });
    this.#taken.set(order, taken);
  }

  close(order: number): void {
    this.#taken.delete(order);
    if (this.#taken.size === 0) this.clear();
  }

  clear(): void {
    this.#taken.clear();
    this.#changes = [];
    this.#touched.clear();
  }

  /** Notes a real order of the other side that displays `quantity` now; 0 for one that left the side. */
  note(node: number, quantity: number): void {
    if (this.#taken.size > 0) this.#changes.push(node, quantity);
  }

  /** Takes in the changes of an event. */
  settle(): void {
    const changes = this.#changes;
    if (changes.length === 0) return;
    for (const taken of this.#taken.values()) {
      for (let at = 0; at < changes.length; at += 2) {
        const [node, quantity] = [changes[at]!, changes[at + 1]!];
        const had = taken.get(node);
        if (had === undefined || had <= quantity) continue;
        if (quantity === 0) taken.delete(node);
        else taken.set(node, quantity);
      }
    }
    for (let at = 0; at < changes.length; at += 2) this.#touched.add(changes[at]!);
    this.#changes = [];
  }

  /**
   * Offers every order what it has not taken yet: `take` is called with a price that it pays and the quantity displayed anew for
   * it, best price first, until it wants no more. The book is not crossed.
   */
  takeFresh(take: (order: number, price: number, quantity: number) => void): void {
    if (this.#touched.size === 0) return;
    for (const [order, taken] of [...this.#taken]) {
      const byPrice = new Map<number, number>();
      const limit = this.#ours.limit(order);
      for (const node of this.#touched) {
        if (this.#queues.side(node) !== this.#otherSide || !this.#reaches(limit, node)) continue;
        const fresh = this.#queues.size(node) - (taken.get(node) ?? 0);
        if (fresh === 0) continue;
        taken.set(node, this.#queues.size(node));
        // A limit order is met at its own price, a market order takes at that of the displayed order.
        const price = Number.isFinite(limit) ? limit : this.#queues.price(node);
        byPrice.set(price, (byPrice.get(price) ?? 0) + fresh);
      }
      for (const [price, quantity] of [...byPrice].sort(([a], [b]) => (this.#side === sideBid ? a - b : b - a))) {
        if (this.#ours.left[order]! > 0) take(order, price, quantity);
      }
    }
    this.#touched.clear();
  }

  #reaches(limit: number, node: number): boolean {
    return isWithin(this.#queues.price(node), this.#side, limit);
  }
}
