import type { Lake, RunMeta } from '../lake/index.ts';
import { KeptBodies } from './kept_bodies.ts';
import type { Body } from './thread_answers.ts';
import { ThreadQueue } from './thread_queue.ts';
import { startRestThread } from './threads.ts';

/** What the thread is given. */
export interface OutcomesRequest {
  /** The trades, or their orders in the real book. */
  readonly of: 'outcomes' | 'orders';
  readonly meta: RunMeta;
  /** What tells apart what `spymaster execute` found of the run, by when it was. */
  readonly executed: string;
  readonly threshold: number;
  /** Date of the session; absent: the run's first. */
  readonly session?: string | undefined;
}

/** Memory for the last answers. */
const keptBytes = 64 << 20;
/** Lists of trades that may wait. */
const maxWaiting = 32;
/** How long the thread keeps the dataset that it used last. */
const idleMs = 30_000;

/**
 * Evaluates stored runs again to list their trades, one at a time on a thread of its own, and keeps the last answers. The
 * thread keeps its dataset for the next run and ends when none comes.
 */
export class OutcomeService {
  readonly #kept = new KeptBodies(keptBytes);
  readonly #thread: ThreadQueue<OutcomesRequest, Body>;

  constructor(lake: Lake) {
    this.#thread = new ThreadQueue({
      does: 'lists trades',
      start: () => startRestThread('experiments_outcomes', lake),
      maxWaiting,
      idleMs,
    });
  }

  /** Throws USAGE for a threshold that the run does not have, what loading its dataset throws, and what `ask` throws. */
  async of(request: OutcomesRequest, signal: AbortSignal): Promise<Body> {
    const { of, meta, executed, threshold, session } = request;
    const key = `${of}/${meta.runId}/${meta.timestampUtc}/${executed}/${threshold}/${session ?? ''}`;
    const known = this.#kept.get(key);
    if (known !== undefined) return known;
    const answer = await this.#thread.ask(key, request, signal);
    this.#kept.set(key, answer);
    return answer;
  }

  close(): Promise<void> {
    return this.#thread.close();
  }
}
