import type { OrderEvent } from './event_ledger.ts';
import type { Topics } from './topics.ts';

/** The event whose proof is open, and those that it was chosen from. */
export class Proof {
  #event: OrderEvent | null = null;
  #among: readonly OrderEvent[] = [];
  readonly #topics: Topics;

  constructor(topics: Topics) {
    this.#topics = topics;
    topics.on(['session'], () => this.show(null));
  }

  get event(): OrderEvent | null {
    return this.#event;
  }

  /** Events of the same mark, the most important first; the event alone where it was not chosen by a mark. */
  get among(): readonly OrderEvent[] {
    return this.#among;
  }

  show(event: OrderEvent | null, among: readonly OrderEvent[] = event === null ? [] : [event]): void {
    this.#event = event;
    this.#among = among;
    this.#topics.emit('proof');
  }
}
