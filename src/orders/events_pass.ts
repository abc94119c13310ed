import { type Admission, Book, verdict } from '../book/index.ts';
import { gapsOf, type RecordBatch, rtype, rtypeMbo } from '../dbn/index.ts';
import { OrderEvents } from './order_events.ts';
import type { OrderEventParams } from './params.ts';
import type { TradeListener } from './trade_listener.ts';

export interface EventsPassOptions {
  /** Chooses the records of one instrument and publisher. */
  readonly admission: Admission;
  /** The smallest step of the price, an integer of 1e-9. */
  readonly tickInt: number;
  readonly params: OrderEventParams;
  readonly listener?: TradeListener;
}

/** Follows the orders of one instrument through batches of records, without bins. */
export class EventsPass {
  readonly book = new Book();
  readonly events: OrderEvents;
  /** Gaps in the records, and moves of the symbol to another instrument: what rested was lost there. */
  losses = 0;
  readonly #admission: Admission;

  constructor({ admission, tickInt, params, listener }: EventsPassOptions) {
    this.#admission = admission;
    this.events = new OrderEvents(tickInt, params, listener ?? null);
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
      const admitted = admission.admit(words, at);
      if (admitted === verdict.event) {
        admission.accept();
        book.apply(words, at, admission.nowNs);
        events.apply(book, words, at, admission.nowNs);
      } else if (admitted === verdict.bookOnly) {
        book.applyBefore(words, at, admission.tsNs);
        events.applyBefore(book, words, at, admission.tsNs);
      }
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
