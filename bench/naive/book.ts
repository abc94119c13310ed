import type { MboRecord } from './record.ts';

export interface Order {
  side: string;
  price: number;
  size: number;
}

/** What a record did to an order: before and after, and what of it had been announced as executed. */
export interface Change {
  before: Order | null;
  after: Order | null;
  fill: number;
}

/**
 * The obvious order book: objects in maps, the best price found by looking at every level when the best level goes.
 * For tidy sessions only: snapshot, then adds, cancels, modifies, trades and fills.
 */
export class NaiveBook {
  readonly orders = new Map<bigint, Order>();
  readonly levels = { B: new Map<number, { size: number; count: number }>(), A: new Map() } as Record<
    string,
    Map<number, { size: number; count: number }>
  >;
  bestBid = Number.NaN;
  bestAsk = Number.NaN;
  inSnapshot = false;
  crossed = false;
  #pending = new Map<bigint, number>();
  #pendingNs = -1n;

  get twoSided(): boolean {
    return !Number.isNaN(this.bestBid) && !Number.isNaN(this.bestAsk);
  }

  get valid(): boolean {
    return this.twoSided && !this.inSnapshot && !this.crossed;
  }

  apply(record: MboRecord): Change | null {
    const ts = record.flags & 32 ? record.tsRecv : record.tsEvent;
    if (ts !== this.#pendingNs) {
      this.#pending.clear();
      this.#pendingNs = ts;
    }
    this.inSnapshot = (record.flags & 32) !== 0;
    const change = this.#change(record);
    if (record.flags & (128 | 32)) {
      this.crossed = this.bestBid >= this.bestAsk;
      if (record.flags & 128) this.inSnapshot = false;
    }
    return change;
  }

  #change({ action, orderId, side, price, size }: MboRecord): Change | null {
    if (action === 'F') this.#pending.set(orderId, (this.#pending.get(orderId) ?? 0) + size);
    if (action === 'R') {
      this.orders.clear();
      this.levels.A!.clear();
      this.levels.B!.clear();
      this.#findBest('A');
      this.#findBest('B');
    }
    if (action === 'A') {
      const after = { side, price: Number(price), size };
      this.orders.set(orderId, after);
      this.#level(after, size, 1);
      return { before: null, after, fill: 0 };
    }
    if (action !== 'C' && action !== 'M') return null;
    const order = this.orders.get(orderId);
    if (order === undefined) return null;
    const fill = this.#pending.get(orderId) ?? 0;
    this.#pending.delete(orderId);
    const before = { ...order };
    this.#level(order, -order.size, -1);
    const left = action === 'M' ? size : order.size - Math.min(size, order.size);
    if (left === 0) {
      this.orders.delete(orderId);
      return { before, after: null, fill };
    }
    order.size = left;
    if (action === 'M') {
      order.side = side;
      order.price = Number(price);
    }
    this.#level(order, left, 1);
    return { before, after: { ...order }, fill };
  }

  #level({ side, price }: Order, size: number, count: number): void {
    const levels = this.levels[side]!;
    const level = levels.get(price) ?? { size: 0, count: 0 };
    level.size += size;
    level.count += count;
    if (level.count > 0) levels.set(price, level);
    else levels.delete(price);
    const best = side === 'B' ? this.bestBid : this.bestAsk;
    if (level.count === 0 && price === best) this.#findBest(side);
    else if (side === 'B' && !(price <= best)) this.bestBid = price;
    else if (side === 'A' && !(price >= best)) this.bestAsk = price;
  }

  #findBest(side: string): void {
    const prices = [...this.levels[side]!.keys()];
    if (side === 'B') this.bestBid = prices.reduce((a, b) => (a > b ? a : b), Number.NaN);
    else this.bestAsk = prices.reduce((a, b) => (a < b ? a : b), Number.NaN);
  }
}
