import type { Worker } from 'node:worker_threads';
import { type ErrorCode, type ErrorFields, SpymasterError } from '../errors.ts';

/** What a thread posts for each request (see thread_answers.ts). */
export type ThreadReply<Answer> =
  | { readonly answer: Answer }
  | { readonly code: ErrorCode | null; readonly message: string; readonly fields: ErrorFields };

/**
 * The state of a thread, in memory that it shares with its queue. DuckDB's binding aborts the whole process when the thread
 * under a query goes: a thread is ended at once only if it goes from idle to ended; one that works is asked to end.
 */
export const threadState = { idle: 0, working: 1, ended: 2 } as const;

/** A request as a thread gets it: it answers if it gets from idle to working. */
export interface ThreadRequest<Request> {
  readonly request: Request;
  readonly state: Int32Array<SharedArrayBuffer>;
}

/** Asks a thread that works to end as soon as that is over. */
export const endMessage = 'end';

/** How long it may take for that. */
const endingMs = 2500;

export interface ThreadQueueOptions {
  /** What the thread does, for messages: `lists trades`. */
  readonly does: string;
  readonly start: () => Worker;
  /** Different requests that may wait; more are refused with TOO_BUSY. */
  readonly maxWaiting: number;
  /** A thread that was asked nothing for this long is ended; null keeps it. */
  readonly idleMs: number | null;
}

interface Waiter<Answer> {
  resolve(answer: Answer): void;
  reject(error: unknown): void;
}

interface Entry<Request, Answer> {
  readonly key: string;
  readonly request: Request;
  readonly waiters: Set<Waiter<Answer>>;
}

/**
 * Asks one worker thread one thing at a time. Equal questions are asked once; one whose askers all went away before its turn
 * is not asked at all. A thread that dies fails the question that it was asked with ENGINE_STOPPED; the next starts another.
 */
export class ThreadQueue<Request, Answer> {
  readonly #options: ThreadQueueOptions;
  /** All that is asked, in order; the first may be running. */
  readonly #entries = new Map<string, Entry<Request, Answer>>();
  #running: Entry<Request, Answer> | null = null;
  #worker: Worker | null = null;
  /** `threadState` of the worker. */
  #state = new Int32Array(new SharedArrayBuffer(4));
  #idle: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(options: ThreadQueueOptions) {
    this.#options = options;
  }

  /** Different questions that wait or are being answered. */
  get size(): number {
    return this.#entries.size;
  }

  /**
   * The thread's answer. Rejects with the signal's reason, with what the thread reports, TOO_BUSY or ENGINE_STOPPED.
   * @param key - equal for questions with equal answers
   */
  ask(key: string, request: Request, signal: AbortSignal): Promise<Answer> {
    return new Promise<Answer>((resolve, reject) => {
      signal.throwIfAborted();
      if (this.#isClosed) throw this.#stopped('the server is stopping');
      const entry = this.#entries.get(key) ?? this.#add(key, request);
      const giveUp = () => {
        entry.waiters.delete(waiter);
        if (entry.waiters.size === 0 && entry !== this.#running) this.#entries.delete(key);
        reject(signal.reason);
      };
      const waiter: Waiter<Answer> = {
        resolve: (answer) => {
          signal.removeEventListener('abort', giveUp);
          resolve(answer);
        },
        reject: (error) => {
          signal.removeEventListener('abort', giveUp);
          reject(error);
        },
      };
      entry.waiters.add(waiter);
      signal.addEventListener('abort', giveUp, { once: true });
      this.#next();
    });
  }

  /** Ends the thread; waiting requests fail. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#idle);
    for (const entry of [...this.#entries.values()]) this.#settle(entry, this.#stopped('the server is stopping'));
    const worker = this.#worker;
    this.#worker = null;
    if (worker === null) return;
    const { idle, ended } = threadState;
    if (Atomics.compareExchange(this.#state, 0, idle, ended) === idle) await worker.terminate();
    else await endedByItself(worker);
  }

  #add(key: string, request: Request): Entry<Request, Answer> {
    const { maxWaiting, does } = this.#options;
    if (this.#entries.size >= maxWaiting) {
      throw new SpymasterError(
        'TOO_BUSY',
        `The thread that ${does} has ${maxWaiting} requests to answer already; ask again in a moment.`,
      );
    }
    const entry: Entry<Request, Answer> = { key, request, waiters: new Set() };
    this.#entries.set(key, entry);
    return entry;
  }

  #next(): void {
    if (this.#running !== null || this.#isClosed) return;
    const [entry] = this.#entries.values();
    if (entry === undefined) return;
    clearTimeout(this.#idle);
    this.#running = entry;
    this.#worker ??= this.#started();
    this.#worker.postMessage({ request: entry.request, state: this.#state } satisfies ThreadRequest<Request>);
  }

  #started(): Worker {
    const worker = this.#options.start();
    this.#state = new Int32Array(new SharedArrayBuffer(4));
    worker.unref();
    worker.on('message', (reply: ThreadReply<Answer>) => {
      if (this.#worker !== worker || this.#running === null) return;
      this.#settle(this.#running, errorOf(reply), reply);
      this.#idleFrom();
      this.#next();
    });
    const ended = (cause: unknown) => {
      if (this.#worker !== worker) return;
      this.#worker = null;
      if (this.#running !== null) this.#settle(this.#running, this.#stopped(cause));
      this.#next();
    };
    worker.on('error', ended);
    worker.on('exit', (code) => ended(`it ended with code ${code}`));
    return worker;
  }

  #settle(entry: Entry<Request, Answer>, error: unknown, reply?: ThreadReply<Answer>): void {
    this.#entries.delete(entry.key);
    if (this.#running === entry) this.#running = null;
    for (const waiter of entry.waiters) {
      if (reply !== undefined && 'answer' in reply) waiter.resolve(reply.answer);
      else waiter.reject(error);
    }
  }

  #idleFrom(): void {
    const { idleMs } = this.#options;
    if (idleMs === null || this.#entries.size > 0) return;
    this.#idle = setTimeout(() => {
      const worker = this.#worker;
      this.#worker = null;
      void worker?.terminate();
    }, idleMs);
    this.#idle.unref();
  }

  #stopped(cause: unknown): SpymasterError {
    const why = cause instanceof Error ? cause.message : String(cause);
    return new SpymasterError('ENGINE_STOPPED', `The thread that ${this.#options.does} stopped: ${why}.`, {}, cause);
  }
}

/** Asks a worker to end and waits for it; one that does not is ended by force. */
async function endedByItself(worker: Worker): Promise<void> {
  worker.ref();
  const exited = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
  const byForce = setTimeout(() => void worker.terminate(), endingMs);
  worker.postMessage(endMessage);
  await exited;
  clearTimeout(byForce);
}

function errorOf(reply: ThreadReply<unknown>): unknown {
  if ('answer' in reply) return null;
  const { code, message, fields } = reply;
  return code === null ? new Error(message) : new SpymasterError(code, message, fields);
}
