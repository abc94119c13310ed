import { equal, ok } from 'node:assert/strict';
import { DbnDecoder, type Metadata, mboWord } from '../../src/dbn/index.ts';

/** One MBO record as plain numbers; times in nanoseconds since `originNs`, the price in 1e-9 units. */
export interface PlainRecord {
  readonly action: string;
  readonly side: string;
  readonly orderId: number;
  readonly price: number;
  readonly size: number;
  readonly flags: number;
  readonly sequence: number;
  readonly tsNs: number;
  readonly tsRecvNs: number;
}

/** Decodes chunks of a DBN stream into plain records; their order ids must be below 2^53. */
export function plainRecords(
  chunks: Iterable<Uint8Array>,
  originNs: bigint,
): { metadata: Metadata; records: PlainRecord[] } {
  const decoder = new DbnDecoder();
  const records: PlainRecord[] = [];
  const originHi = Number(originNs >> 32n);
  const originLo = Number(originNs & 0xffff_ffffn);
  const since = (hi: number, lo: number): number => (hi - originHi) * 4294967296 + (lo - originLo);
  for (const chunk of chunks) {
    decoder.push(chunk);
    for (let batch = decoder.next(); batch !== null; batch = decoder.next()) {
      const { words } = batch;
      for (let i = 0, at = 0; i < batch.count; i++, at += batch.recordBytes / 4) {
        const packed = words[at + mboWord.flagsChannelActionSide]!;
        records.push({
          action: String.fromCharCode((packed >>> 16) & 0xff),
          side: String.fromCharCode(packed >>> 24),
          orderId: words[at + mboWord.orderIdHi]! * 4294967296 + words[at + mboWord.orderIdLo]!,
          price: (words[at + mboWord.priceHi]! | 0) * 4294967296 + words[at + mboWord.priceLo]!,
          size: words[at + mboWord.size]!,
          flags: packed & 0xff,
          sequence: words[at + mboWord.sequence]!,
          tsNs: since(words[at + mboWord.tsEventHi]!, words[at + mboWord.tsEventLo]!),
          tsRecvNs: since(words[at + mboWord.tsRecvHi]!, words[at + mboWord.tsRecvLo]!),
        });
      }
    }
  }
  decoder.end();
  return { metadata: decoder.metadata!, records };
}

/** The runs of records that end with F_LAST. */
export function eventsOf(records: readonly PlainRecord[]): PlainRecord[][] {
  const events: PlainRecord[][] = [];
  let event: PlainRecord[] = [];
  for (const record of records) {
    event.push(record);
    if ((record.flags & 128) === 0) continue;
    events.push(event);
    event = [];
  }
  equal(event.length, 0, 'the stream ends with F_LAST');
  return events;
}

interface NaiveOrder {
  readonly id: number;
  side: string;
  price: number;
  size: number;
}

/** A book as one would write it on paper: orders in a map, a queue of orders in time priority per price and side. */
export class NaiveMarket {
  readonly orders = new Map<number, NaiveOrder>();
  readonly #queues = { B: new Map<number, NaiveOrder[]>(), A: new Map<number, NaiveOrder[]>() };
  #best = { B: Number.NEGATIVE_INFINITY, A: Number.POSITIVE_INFINITY };

  bestOf(side: string): number {
    return this.#best[side as 'A' | 'B'];
  }

  queue(side: string, price: number): readonly NaiveOrder[] {
    return this.#queues[side as 'A' | 'B'].get(price) ?? [];
  }

  volume(side: string, price: number): number {
    return this.queue(side, price).reduce((sum, order) => sum + order.size, 0);
  }

  /** Applies A, C and M; every other action leaves the book. `refilled`: this M puts an iceberg behind its queue. */
  apply(record: PlainRecord, refilled = false): void {
    const { action, side, orderId: id, price, size } = record;
    const known = this.orders.get(id);
    if (action === 'A') {
      ok(known === undefined, `order ${id} is new`);
      ok(size > 0, 'an order has a size');
      this.#enter({ id, side, price, size });
    } else if (action === 'C') {
      ok(known !== undefined, `order ${id} to cancel is known`);
      const { side: wasSide, price: wasPrice, size: wasSize } = known;
      equal(`${side} ${price} ${size}`, `${wasSide} ${wasPrice} ${wasSize}`, 'a cancel names the whole order');
      this.#leave(known);
    } else if (action === 'M') {
      ok(known !== undefined, `order ${id} to modify is known`);
      equal(side, known.side, 'an order keeps its side');
      ok(size > 0, 'an order has a size');
      if (price === known.price && size <= known.size && !refilled) {
        known.size = size;
      } else {
        this.#leave(known);
        this.#enter({ id, side, price, size });
      }
    }
  }

  #enter(order: NaiveOrder): void {
    this.orders.set(order.id, order);
    const side = order.side as 'A' | 'B';
    const queue = this.#queues[side].get(order.price);
    if (queue === undefined) this.#queues[side].set(order.price, [order]);
    else queue.push(order);
    this.#best[side] = (side === 'B' ? Math.max : Math.min)(this.#best[side], order.price);
  }

  #leave(order: NaiveOrder): void {
    this.orders.delete(order.id);
    const side = order.side as 'A' | 'B';
    const queues = this.#queues[side];
    const queue = queues.get(order.price)!;
    queue.splice(queue.indexOf(order), 1);
    if (queue.length > 0) return;
    queues.delete(order.price);
    if (order.price !== this.#best[side]) return;
    let best = side === 'B' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
    for (const price of queues.keys()) best = side === 'B' ? Math.max(best, price) : Math.min(best, price);
    this.#best[side] = best;
  }
}
