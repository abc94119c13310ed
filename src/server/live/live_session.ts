import { captureOf, type PublishedServingSpec } from '../../config/index.ts';
import { type Gap, maxGapsListed } from '../../dbn/index.ts';
import { warmUpNs } from '../../engine/index.ts';
import { receivedError, type SpymasterError } from '../../errors.ts';
import type { LiveFacts, SessionOverview } from '../../wire/index.ts';
import type { Thread } from '../../worker.ts';
import { Pings } from '../pings.ts';
import { engineStopped } from '../segment.ts';
import type { SegmentCache } from '../segment_cache.ts';
import { type EngineThread, ServingSource } from '../serving_source.ts';
import { streamKey } from '../servings.ts';
import type { HeadProgress, HeadReply, HeadRequest, LiveBin } from './head_protocol.ts';
import { LiveSource } from './live_source.ts';
import { nsText } from './live_time.ts';
import type { Recording } from './recording.ts';

/** The part of the thread at a recording's head that a session talks to. */
export type HeadThread = Thread<HeadRequest, HeadReply>;

export interface LiveSessionOptions {
  readonly spec: PublishedServingSpec;
  readonly recording: Recording;
  /** The contract that the version was published with. */
  readonly publishedSymbol: string;
  readonly cache: SegmentCache;
  readonly startHead: () => HeadThread;
  /** Starts the thread that makes segments of the past anew. */
  readonly startPast: () => EngineThread;
  readonly onCrash: (error: SpymasterError) => void;
  /** Called with bins that have just come, each once. */
  readonly onBins: (session: LiveSession, bins: readonly LiveBin[]) => void;
}

/** A head thread that died is started again after this long; it makes all bins again, of which clients have the first ones. */
const restartMs = 1000;

/** A session that is being recorded, and its live stream. */
export class LiveSession {
  readonly spec: PublishedServingSpec;
  readonly recording: Recording;
  readonly source: LiveSource;
  /** Resolves when the recording has its first order event, and it is known how long the warm-up is. */
  readonly begun: Promise<void>;
  progress: HeadProgress = { byteOffset: 0, receivedMs: Number.NaN };
  /** When the first order event of the recording was received by the gateway, UNIX milliseconds. */
  recordedFromMs: number | null = null;
  /** Times of which the recording knows nothing, the first ones. */
  readonly gaps: Gap[] = [];
  readonly #options: LiveSessionOptions;
  readonly #past: ServingSource;
  readonly #begin = Promise.withResolvers<void>();
  #head: HeadThread | null = null;
  #hasEnded = false;
  #isClosed = false;
  #restart: NodeJS.Timeout | null = null;
  readonly #pings = new Pings();
  #overviews: { resolve(overview: SessionOverview): void; reject(error: unknown): void }[] = [];

