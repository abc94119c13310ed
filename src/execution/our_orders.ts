import { assert } from '../errors.ts';
import { enlarged } from './enlarged.ts';

/** How an order of ours enters. */
export const orderKind = {
  /** Takes the displayed orders of the other side. */
  market: 0,
  /** Takes up to its limit, then rests at it. */
  limit: 1,
  /** A limit order at the best price of its own side as seen at its decision. */
  join: 2,
} as const;

/** Why an order of ours was filled. */
export const fillReason = {
  /** It took displayed orders. */
  take: 0,
  /** An order behind it, at its price, was executed. */
  queue: 1,
  /** An order before it was executed for more than it displayed. */
  hidden: 2,
  /** An execution went past its price. */
  through: 3,
  /** At the end of an event the other side displayed orders at its price or better. */
  met: 4,
} as const;

/** Names of `fillReason`, by number. */
export const fillReasonNames = Object.keys(fillReason) as (keyof typeof fillReason)[];

/** Where an order of ours is, or how it ended. */
export const outcome = {
  /** The records end before it arrives. */
  afterEnd: 0,
  /** It waits for a market. */
  waiting: 1,
  /** It rests, or rested when the records ended. */
  resting: 2,
  filled: 3,
  /** Cancelled after its longest wait, with a fill. */
  partial: 4,
  /** The same without any fill. */
  missed: 5,
  /** No market until its longest wait was over, or none at its decision. */
  refused: 6,
  /** Cancelled by a clear or snapshot of the book. */
  cleared: 7,
} as const;

/** Names of `outcome`, by number. */
export const outcomeNames = Object.keys(outcome) as (keyof typeof outcome)[];

/** An order of ours. Times are nanoseconds since the pass's origin, prices integers of 1e-9. */
export interface OurOrder {
  /** When the exchange has it. */
  readonly arrivalNs: number;
  readonly side: 'B' | 'A';
  readonly kind: keyof typeof orderKind;
  /** The limit; for a join an offset from the best price, positive towards the other side; unused of a market order. */
  readonly price: number;
  readonly size: number;
  /** From the arrival to the cancel's own arrival; Infinity to wait for the end of the records. */
  readonly maxWaitNs: number;
  /** When the price of a join is chosen, not after the arrival; unused otherwise. */
  readonly decisionNs?: number;
  /** Whether it stays unfilled when the other side meets it. */
  readonly withoutMet?: boolean;
}

/** Above a tenth of its level's quantity an order is too large to believe that nobody would have reacted. */
export const believableLevelSizes = 10;

/** Whether a price is within the limit of an order on `side`. */
export function isWithin(price: number, side: number, limit: number): boolean {
  return side === 1 ? price <= limit : price >= limit;
}

/** Orders of ours as columns, `count` elements of which are valid; what becomes of them is written by `ExecutionPass`. */
export class OurOrders {
  count = 0;
  arrivalNs = new Float64Array(0);
  decisionNs = new Float64Array(0);
  /** When the cancel of the rest arrives. */
  expiryNs = new Float64Array(0);
  /** `sideBid` or `sideAsk`. */
  side = new Uint8Array(0);
  kind = new Uint8Array(0);
  /** The limit; of a join its offset until its decision. */
  price = new Float64Array(0);
  size = new Float64Array(0);

  withoutMet = new Uint8Array(0);

  left = new Float64Array(0);
  outcome = new Uint8Array(0);
  /** Of its place in the queue; 0 before it rests. */
  stamp = new Float64Array(0);
  /** Displayed quantity before it when it came to rest. */
  aheadAtArrival = new Float64Array(0);
  /** 1 where it is above the believable part of its level: the best of the other side for one that takes, else its own. */
  tooLarge = new Uint8Array(0);
  /** 1 where it had to wait for a market. */
  delayed = new Uint8Array(0);
  /** Mid when it came into the market, and when its rest was cancelled; NaN where there was none. */
  arrivalMid = new Float64Array(0);
  endMid = new Float64Array(0);

  constructor(orders: readonly OurOrder[]) {
    if (orders.length > 0) this.#enlarge(orders.length);
    for (const order of orders) this.add(order);
  }

  /** Adds an order; gives its number. */
  add(order: OurOrder): number {
    const { arrivalNs, decisionNs = arrivalNs, maxWaitNs, side, kind, price, size, withoutMet = false } = order;
    assert(size > 0 && Number.isSafeInteger(size), 'an order has a whole size');
    assert(Number.isFinite(arrivalNs) && maxWaitNs >= 0, 'an order has its times');
    assert(decisionNs <= arrivalNs, 'an order is decided before it arrives');
    assert(kind === 'market' || Number.isSafeInteger(price), 'a limit is a whole price');
    if (this.count === this.size.length) this.#enlarge(Math.max(16, this.count * 2));
    const at = this.count++;
    this.arrivalNs[at] = arrivalNs;
    this.decisionNs[at] = decisionNs;
    this.expiryNs[at] = arrivalNs + maxWaitNs;
    this.side[at] = side === 'B' ? 1 : 2;
    this.kind[at] = orderKind[kind];
    this.price[at] = price;
    this.size[at] = size;
    this.withoutMet[at] = withoutMet ? 1 : 0;
    this.left[at] = size;
    this.arrivalMid[at] = Number.NaN;
    this.endMid[at] = Number.NaN;
    return at;
  }

  /** The worst price that an order pays: ±Infinity for a market order. */
  limit(order: number): number {
    if (this.kind[order] !== orderKind.market) return this.price[order]!;
    return this.side[order] === 1 ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
  }

  #enlarge(capacity: number): void {
    const doubles = (column: Float64Array<ArrayBuffer>) => enlarged(column, new Float64Array(capacity));
    const bytes = (column: Uint8Array<ArrayBuffer>) => enlarged(column, new Uint8Array(capacity));
    this.arrivalNs = doubles(this.arrivalNs);
    this.decisionNs = doubles(this.decisionNs);
    this.expiryNs = doubles(this.expiryNs);
    this.side = bytes(this.side);
    this.kind = bytes(this.kind);
    this.price = doubles(this.price);
    this.size = doubles(this.size);
    this.withoutMet = bytes(this.withoutMet);
    this.left = doubles(this.left);
    this.outcome = bytes(this.outcome);
    this.stamp = doubles(this.stamp);
    this.aheadAtArrival = doubles(this.aheadAtArrival);
    this.tooLarge = bytes(this.tooLarge);
    this.delayed = bytes(this.delayed);
    this.arrivalMid = doubles(this.arrivalMid);
    this.endMid = doubles(this.endMid);
  }
}
