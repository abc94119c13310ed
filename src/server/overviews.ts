import type { PublishedServingSpec } from '../config/index.ts';
import { notNull, receivedError, SpymasterError } from '../errors.ts';
import type { SessionOverview } from '../wire/index.ts';
import type { Thread } from '../worker.ts';
import type { OverviewReply } from './overview_protocol.ts';
import { streamKey } from './servings.ts';

/** The part of a worker thread that is listened to; tests bring their own. */
export type OverviewThread = Pick<Thread<never, OverviewReply>, 'on' | 'terminate'>;

export interface OverviewsOptions {
  readonly startThread: (spec: PublishedServingSpec) => OverviewThread;
  /** Calls `run` after a while; returns what takes it back. */
  readonly after: (delayMs: number, run: () => void) => () => void;
}

/** How long a request waits for the whole before it gets what is known. */
const patienceMs = 1000;
/** Requests that may wait at once. */
const maxWaiting = 256;
/** Overviews that are kept; each is some hundred kilobytes. */
const maxKept = 32;

interface Entry {
  latest: SessionOverview | null;
  error: unknown;
  isOver: boolean;
  thread: OverviewThread | null;
  readonly waiters: Set<() => void>;
}

/** Overviews of serving versions, made on the first request by a thread each, one after the other. */
export class Overviews {
  readonly #options: OverviewsOptions;
  /** By `streamKey`, used longest ago first. */
  readonly #entries = new Map<string, Entry>();
  readonly #queue: (readonly [key: string, PublishedServingSpec, Entry])[] = [];
  #running: Entry | null = null;
  #isClosed = false;
  #waiting = 0;

  constructor(options: OverviewsOptions) {
    this.#options = options;
  }

  /**
   * What is known of a version's session: all of it, or, after a while, what there is. Throws what its replay throws, the
   * signal's reason, and TOO_BUSY when as many wait as may.
   */
  async of(spec: PublishedServingSpec, signal: AbortSignal): Promise<SessionOverview> {
    signal.throwIfAborted();
    if (this.#waiting >= maxWaiting) {
      throw new SpymasterError(
        'TOO_BUSY',
        `Cannot sum up the session: ${maxWaiting} requests wait for overviews already; ask again in a moment.`,
      );
    }
    const key = streamKey(spec);
    const entry = this.#entries.get(key) ?? this.#begin(key, spec);
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    // Before the first report there is nothing to answer with.
    if (!entry.isOver) await this.#waitWithTimeout(entry, signal);
    while (!entry.isOver && entry.latest === null) await this.#waitWithTimeout(entry, signal);
    if (entry.error !== null) throw entry.error;
    return notNull(entry.latest);
  }

  /** Ends the running thread; waiting requests fail. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const thread = this.#running?.thread;
    for (const [key, entry] of this.#entries) {
      if (!entry.isOver) this.#end(key, entry, stopped('the server is stopping'));
    }
    await thread?.terminate();
  }

  /** Waits until the entry is over, at most as long as a request may, and throws the signal's reason when it aborts. */
  async #waitWithTimeout(entry: Entry, signal: AbortSignal): Promise<void> {
    this.#waiting++;
    await new Promise<void>((resolve) => {
      const done = () => {
        cancel();
        entry.waiters.delete(done);
        signal.removeEventListener('abort', done);
        resolve();
      };
      const cancel = this.#options.after(patienceMs, done);
      entry.waiters.add(done);
      signal.addEventListener('abort', done);
    });
    this.#waiting--;
    signal.throwIfAborted();
  }

  #begin(key: string, spec: PublishedServingSpec): Entry {
    const entry: Entry = { latest: null, error: null, isOver: false, thread: null, waiters: new Set() };
    for (const [older, { isOver }] of this.#entries) {
      if (this.#entries.size < maxKept) break;
      if (isOver) this.#entries.delete(older);
    }
    this.#entries.set(key, entry);
    this.#queue.push([key, spec, entry]);
    this.#startNext();
    return entry;
  }

  #startNext(): void {
    if (this.#running !== null || this.#isClosed) return;
    const next = this.#queue.shift();
    if (next === undefined) return;
    const [key, spec, entry] = next;
    const thread = this.#options.startThread(spec);
    this.#running = entry;
    entry.thread = thread;
    thread.on('message', (reply) => {
      if (reply.kind === 'failed') {
        this.#end(key, entry, receivedError(reply));
      } else {
        entry.latest = reply.overview;
        if (reply.overview.is_complete) this.#end(key, entry, null);
      }
    });
    thread.on('error', (cause) => this.#end(key, entry, stopped(cause)));
    thread.on('exit', (code) => {
      this.#end(key, entry, stopped(`it ended with code ${code}`));
      this.#running = null;
      this.#startNext();
    });
  }

  #end(key: string, entry: Entry, error: unknown): void {
    if (entry.isOver) return;
    entry.isOver = true;
    entry.error = error;
    // A file that could not be read may be whole next time.
    if (error !== null || entry.latest?.failure !== null) this.#entries.delete(key);
    for (const wake of [...entry.waiters]) wake();
  }
}

function stopped(cause: unknown): SpymasterError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new SpymasterError('ENGINE_STOPPED', `Cannot sum up the session: ${why}. Ask again.`, {}, cause);
}
