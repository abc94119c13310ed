import { type Book, BookActivity } from '../book/index.ts';
import { SpymasterError } from '../errors.ts';
import { type OrderEventParams, OrderEvents, type OrderFeatures } from '../orders/index.ts';
import type { StateReader, StateWriter } from '../state.ts';

export interface FeedReadersOptions {
  readonly tickInt: number;
  readonly countsActivity: boolean;
  readonly orderEvents: OrderEventParams | undefined;
  readonly features: OrderFeatures | null;
}

// What a state has beside the book, as bits.
const hasEvents = 1;
const hasFeatures = 2;

/** What reads the feed beside the book, record by record and bin by bin; each where it is asked for. */
export class FeedReaders {
  /** What happened at each price of the last closed bin. */
  readonly activity: BookActivity | null;
  /** Its rows are the events that became known in the last closed bin. */
  readonly orderEvents: OrderEvents | null;
  /** Its values are those of the last closed bin. */
  readonly features: OrderFeatures | null;
  readonly #book: Book;

  constructor(book: Book, { tickInt, countsActivity, orderEvents, features }: FeedReadersOptions) {
    this.#book = book;
    this.activity = countsActivity ? new BookActivity(book) : null;
    this.orderEvents = orderEvents === undefined ? null : new OrderEvents(tickInt, orderEvents);
    this.features = features;
  }

  /** Takes the record at word `at`, which the book has applied. */
  apply(words: Uint32Array, at: number, nowNs: number): void {
    const { activity, orderEvents, features } = this;
    if (activity !== null) activity.follow(words, at);
    if (orderEvents !== null) orderEvents.apply(this.#book, words, at, nowNs);
    if (features !== null) features.apply(this.#book, words, at, nowNs);
  }

  /** Takes a record from before the session, which the book has applied. */
  applyBefore(words: Uint32Array, at: number, tsNs: number): void {
    const book = this.#book;
    this.activity?.pass(book.inSnapshot || book.emptied);
    this.orderEvents?.applyBefore(book);
    this.features?.applyBefore(book, words, at, tsNs);
  }

  /** The book was lost. */
  clear(): void {
    this.activity?.pass(false);
    this.orderEvents?.clear();
    this.features?.clear();
  }

  /** Says that no record before `nowNs` comes any more. */
  passTime(nowNs: number): void {
    this.orderEvents?.passTime(nowNs);
    this.features?.passTime(nowNs);
  }

  /** Ends the records. */
  finish(): void {
    this.orderEvents?.finish();
    this.features?.finish();
  }

  /** Forgets the bin before. */
  beginBin(): void {
    this.activity?.clear();
    this.orderEvents?.rows.clear();
    this.features?.beginBin();
  }

  endBin(endNs: number): void {
    this.features?.endBin(this.#book, endNs);
  }

  save(writer: StateWriter): void {
    writer.number(this.#parts());
    this.features?.save(writer);
    this.orderEvents?.save(writer);
  }

  /**
   * False where the state goes on with features and order events, of which this has none.
   * @throws STATE_INVALID for a state that has other ones
   */
  restore(reader: StateReader): boolean {
    const parts = reader.number();
    const wanted = this.#parts();
    if (wanted === 0) return parts === 0;
    if (parts !== wanted) throw otherParts();
    this.features?.restore(reader);
    this.orderEvents?.restore(reader);
    return true;
  }

  #parts(): number {
    return (this.orderEvents === null ? 0 : hasEvents) + (this.features === null ? 0 : hasFeatures);
  }
}

function otherParts(): SpymasterError {
  return new SpymasterError(
    'STATE_INVALID',
    "Cannot restore the engine's state: it has not the features and order events that are asked for. Rebuild it from the file.",
  );
}
