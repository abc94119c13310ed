import type { FastifyBaseLogger, FastifyReply, FastifyRequest } from 'fastify';
import { type Lake, readRunningSweeps } from '../lake/index.ts';
import type { ExperimentsEvent } from '../wire/index.ts';
import { isGone } from './client_gone.ts';
import { assertRoom, eventStreamHeaders } from './event_stream.ts';
import type { ResultsVersion } from './experiments_version.ts';

const pollMs = 1000;
/** A comment now and then keeps proxies from closing a quiet stream. */
const keepAliveMs = 20_000;

export interface ExperimentsEventsOptions {
  readonly lake: Lake;
  readonly versions: ResultsVersion;
  readonly maxListeners: number;
  /** Told whenever a listener comes or goes. */
  readonly onListeners: (count: number) => void;
  readonly log: FastifyBaseLogger;
}

/**
 * The event stream that says when results were added and how far sweeps are. The lake is looked at only while someone
 * listens; a listener is counted from its request until its connection is gone, whenever that is.
 */
export class ExperimentsEvents {
  readonly #options: ExperimentsEventsOptions;
  /** What each listener was told last; null before the first. */
  readonly #listeners = new Map<FastifyReply['raw'], string | null>();
  #timer: NodeJS.Timeout | null = null;
  #keepAlive: NodeJS.Timeout | null = null;

  constructor(options: ExperimentsEventsOptions) {
    this.#options = options;
  }

  /** Answers a request with the stream, a HEAD with its headers. @throws TOO_BUSY when as many follow it as may */
  async follow({ method }: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const { raw } = reply;
    const { maxListeners } = this.#options;
    if (isGone(reply)) return reply.hijack();
    if (method === 'HEAD') return reply.headers(eventStreamHeaders).send();
    assertRoom(this.#listeners.size, maxListeners, 'follow experiments');
    // Before anything is awaited: a client that goes during the first look is not seen leaving otherwise.
    this.#listeners.set(raw, null);
    raw.once('close', () => this.#leave(raw));
    this.#options.onListeners(this.#listeners.size);
    let first: string;
    try {
      first = JSON.stringify(await this.#current());
    } catch (error) {
      this.#leave(raw);
      throw error;
    }
    if (!this.#listeners.has(raw)) return reply.hijack();
    if (this.#timer === null) this.#poll();
    reply.hijack();
    raw.writeHead(200, { ...(reply.getHeaders() as Record<string, string>), ...eventStreamHeaders });
    raw.write(`retry: 1000\ndata: ${first}\n\n`);
    this.#listeners.set(raw, first);
    return reply;
  }

  /** Ends all streams. */
  close(): void {
    for (const raw of [...this.#listeners.keys()]) {
      this.#leave(raw);
      raw.end();
    }
  }

  #leave(raw: FastifyReply['raw']): void {
    if (!this.#listeners.delete(raw)) return;
    this.#options.onListeners(this.#listeners.size);
    if (this.#listeners.size > 0) return;
    if (this.#timer !== null) clearTimeout(this.#timer);
    if (this.#keepAlive !== null) clearInterval(this.#keepAlive);
    this.#timer = null;
    this.#keepAlive = null;
  }

  /** Polls until the last listener is gone. */
  #poll(): void {
    this.#keepAlive ??= setInterval(() => this.#comment(), keepAliveMs).unref();
    const timer = setTimeout(async () => {
      await this.#look().catch((error: unknown) => this.#options.log.error(error));
      if (this.#timer === timer) this.#poll();
    }, pollMs).unref();
    this.#timer = timer;
  }

  async #look(): Promise<void> {
    const event = JSON.stringify(await this.#current());
    for (const [raw, told] of this.#listeners) {
      // A client that does not read is not written to: what it gets next is the newest state anyway.
      if (told === null || told === event || raw.writableNeedDrain) continue;
      this.#listeners.set(raw, event);
      raw.write(`data: ${event}\n\n`);
    }
  }

  #comment(): void {
    for (const [raw, told] of this.#listeners)
      if (told !== null && !raw.writableNeedDrain) raw.write(': still here\n\n');
  }

  async #current(): Promise<ExperimentsEvent> {
    const { lake, versions } = this.#options;
    const [version, sweeps] = await Promise.all([versions.current(), readRunningSweeps(lake, Date.now())]);
    return { results_version: version, sweeps };
  }
}
