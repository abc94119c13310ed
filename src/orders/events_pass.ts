import { type Admission, Book, InstrumentFeed } from '../book/index.ts';
import type { RecordBatch } from '../dbn/index.ts';
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
  readonly feed: InstrumentFeed;

  constructor({ admission, originNs, tickInt, params }: EventsPassOptions) {
    const { book } = this;
    const events = new OrderEvents(tickInt, params);
    this.events = events;
    this.feed = new InstrumentFeed({
      ...{ admission, originNs, clock: 'event', endNs: Number.POSITIVE_INFINITY },
      onRecord: (words, at, nowNs) => {
        book.apply(words, at, nowNs);
        events.apply(book, words, at, nowNs);
      },
      onLoss: () => {
        book.lose();
        events.clear();
      },
    });
  }

  /**
   * Takes a batch of any type; what it tells is then in `events.rows`.
   * @throws SYMBOL_UNKNOWN, PUBLISHER_UNKNOWN of the admission
   */
  ingest(batch: RecordBatch): void {
    this.feed.ingest(batch);
  }

  /** @throws SYMBOL_UNKNOWN, PUBLISHER_UNKNOWN when no record was of the chosen instrument and publisher */
  finish(): void {
    this.feed.finish();
    this.events.finish();
  }
}
