import { type Admission, Book, eventTimeWord, verdict } from '../book/index.ts';
import { gapsOf, isUndefinedTimestamp, type RecordBatch, rtype, rtypeMbo, wordUnits } from '../dbn/index.ts';
import { OrderEvents } from './order_events.ts';
import type { OrderEventParams } from './params.ts';

export interface EventsPassOptions {
  /** Chooses the records of one instrument and publisher; without a window. */
  readonly admission: Admission;
  /** UNIX nanoseconds from which times count. */
  readonly originNs: bigint;
  /** The smallest step of the price, an integer of 1e-9. */
  readonly tickInt: number;
  readonly params: OrderEventParams;
}

/** Follows the orders of one instrument through batches of records, without bins. */
export class EventsPass {
  readonly book = new Book();
  readonly events: OrderEvents;
  /** Gaps in the records, and moves of the symbol to another instrument: what rested was lost there. */
  losses = 0;
  /** Time of the last record, since the origin; −Infinity before the first. It never runs backwards. */
  nowNs = Number.NEGATIVE_INFINITY;
  readonly #admission: Admission;
  readonly #originLo: number;
  readonly #originHi: number;

  constructor({ admission, originNs, tickInt, params }: EventsPassOptions) {
    this.#admission = admission;
    this.#originLo = Number(originNs & 0xffff_ffffn);
    this.#originHi = Number(originNs >> 32n);
    this.events = new OrderEvents(tickInt, params);
  }

  /**
   * Takes a batch of any type; what it tells is then in `events.rows`.
   * @throws SYMBOL_UNKNOWN, PUBLISHER_UNKNOWN of the admission
   */
  ingest(batch: RecordBatch): void {
    if (batch.rtype !== rtypeMbo) {
      const moved = batch.rtype === rtype.symbolMapping && this.#admission.map(batch);
      if (moved || gapsOf(batch) !== null) this.#lose();
      return;
    }
    const { words, count } = batch;
    const stride = batch.recordBytes >>> 2;
    const { book, events } = this;
    const admission = this.#admission;
    for (let i = 0, at = 0; i < count; i++, at += stride) {
      if (admission.admit(words, at) !== verdict.event) continue;
      admission.accept();
      const timeAt = eventTimeWord(words, at);
      const lo = words[timeAt]!;
      const hi = words[timeAt + 1]!;
      if (!isUndefinedTimestamp(lo, hi)) {
        const tsNs = (hi - this.#originHi) * wordUnits + (lo - this.#originLo);
        if (tsNs > this.nowNs) this.nowNs = tsNs;
      }
      book.apply(words, at, this.nowNs);
      events.apply(book, words, at, this.nowNs);
    }
  }

  /** @throws SYMBOL_UNKNOWN, PUBLISHER_UNKNOWN when no record was of the chosen instrument and publisher */
  finish(): void {
    this.#admission.assertFound();
    this.events.finish();
  }

  #lose(): void {
    this.book.lose();
    this.events.clear();
    this.losses++;
  }
}
