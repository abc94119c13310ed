import type { OrderEvent } from './event_ledger.ts';
import type { Topics } from './topics.ts';

/** The event whose proof is open. */
export class Proof {
  #event: OrderEvent | null = null;
  readonly #topics: Topics;

  constructor(topics: Topics) {
    this.#topics = topics;
    topics.on(['session'], () => this.show(null));
  }

  get event(): OrderEvent | null {
    return this.#event;
  }

  show(event: OrderEvent | null): void {
    this.#event = event;
    this.#topics.emit('proof');
  }
}
