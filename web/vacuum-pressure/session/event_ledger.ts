import type { OrderEventKind } from '../../../src/orders/index.ts';
import type { OrderEventMessage, OrderEventsMessage } from '../../../src/wire/index.ts';
import { eventWords } from './event_words.ts';
import { Spans } from './spans.ts';

/** An event of the stream, and where it is drawn. */
export interface OrderEvent extends OrderEventMessage {
  /** The bin in which it became known. */
  readonly seq: number;
  readonly tick: number;
  /** Its size, as a multiple of what is usual for its kind: the geometric mean of those received until then. */
  readonly weight: number;
}

/** Events kept at most; the oldest bins go. */
const maxEvents = 200_000;

/** Events by bin, in the order of time. */
class EventIndex {
  readonly #byBin = new Map<number, readonly OrderEvent[]>();
  /** Bins with events, ascending. */
  readonly #seqs: number[] = [];
  #count = 0;

  has(seq: number): boolean {
    return this.#byBin.has(seq);
  }

  put(seq: number, events: readonly OrderEvent[]): void {
    if (events.length === 0) return;
    this.#byBin.set(seq, events);
    this.#seqs.splice(this.#before(seq), 0, seq);
    this.#count += events.length;
    while (this.#count > maxEvents) this.#dropOldest();
  }

  /** Calls `visit` for events of bins [first, end), the latest first, until it returns false. */
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

  #dropOldest(): void {
    const seq = this.#seqs.shift();
    if (seq === undefined) return;
    this.#count -= this.#byBin.get(seq)?.length ?? 0;
    this.#byBin.delete(seq);
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

/** The events of all bins received so far. */
export class EventLedger {
  readonly all = new EventIndex();
  /** Those that have a mark on the chart: trades are bubbles, and of an event's rows the first is marked. */
  readonly marked = new EventIndex();
  /** The bins whose events are known, also that there were none. */
  readonly bins = new Spans();
  readonly #tickInt: number;
  readonly #sizes = new Map<OrderEventKind, { count: number; sumOfLogs: number }>();

  constructor(tickInt: number) {
    this.#tickInt = tickInt;
  }

  put({ bin_seq: seq, events }: OrderEventsMessage): void {
    this.bins.add(seq);
    if (this.all.has(seq)) return;
    const placed = events.map((event) => ({
      ...event,
      seq,
      tick: Number(event.price_int) / this.#tickInt,
      weight: this.#weight(event),
    }));
    this.all.put(seq, placed);
    this.marked.put(
      seq,
      placed.filter(({ kind, update }) => eventWords[kind].mark !== '' && update === 0),
    );
  }

  #weight({ kind, size }: OrderEventMessage): number {
    const log = Math.log(Math.max(1, size));
    const { count, sumOfLogs } = this.#sizes.get(kind) ?? { count: 0, sumOfLogs: 0 };
    this.#sizes.set(kind, { count: count + 1, sumOfLogs: sumOfLogs + log });
    return Math.exp(log - (sumOfLogs + log) / (count + 1));
  }
}
