import { enlarged } from './enlarged.ts';

/** Fills in the order in which they happened, as columns that grow; `count` elements of each are valid. */
export class FillRows {
  count = 0;
  /** Number of the order. */
  order = new Int32Array(256);
  /** Nanoseconds since the pass's origin. */
  tsNs = new Float64Array(256);
  /** Integer of 1e-9. */
  price = new Float64Array(256);
  size = new Float64Array(256);
  /** A `fillReason`. */
  reason = new Uint8Array(256);

  add(order: number, tsNs: number, price: number, size: number, reason: number): void {
    if (this.count === this.order.length) this.#grow();
    const at = this.count++;
    this.order[at] = order;
    this.tsNs[at] = tsNs;
    this.price[at] = price;
    this.size[at] = size;
    this.reason[at] = reason;
  }

  #grow(): void {
    const capacity = this.count * 2;
    this.order = enlarged(this.order, new Int32Array(capacity));
    this.tsNs = enlarged(this.tsNs, new Float64Array(capacity));
    this.price = enlarged(this.price, new Float64Array(capacity));
    this.size = enlarged(this.size, new Float64Array(capacity));
    this.reason = enlarged(this.reason, new Uint8Array(capacity));
  }
}
