import { assert } from '../errors.ts';

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
}

/** Above a tenth of its level's quantity an order is too large to believe that nobody would have reacted. */
export const believableLevelSizes = 10;

/** Orders of ours as columns, an element an order; what becomes of them is written by `ExecutionPass`. */
export class OurOrders {
  readonly count: number;
  readonly arrivalNs: Float64Array;
  readonly decisionNs: Float64Array;
  /** When the cancel of the rest arrives. */
  readonly expiryNs: Float64Array;
  /** `sideBid` or `sideAsk`. */
  readonly side: Uint8Array;
  readonly kind: Uint8Array;
  /** The limit; of a join its offset until its decision. */
  readonly price: Float64Array;
  readonly size: Float64Array;

  readonly left: Float64Array;
  readonly outcome: Uint8Array;
  /** Of its place in the queue; 0 before it rests. */
  readonly stamp: Float64Array;
  /** Displayed quantity before it when it came to rest. */
  readonly aheadAtArrival: Float64Array;
  /** 1 where it is above the believable part of its level: the best of the other side for one that takes, else its own. */
  readonly tooLarge: Uint8Array;
  /** 1 where it had to wait for a market. */
  readonly delayed: Uint8Array;
  /** Mid when it came into the market, and when its rest was cancelled; NaN where there was none. */
  readonly arrivalMid: Float64Array;
  readonly endMid: Float64Array;

  constructor(orders: readonly OurOrder[]) {
    const count = orders.length;
    const column = (value: (order: OurOrder) => number): Float64Array => Float64Array.from(orders, value);
    this.count = count;
    this.arrivalNs = column((order) => order.arrivalNs);
    this.decisionNs = column((order) => order.decisionNs ?? order.arrivalNs);
    this.expiryNs = column((order) => order.arrivalNs + order.maxWaitNs);
    this.side = Uint8Array.from(orders, (order) => (order.side === 'B' ? 1 : 2));
    this.kind = Uint8Array.from(orders, (order) => orderKind[order.kind]);
    this.price = column((order) => order.price);
    this.size = column((order) => order.size);
    this.left = this.size.slice();
    this.outcome = new Uint8Array(count);
    this.stamp = new Float64Array(count);
    this.aheadAtArrival = new Float64Array(count);
    this.tooLarge = new Uint8Array(count);
    this.delayed = new Uint8Array(count);
    this.arrivalMid = new Float64Array(count).fill(Number.NaN);
    this.endMid = new Float64Array(count).fill(Number.NaN);
    for (let at = 0; at < count; at++) {
      assert(this.size[at]! > 0 && Number.isSafeInteger(this.size[at]), 'an order has a whole size');
      assert(
        Number.isFinite(this.arrivalNs[at]) && this.expiryNs[at]! >= this.arrivalNs[at]!,
        'an order has its times',
      );
      assert(this.decisionNs[at]! <= this.arrivalNs[at]!, 'an order is decided before it arrives');
      assert(this.kind[at] === orderKind.market || Number.isSafeInteger(this.price[at]), 'a limit is a whole price');
    }
  }

  /** The worst price that an order pays: ±Infinity for a market order. */
  limit(order: number): number {
    if (this.kind[order] !== orderKind.market) return this.price[order]!;
    return this.side[order] === 1 ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
  }

  /** Order numbers by a column of times, earliest first; equal times in the order of the numbers. */
  sortedBy(timesNs: Float64Array): Int32Array {
    return Int32Array.from({ length: this.count }, (_, at) => at).sort((a, b) => {
      const [first, second] = [timesNs[a]!, timesNs[b]!];
      return first === second ? a - b : first < second ? -1 : 1;
    });
  }
}