  constructor(options: LiveSessionOptions) {
    this.#options = options;
    const { spec, recording, cache } = options;
    this.spec = spec;
    this.recording = recording;
    // A session may be recorded into several files, one after the other.
    const key = `live/${streamKey(spec)}/${recording.path}`;
    this.#past = new ServingSource({ key, cache, startThread: () => this.#startPast(), onCrash: options.onCrash });
    this.source = new LiveSource({ past: this.#past, onFull: (segment) => cache.set(key, segment) });
    this.begun = this.#begin.promise;
    this.begun.catch(() => {});
    this.#startHead();
  }

  /** Minutes that the recording lacks of the 30 before the first bin, begun ones counted whole. */
  get warmUpShortMin(): number {
    if (this.recordedFromMs === null) return 0;
    const wantedMs = Number(captureOf(this.spec.runtime_snapshot).startNs) / 1e6 - warmUpNs / 1e6;
    const shortMin = Math.ceil((this.recordedFromMs - wantedMs) / 60_000);
    return Math.min(Math.max(0, shortMin), warmUpNs / 60e9);
  }

  /** The part of `runtime_config` that a live session adds, once it has begun. */
  get facts(): LiveFacts {
    return {
      live: true,
      published_symbol: this.#options.publishedSymbol,
      recorded_from_ns: nsText(this.recordedFromMs ?? 0),
      warm_up_short_min: this.warmUpShortMin,
    };
  }

  /** The recording has ended: the stream ends behind its last bin. */
  end(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#head?.postMessage({ kind: 'ended' });
    this.#past.recordingEnded();
  }

  /** No bin will come. */
  fail(error: SpymasterError): void {
    this.#begin.reject(error);
    if (!this.source.isOver) this.source.fail(error);
  }

  /** Why clients get no bins of it; null where nothing is known that is wrong. */
  async unreadyReason(timeoutMs: number): Promise<string | null> {
    const { symbol, date } = this.recording;
    if (this.source.failure !== null) return this.source.failure.message;
    if (this.#head === null) return `The engine of ${symbol} live stopped and is being started again.`;
    this.#head.postMessage({ kind: 'ping' });
    if (!(await this.#pings.answeredWithin(timeoutMs))) {
      return `The engine of ${symbol} live has not answered for ${timeoutMs / 1000} s.`;
    }
    const hasBegun = this.recordedFromMs !== null || this.source.isOver;
    return hasBegun ? null : `The recording of ${symbol} of ${date} has no order event yet.`;
  }

  /** The session so far. Rejects with ENGINE_STOPPED when its thread dies meanwhile. */
  overview(): Promise<SessionOverview> {
    const head = this.#head;
    if (head === null) return Promise.reject(engineStopped('it is being started again'));
    return new Promise((resolve, reject) => {
      this.#overviews.push({ resolve, reject });
      // One answer is for all who wait.
      if (this.#overviews.length === 1) head.postMessage({ kind: 'overview' });
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    if (this.#restart !== null) clearTimeout(this.#restart);
    const head = this.#head;
    this.#head = null;
    this.fail(engineStopped('the server is stopping'));
    this.#failOverviews(engineStopped('the server is stopping'));
    await Promise.all([head?.terminate(), this.#past.stop()]);
  }

  #startPast(): EngineThread {
    const thread = this.#options.startPast();
    if (this.#hasEnded) thread.postMessage({ kind: 'ended' });
    return thread;
  }

  #startHead(): void {
    const head = this.#options.startHead();
    this.#head = head;
    // It reads the recording from its beginning.
    this.gaps.length = 0;
    const crashed = (cause: unknown) => {
      if (this.#head !== head) return;
      this.#head = null;
      const error = engineStopped(cause);
      this.#failOverviews(error);
      this.#pings.answer();
      this.#options.onCrash(error);
      if (error.code === 'SIGNAL_FAILED') this.fail(error);
      else if (!this.#isClosed) this.#restart = setTimeout(() => this.#startHead(), restartMs).unref();
    };
    head.on('message', (reply) => {
      if (this.#head === head) this.#take(reply);
    });
    head.on('error', crashed);
    head.on('exit', (code) => crashed(`it ended with code ${code}`));
    if (this.#hasEnded) head.postMessage({ kind: 'ended' });
  }

  #take(reply: HeadReply): void {
    switch (reply.kind) {
      case 'pong':
        this.#pings.answer();
        break;
      case 'begun':
        this.recordedFromMs ??= reply.receivedMs;
        this.#begin.resolve();
        break;
      case 'bins': {
        const { binCount } = this.source;
        const isNew = this.source.take(reply.bins);
        const { onBins } = this.#options;
        if (isNew)
          onBins(
            this,
            reply.bins.filter(({ seq }) => seq >= binCount),
          );
        break;
      }
      case 'progress':
        this.progress = reply;
        break;
      case 'gap':
        if (this.gaps.length < maxGapsListed) this.gaps.push(reply.gap);
        break;
      case 'checkpoint':
        this.#past.addCheckpoint(reply.checkpoint);
        break;
      case 'overview': {
        const asked = this.#overviews;
        this.#overviews = [];
        for (const { resolve } of asked) resolve(reply.overview);
        break;
      }
      case 'end':
        this.#begin.resolve();
        if (!this.source.isOver) this.source.finish(reply.end);
        break;
      case 'failed':
        this.fail(receivedError(reply));
        break;
    }
  }

  #failOverviews(error: SpymasterError): void {
    const asked = this.#overviews;
    this.#overviews = [];
    for (const { reject } of asked) reject(error);
  }
}
