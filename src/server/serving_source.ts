import { receivedError, type SpymasterError } from '../errors.ts';
import type { Checkpoint } from '../replay/index.ts';
import { type Channel, channels } from '../wire/index.ts';
import type { Thread } from '../worker.ts';
import type { EngineReply, EngineRequest } from './engine_protocol.ts';
import { Pings } from './pings.ts';
import { engineStopped, hasChannels, type Segment, type SegmentSource } from './segment.ts';
import type { SegmentCache } from './segment_cache.ts';

/** The part of an engine thread that a source talks to; tests bring their own. */
export type EngineThread = Thread<EngineRequest, EngineReply>;

export interface ServingSourceOptions {
  /** Under which segments are cached (`streamKey`). */
  readonly key: string;
  readonly cache: SegmentCache;
  /** Starts the thread that computes; called when a segment is wanted that is not cached. */
  readonly startThread: () => EngineThread;
  /** Told how long a segment took to make. */
  readonly onMade?: (segment: Segment, tookMs: number) => void;
  /** Told what the thread put right by itself. */
  readonly onNotice?: (text: string) => void;
  /** Told why the thread died of itself. */
  readonly onCrash?: (error: SpymasterError) => void;
}

interface Wanted {
  /** The channels that the thread was asked for. */
  channels: readonly Channel[];
  readonly waiters: Set<{
    readonly wanted: readonly Channel[];
    resolve(segment: Segment): void;
    reject(error: unknown): void;
  }>;
}

/**
 * The segments of one serving version, made on demand by one engine thread and shared by all clients: a segment is made
 * once while it stays in the cache, however many wait for it, and again when a client wants a channel that it has not, which then
 * joins those that it had. A thread that dies fails its waiters with ENGINE_STOPPED;
 * the next request starts another.
 */
export class ServingSource implements SegmentSource {
  readonly #options: ServingSourceOptions;
  readonly #wanted = new Map<number, Wanted>();
  #thread: EngineThread | null = null;
  readonly #pings = new Pings();

  constructor(options: ServingSourceOptions) {
    this.#options = options;
  }

  get isRunning(): boolean {
    return this.#thread !== null;
  }

  segment(index: number, signal: AbortSignal, wantedChannels: readonly Channel[] = []): Promise<Segment> {
    const held = this.#options.cache.get(this.#options.key, index);
    if (held !== undefined && hasChannels(held, wantedChannels)) return Promise.resolve(held);
    if (signal.aborted) return Promise.reject(signal.reason);
    return new Promise<Segment>((resolve, reject) => {
      const wanted = this.#want(index, wantedChannels, held?.channels ?? []);
      const waiter = {
        wanted: wantedChannels,
        resolve: (segment: Segment) => {
          signal.removeEventListener('abort', giveUp);
          resolve(segment);
        },
        reject: (error: unknown) => {
          signal.removeEventListener('abort', giveUp);
          reject(error);
        },
      };
      const giveUp = () => {
        wanted.waiters.delete(waiter);
        if (wanted.waiters.size === 0 && this.#wanted.get(index) === wanted) {
          this.#wanted.delete(index);
          this.#thread?.postMessage({ kind: 'cancel', index });
        }
        reject(signal.reason);
      };
      wanted.waiters.add(waiter);
      signal.addEventListener('abort', giveUp, { once: true });
    });
  }

  /** Whether the thread answers within a while, as it does while it computes; true without a thread. */
  answersWithin(timeoutMs: number): Promise<boolean> {
    if (this.#thread === null) return Promise.resolve(true);
    this.#thread.postMessage({ kind: 'ping' });
    return this.#pings.answeredWithin(timeoutMs);
  }

  /** Gives the thread a checkpoint of its replay; starts it where it does not run. */
  addCheckpoint(checkpoint: Checkpoint): void {
    this.#thread ??= this.#start();
    this.#thread.postMessage({ kind: 'checkpoint', checkpoint });
  }

  /** Tells the thread that the recording which it replays has ended. */
  recordingEnded(): void {
    this.#thread?.postMessage({ kind: 'ended' });
  }

  /** Ends the thread; waiting requests fail. The source stays usable. */
  async stop(): Promise<void> {
    const thread = this.#thread;
    this.#thread = null;
    this.#failAll(engineStopped('the server is stopping'));
    await thread?.terminate();
  }

  /** Asks for a segment with the channels that are wanted and those that one has already. */
  #want(index: number, wantedChannels: readonly Channel[], had: readonly Channel[]): Wanted {
    const wanted = this.#wanted.get(index) ?? { channels: had, waiters: new Set() };
    const isNew = !this.#wanted.has(index);
    if (!isNew && hasChannels(wanted, wantedChannels)) return wanted;
    wanted.channels = channels.filter((each) => wanted.channels.includes(each) || wantedChannels.includes(each));
    this.#wanted.set(index, wanted);
    this.#thread ??= this.#start();
    this.#thread.postMessage({ kind: 'segment', index, channels: wanted.channels });
    return wanted;
  }

  #start(): EngineThread {
    const thread = this.#options.startThread();
    const crashed = (cause: unknown) => {
      if (this.#thread !== thread) return;
      this.#thread = null;
      const error = engineStopped(cause);
      this.#options.onCrash?.(error);
      this.#failAll(error);
      this.#pings.answer();
    };
    thread.on('message', (reply) => {
      if (this.#thread === thread) this.#take(reply);
    });
    thread.on('error', crashed);
    thread.on('exit', (code) => crashed(`it ended with code ${code}`));
    return thread;
  }

  #take(reply: EngineReply): void {
    if (reply.kind === 'pong') {
      this.#pings.answer();
      return;
    }
    if (reply.kind === 'notice') {
      this.#options.onNotice?.(reply.text);
      return;
    }
    const wanted = this.#wanted.get(reply.index);
    if (reply.kind === 'segment') {
      // A file that could not be read on may be whole next time.
      if (reply.segment.end?.kind !== 'failed') this.#options.cache.set(this.#options.key, reply.segment);
      this.#options.onMade?.(reply.segment, reply.tookMs);
      for (const waiter of wanted?.waiters ?? []) {
        // It was asked for more after this was made, and will be there again.
        if (!hasChannels(reply.segment, waiter.wanted)) continue;
        wanted?.waiters.delete(waiter);
        waiter.resolve(reply.segment);
      }
      if (wanted?.waiters.size === 0) this.#wanted.delete(reply.index);
    } else {
      this.#wanted.delete(reply.index);
      const error = receivedError(reply);
      for (const waiter of wanted?.waiters ?? []) waiter.reject(error);
    }
  }

  #failAll(error: SpymasterError): void {
    const all = [...this.#wanted.values()];
    this.#wanted.clear();
    for (const { waiters } of all) for (const waiter of waiters) waiter.reject(error);
  }
}
