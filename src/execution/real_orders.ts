import { type Book, change, sideAsk } from '../book/index.ts';
import type { Contacts } from './contacts.ts';
import type { FrontShare } from './front_share.ts';
import { losesPlace } from './priority.ts';
import type { PriorityQueues } from './priority_queues.ts';

// V8 reads an imported binding through a module cell and inlines a module-local const.
const kind = { ...change };

/** Brings the queues of real orders to where the book is, record by record. */
export class RealOrders {
  readonly #book: Book;
  readonly #queues: PriorityQueues;
  readonly #frontShare: FrontShare;
  readonly #contacts: readonly [bids: Contacts, asks: Contacts];

  constructor(
    book: Book,
    queues: PriorityQueues,
    frontShare: FrontShare,
    contacts: readonly [bids: Contacts, asks: Contacts],
  ) {
    this.#book = book;
    this.#queues = queues;
    this.#frontShare = frontShare;
    this.#contacts = contacts;
  }

  /** Takes in what the book did with an order in event `event`. */
  follow(idLo: number, idHi: number, event: number): void {
    const queues = this.#queues;
    const { kind: changed, displaced, newSide, newPrice, newSize, oldSide, oldPrice, oldSize } = this.#book;
    if (changed === kind.add) {
      if (displaced) this.#leave(queues.find(idLo, idHi), event, false);
      const node = queues.add(idLo, idHi, newSide, newPrice, newSize);
      this.#watching(newSide).note(node, newSize);
      return;
    }
    if (changed !== kind.cancel && changed !== kind.modify) return;
    const node = queues.find(idLo, idHi);
    if (changed === kind.cancel) {
      const left = oldSize - this.#book.removed;
      if (left === 0) this.#leave(node, event, true);
      else this.#keep(node, left);
    } else if (newSide !== oldSide || newPrice !== oldPrice) {
      if (newSide !== oldSide) this.#watching(oldSide).note(node, 0);
      queues.move(node, newSide, newPrice);
      this.#keep(node, newSize);
    } else {
      const executed = queues.executed(node, event);
      if (losesPlace(oldSize, newSize, executed)) queues.move(node, newSide, newPrice);
      this.#keep(node, newSize);
    }
  }

  #leave(node: number, event: number, isCancel: boolean): void {
    this.#frontShare.leave(this.#queues, node, event, isCancel);
    this.#watching(this.#queues.side(node)).note(node, 0);
    this.#queues.remove(node);
  }

  #keep(node: number, size: number): void {
    this.#queues.resize(node, size);
    this.#queues.settle(node);
    this.#watching(this.#queues.side(node)).note(node, size);
  }

  /** Orders of ours that watch the real orders of `side`: those of the other side. */
  #watching(side: number): Contacts {
    return this.#contacts[side === sideAsk ? 0 : 1];
  }
}
