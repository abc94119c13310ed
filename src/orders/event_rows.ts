import { assert } from '../errors.ts';
import { maxOrderEventDetails } from './event_kinds.ts';

/**
 * Order events as columns, in the order in which they became known: `count` rows, each with its order ids and sequence numbers
 * in pools. Valid until `clear`, after which the same memory is filled anew.
 */
export class OrderEventRows {
  count = 0;
  /** When each became known and when it began, nanoseconds since the origin of the pass. */
  tsNs = new Float64Array(64);
  startNs = new Float64Array(64);
  /** `orderEventCode`. */
  kind = new Uint8Array(64);
  /** 1 for bid, 2 for ask, 0 for none: the aggressor's side of trades, stops and sweeps, else that of the resting orders. */
  side = new Uint8Array(64);
  /** Integers of 1e-9. */
  price = new Float64Array(64);
  size = new Float64Array(64);
  /** Number of prices. */
  levels = new Int32Array(64);
  /** Number of the next event. */
  nextEvent = 1;
  /** Running number of the event, which its updates share, and number of the update, 0 for its first row. */
  event = new Float64Array(64);
  update = new Int32Array(64);
  /** `maxOrderEventDetails` numbers a row, named by `orderEventDetails`. */
  details = new Float64Array(64 * maxOrderEventDetails);
  /** Words of the order ids; those of row i are from `idsEnd[i − 1]` (0 for the first) to `idsEnd[i]`. */
  idLo = new Int32Array(256);
  idHi = new Int32Array(256);
  idsEnd = new Int32Array(64);
  /** Sequence numbers of the records, likewise. */
  sequences = new Uint32Array(256);
  sequencesEnd = new Int32Array(64);

  clear(): void {
    this.count = 0;
  }

  /** Begins the row of a new event; `orderId`, `sequence` and `detail` then add to it. */
  begin(kind: number, tsNs: number, startNs: number, side: number, price: number, size: number, levels: number): void {
    if (this.count === this.kind.length) this.#grow();
    const row = this.count++;
    this.tsNs[row] = tsNs;
    this.startNs[row] = startNs;
    this.kind[row] = kind;
    this.side[row] = side;
    this.price[row] = price;
    this.size[row] = size;
    this.levels[row] = levels;
    this.event[row] = this.nextEvent++;
    this.update[row] = 0;
    for (let i = 0; i < maxOrderEventDetails; i++) this.details[row * maxOrderEventDetails + i] = 0;
    this.idsEnd[row] = row === 0 ? 0 : this.idsEnd[row - 1]!;
    this.sequencesEnd[row] = row === 0 ? 0 : this.sequencesEnd[row - 1]!;
  }

  /** Makes the row that was just begun an update of an earlier event. */
  continues(event: number, update: number): void {
    this.nextEvent--;
    this.event[this.count - 1] = event;
    this.update[this.count - 1] = update;
  }

  detail(index: number, value: number): void {
    assert(index < maxOrderEventDetails, 'an event has few details');
    this.details[(this.count - 1) * maxOrderEventDetails + index] = value;
  }

  /** Adds an order id, once. */
  orderId(lo: number, hi: number): void {
    const row = this.count - 1;
    const end = this.idsEnd[row]!;
    for (let at = row === 0 ? 0 : this.idsEnd[row - 1]!; at < end; at++) {
      if (this.idLo[at] === lo && this.idHi[at] === hi) return;
    }
    if (end === this.idLo.length) {
      this.idLo = doubled(this.idLo, new Int32Array(end * 2));
      this.idHi = doubled(this.idHi, new Int32Array(end * 2));
    }
    this.idLo[end] = lo;
    this.idHi[end] = hi;
    this.idsEnd[row] = end + 1;
  }

  /** Adds a record's sequence number, once. */
  sequence(sequence: number): void {
    const row = this.count - 1;
    const end = this.sequencesEnd[row]!;
    for (let at = row === 0 ? 0 : this.sequencesEnd[row - 1]!; at < end; at++) {
      if (this.sequences[at] === sequence) return;
    }
    if (end === this.sequences.length) this.sequences = doubled(this.sequences, new Uint32Array(end * 2));
    this.sequences[end] = sequence;
    this.sequencesEnd[row] = end + 1;
  }

  #grow(): void {
    const capacity = this.kind.length * 2;
    this.tsNs = doubled(this.tsNs, new Float64Array(capacity));
    this.startNs = doubled(this.startNs, new Float64Array(capacity));
    this.kind = doubled(this.kind, new Uint8Array(capacity));
    this.side = doubled(this.side, new Uint8Array(capacity));
    this.price = doubled(this.price, new Float64Array(capacity));
    this.size = doubled(this.size, new Float64Array(capacity));
    this.levels = doubled(this.levels, new Int32Array(capacity));
    this.event = doubled(this.event, new Float64Array(capacity));
    this.update = doubled(this.update, new Int32Array(capacity));
    this.details = doubled(this.details, new Float64Array(capacity * maxOrderEventDetails));
    this.idsEnd = doubled(this.idsEnd, new Int32Array(capacity));
    this.sequencesEnd = doubled(this.sequencesEnd, new Int32Array(capacity));
  }
}

function doubled<T extends Float64Array | Int32Array | Uint32Array | Uint8Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
