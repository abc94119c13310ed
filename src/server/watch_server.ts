import { watch } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { type FastifyReply, fastify } from 'fastify';
import { SpymasterError } from '../errors.ts';
import { renderWatchPage, type WatchedSignal, type WatchState, watchStateJson } from '../sweep/index.ts';
import { isGone } from './client_gone.ts';
import { assertRoom, eventStreamHeaders, usualMaxListeners } from './event_stream.ts';
import { sendError } from './http_errors.ts';
import { isHostAllowed } from './origin.ts';

export interface WatchOptions {
  readonly watched: WatchedSignal;
  readonly name: string;
  /** Folder of the signal's files. */
  readonly folder: string;
  readonly port: number;
  readonly now: () => Date;
  /** Followers of the page's event stream; `usualMaxListeners` by default. */
  readonly maxListeners?: number;
  /** After each run, whether it worked or not. */
  readonly onState: (state: WatchState) => void;
}

/** A page that follows a signal's file; its end is that of `watched`. */
export interface SignalWatch extends AsyncDisposable {
  readonly address: string;
}

const host = '127.0.0.1';
/** Editors write a file in several steps; what follows within this time is one save. */
const settleMs = 60;

const stateEvent = ({ save }: WatchState) => `event: state\ndata: ${save}\n\n`;

/**
 * Runs a signal now and at each change of its folder, and serves the page that follows it. Of saves that come while one is run, the last
 * one counts. Throws PORT_TAKEN.
 */
export async function startSignalWatch(options: WatchOptions): Promise<SignalWatch> {
  const { watched, name, folder, port, onState } = options;
  const page = await renderWatchPage(name, watched.session);
  const runner = new WatchRunner(options);
  const listeners = new Set<FastifyReply['raw']>();
  let text = watchStateJson(watched.session, runner.state);
  runner.onState = (state) => {
    text = watchStateJson(watched.session, state);
    for (const raw of listeners) {
      // A client that does not read is not written to: it asks for the newest state anyway.
      if (!raw.writableNeedDrain) raw.write(stateEvent(state));
    }
    onState(state);
  };
  const app = fastify({ forceCloseConnections: true });
  app.addHook('onRequest', async ({ headers }, reply) => {
    if (!isHostAllowed(headers.host, host)) return reply.code(403).send({ error: 'This page is for this machine.' });
    return undefined;
  });
  app.get('/', (_request, reply) =>
    reply.type('text/html; charset=utf-8').header('cache-control', 'no-store').send(page),
  );
  app.get('/state', (_request, reply) => reply.type('application/json').header('cache-control', 'no-store').send(text));
  app.setErrorHandler(async (error, request, reply) => sendError(error, request, reply));
  app.get('/events', { exposeHeadRoute: false }, (_request, reply) => {
    assertRoom(listeners.size, options.maxListeners ?? usualMaxListeners, `follow ${name}`);
    const { raw } = reply.hijack();
    if (isGone(reply)) return;
    listeners.add(raw);
    raw.once('close', () => listeners.delete(raw));
    raw.writeHead(200, eventStreamHeaders);
    raw.write(stateEvent(runner.state));
  });
  try {
    await app.listen({ host, port });
  } catch (cause) {
    throw new SpymasterError(
      'PORT_TAKEN',
      `Cannot listen on ${host}:${port}: ${(cause as Error).message}.`,
      { port },
      cause,
    );
  }
  const { port: bound } = app.server.address() as AddressInfo;
  const files = watch(folder, { recursive: true }, () => runner.fileChanged());
  runner.fileChanged();
  return {
    address: `http://${host}:${bound}`,
    async [Symbol.asyncDispose]() {
      files.close();
      await runner.end();
      await watched[Symbol.asyncDispose]();
      await app.close();
    },
  };
}

/** Runs the newest save, one at a time. */
class WatchRunner {
  state: WatchState = { save: 0, run: null, ranAtUtc: null, error: null };
  onState: (state: WatchState) => void = () => {};
  readonly #options: Pick<WatchOptions, 'watched' | 'now'>;
  #timer: NodeJS.Timeout | undefined;
  #running: { readonly abort: AbortController; readonly done: Promise<void> } | null = null;
  #isEnded = false;

  constructor(options: Pick<WatchOptions, 'watched' | 'now'>) {
    this.#options = options;
  }

  /** Something in the folder may have changed. */
  fileChanged(): void {
    clearTimeout(this.#timer);
    if (!this.#isEnded) this.#timer = setTimeout(() => this.#begin(), settleMs);
  }

  async end(): Promise<void> {
    this.#isEnded = true;
    clearTimeout(this.#timer);
    this.#running?.abort.abort();
    await this.#running?.done;
  }

  #begin(): void {
    const before = this.#running;
    before?.abort.abort();
    const abort = new AbortController();
    const done = (before?.done ?? Promise.resolve()).then(() => this.#run(abort.signal));
    this.#running = { abort, done };
  }

  async #run(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    const { watched, now } = this.#options;
    const { save, run: before } = this.state;
    try {
      const described = await watched.read();
      // What else lies in the folder changes nothing.
      if (described.source.hash === before?.hash && this.state.error === null) return;
      const run = await watched.run(described, signal);
      this.#tell({ save: save + 1, run, ranAtUtc: now().toISOString(), error: null });
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof SpymasterError)) throw error;
      if (error.message === this.state.error) return;
      this.#tell({ ...this.state, save: save + 1, error: error.message });
    } finally {
      if (!this.#isEnded) watched.prepare();
    }
  }

  #tell(state: WatchState): void {
    this.state = state;
    this.onState(state);
  }
}
