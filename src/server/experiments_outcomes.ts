import { Worker } from 'node:worker_threads';
import { type ErrorCode, type ErrorFields, SpymasterError } from '../errors.ts';
import type { runDetail } from '../lab/index.ts';
import type { Lake } from '../lake/index.ts';
import type { Outcomes } from '../wire/index.ts';

type RunMeta = Awaited<ReturnType<typeof runDetail>>['meta'];

/** What the thread is given. */
export interface OutcomesRequest {
  readonly meta: RunMeta;
  readonly threshold: number;
}

/** What the thread answers. */
export type OutcomesReply =
  | { readonly outcomes: Outcomes }
  | { readonly code: ErrorCode | null; readonly message: string; readonly fields: ErrorFields };

const keptAnswers = 64;
/** How long the thread keeps the dataset that it used last. */
const idleMs = 30_000;

/**
 * Evaluates stored runs again to list their trades, one at a time on a thread of its own, and keeps the last answers. The
 * thread keeps its dataset for the next run and ends when none comes.
 */
export class OutcomeService {
  readonly #lake: Lake;
  readonly #answers = new Map<string, Promise<Outcomes>>();
  #queue: Promise<unknown> = Promise.resolve();
  #worker: Worker | null = null;
  #closed = false;
  #idle: NodeJS.Timeout | undefined;

  constructor(lake: Lake) {
    this.#lake = lake;
  }

  /** Throws USAGE for a threshold that the run does not have, and what loading its dataset throws. */
  of(meta: RunMeta, threshold: number): Promise<Outcomes> {
    const key = `${meta.run_id}/${meta.timestamp_utc}/${threshold}`;
    const known = this.#answers.get(key);
    if (known !== undefined) return known;
    const answer = this.#queue.then(() => this.#run({ meta, threshold }));
    this.#queue = answer.catch(() => {});
    this.#answers.set(key, answer);
    answer.catch(() => this.#answers.delete(key));
    for (const oldest of this.#answers.keys()) {
      if (this.#answers.size <= keptAnswers) break;
      this.#answers.delete(oldest);
    }
    return answer;
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#idle);
    await this.#worker?.terminate();
  }

  #run(request: OutcomesRequest): Promise<Outcomes> {
    return new Promise<Outcomes>((done, failed) => {
      if (this.#closed) throw new SpymasterError('ENGINE_STOPPED', 'The server is stopping.');
      clearTimeout(this.#idle);
      const worker = this.#started();
      const ended = () => {
        this.#worker = null;
        failed(new SpymasterError('ENGINE_STOPPED', 'The thread that lists outcomes ended.'));
      };
      const broke = (error: Error) => {
        this.#worker = null;
        failed(error);
      };
      worker.once('error', broke).once('exit', ended);
      worker.once('message', (reply: OutcomesReply) => {
        worker.off('error', broke).off('exit', ended);
        if ('outcomes' in reply) done(reply.outcomes);
        else if (reply.code === null) failed(new Error(reply.message));
        else failed(new SpymasterError(reply.code, reply.message, reply.fields));
      });
      worker.postMessage(request);
    }).finally(() => {
      this.#idle = setTimeout(() => {
        this.#worker?.terminate();
        this.#worker = null;
      }, idleMs);
      this.#idle.unref();
    });
  }

  #started(): Worker {
    if (this.#worker !== null) return this.#worker;
    const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
    const url = new URL(`./experiments_outcomes_thread.${extension}`, import.meta.url);
    const worker = new Worker(url, { workerData: this.#lake.root, name: 'outcomes' });
    // Between requests nobody waits for it: an end then only means that the next request starts another.
    worker.on('error', () => {});
    worker.once('exit', () => {
      if (this.#worker === worker) this.#worker = null;
    });
    worker.unref();
    this.#worker = worker;
    return worker;
  }
}
