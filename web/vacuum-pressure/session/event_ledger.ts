import type { OrderEventMessage, OrderEventsMessage } from '../../../src/wire/index.ts';

/** An event of the stream, and where it is drawn. */
export interface OrderEvent extends OrderEventMessage {
  /** The bin in which it became known. */
  readonly seq: number;
  readonly tick: number;
}

/** Bins of which no events are kept any more, oldest first, above this number of events. */
const maxEvents = 200_000;

/** The events of all bins received so far, in the order of time. */
export class EventLedger {
  readonly #tickInt: number;
  readonly #byBin = new Map<number, readonly OrderEvent[]>();
  /** Bins with events, ascending. */
  readonly #seqs: number[] = [];
  #count = 0;
  #changes = 0;

  constructor(tickInt: number) {
    this.#tickInt = tickInt;
  }

  /** Counts bins with events as they are put. */
  get changes(): number {
    return this.#changes;
  }

  put({ bin_seq: seq, events }: OrderEventsMessage): void {
    if (events.length === 0 || this.#byBin.has(seq)) return;
    const placed = events.map((event) => ({ ...event, seq, tick: Number(event.price_int) / this.#tickInt }));
    this.#byBin.set(seq, placed);
    let at = this.#seqs.length;
    while (at > 0 && (this.#seqs[at - 1] ?? -1) > seq) at--;
    this.#seqs.splice(at, 0, seq);
    this.#count += placed.length;
    this.#changes++;
    while (this.#count > maxEvents) this.#dropOldest();
  }

  #dropOldest(): void {
    const seq = this.#seqs.shift();
    if (seq === undefined) return;
    this.#count -= this.#byBin.get(seq)?.length ?? 0;
    this.#byBin.delete(seq);
  }

  /** Events of bins [first, end), the latest first, until `visit` returns false. */
  backwards(first: number, end: number, visit: (event: OrderEvent) => boolean): void {
    for (let at = this.#before(end) - 1; at >= 0; at--) {
      const seq = this.#seqs[at] ?? -1;
      if (seq < first) return;
      const events = this.#byBin.get(seq) ?? [];
      for (let index = events.length - 1; index >= 0; index--) {
        const event = events[index];
        if (event !== undefined && !visit(event)) return;
      }
    }
  }

  /** Number of bins with events before `end`. */
  #before(end: number): number {
    let [low, high] = [0, this.#seqs.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#seqs[middle] ?? 0) < end) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
