import type { Lake } from '../../lake/index.ts';
import { ThreadQueue } from '../thread_queue.ts';
import { startRestThread } from '../threads.ts';
import type { PlansRequest } from './plan_answers.ts';

/** Questions that may wait. */
const maxWaiting = 16;
const idleMs = 120_000;

/** The thread that checks specs, lays out what running them takes, and publishes runs. */
export class PlanThread {
  readonly #queue: ThreadQueue<PlansRequest, object>;
  #asked = 0;

  constructor(lake: Lake) {
    this.#queue = new ThreadQueue<PlansRequest, object>({
      does: 'checks specs and publishes runs',
      start: () => startRestThread('runs/plans', lake),
      maxWaiting,
      idleMs,
    });
  }

  /** Each question is answered for itself: datasets and results change between two equal ones. Rejects as `ThreadQueue.ask`. */
  ask(request: PlansRequest, signal: AbortSignal): Promise<object> {
    return this.#queue.ask(String(this.#asked++), request, signal);
  }

  close(): Promise<void> {
    return this.#queue.close();
  }
}
