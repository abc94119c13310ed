import { SpymasterError } from '../../errors.ts';
import { preciseNowMs } from '../../files/index.ts';
import type { ResolvedServing } from '../../lake/index.ts';
import type { LiveStatus, SessionOverview } from '../../wire/index.ts';
import { abortable } from '../client_gone.ts';
import type { SegmentCache } from '../segment_cache.ts';
import type { EngineThread } from '../serving_source.ts';
import type { LiveBin } from './head_protocol.ts';
import { LiveDelay } from './live_delay.ts';
import { type HeadThread, LiveSession } from './live_session.ts';
import { assertSameRoot, liveSpec } from './live_spec.ts';
import { nsText } from './live_time.ts';
import type { RecorderReport, Recording, RecordingSink } from './recording.ts';

export interface LiveServingOptions {
  /** The published version whose runtime, scoring and signal the market is shown with, as the name asked for resolves it. */
  readonly version: ResolvedServing;
  /** The contract that is recorded. */
  readonly symbol: string;
  readonly cache: SegmentCache;
  readonly startHead: (session: Pick<LiveSession, 'spec' | 'recording'>) => HeadThread;
  readonly startPast: (session: Pick<LiveSession, 'spec' | 'recording'>) => EngineThread;
  readonly onCrash: (error: SpymasterError) => void;
  /** Called with the delay of bins that have just come, in milliseconds. */
  readonly onDelay: (delayMs: number) => void;
  /** Called with bins that have just come, each once and in their order. */
  readonly onBins?: (session: LiveSession, bins: readonly LiveBin[]) => void;
}

const connectionWords: Readonly<Record<LiveStatus['connection'], string>> = {
  connecting: 'the recorder is connecting to the live gateway',
  live: 'the live gateway has sent no order event of it',
  retrying: 'the live gateway cannot be reached, and is tried again',
  closed_market: 'the market is closed',
  ended: 'the recorder has ended',
};

/** What is recorded and streamed under one name: a session, and after it the next one. */
export class LiveServing implements RecordingSink {
  readonly #options: LiveServingOptions;
  #session: LiveSession | null = null;
  /** The session before, which may have clients. */
  #before: LiveSession | null = null;
  #report: RecorderReport | null = null;
  #failure: SpymasterError | null = null;
  #waiting: PromiseWithResolvers<void> | null = null;
  #delay = new LiveDelay();
  #newest: LiveStatus['newest'] = null;

  constructor(options: LiveServingOptions) {
    this.#options = options;
    assertSameRoot(options.version.spec, options.symbol);
  }

  /** Whether a name stands for the live stream. */
  serves(name: string): boolean {
    return name === this.#options.version.servingName || name === this.#session?.spec.serving_id;
  }

  /** The session that is recorded now, or next, once its first order event is there. Rejects with the recorder's error and the signal's reason. */
  async session(signal: AbortSignal): Promise<LiveSession> {
    const session = await abortable(this.#next(), signal);
    await abortable(session.begun, signal);
    return session;
  }

  async #next(): Promise<LiveSession> {
    while (this.#session === null) {
      if (this.#failure !== null) throw this.#failure;
      this.#waiting ??= Promise.withResolvers();
      await this.#waiting.promise;
    }
    return this.#session;
  }

  async overview(signal: AbortSignal): Promise<SessionOverview> {
    return abortable((await this.session(signal)).overview(), signal);
  }

  begin(recording: Recording): void {
    if (recording.path === this.#session?.recording.path) return;
    const spec = liveSpec(this.#options.version.spec, recording);
    const { cache, startHead, startPast, onCrash } = this.#options;
    this.#session?.end();
    void this.#before?.close();
    this.#before = this.#session;
    this.#delay = new LiveDelay();
    this.#newest = null;
    this.#session = new LiveSession({
      ...{ spec, recording, cache, onCrash },
      publishedSymbol: this.#options.version.spec.runtime_snapshot.symbol,
      startHead: () => startHead({ spec, recording }),
      startPast: () => startPast({ spec, recording }),
      onBins: (session, bins) => {
        this.#binsCame(session);
        this.#options.onBins?.(session, bins);
      },
    });
    this.#wake();
  }

  end(): void {
    this.#session?.end();
  }

  report(report: RecorderReport): void {
    this.#report = report;
  }

  fail(error: SpymasterError): void {
    this.#failure = error;
    this.#session?.end();
    this.#wake();
  }

  /** Why nothing is recorded or streamed now; empty where both go on, or the session is over. */
  async unreadyReasons(timeoutMs: number): Promise<string[]> {
    const session = this.#session;
    if (this.#failure !== null) return [`Nothing is recorded any more. ${this.#failure.message}`];
    if (session === null) {
      const state = connectionWords[this.#report?.connection ?? 'connecting'];
      return [`No recording of ${this.#options.symbol} has begun: ${state}.`];
    }
    const reason = await session.unreadyReason(timeoutMs);
    return reason === null ? [] : [reason];
  }

  status(): LiveStatus {
    const { version, symbol } = this.#options;
    const session = this.#session;
    const report = this.#report;
    const { byteOffset, receivedMs } = session?.progress ?? { byteOffset: 0, receivedMs: Number.NaN };
    const writtenMs = report?.lastReceiveNs == null ? Number.NaN : Number(report.lastReceiveNs) / 1e6;
    // Reports are a moment old: the engine may have read on.
    const clockMs = writtenMs > receivedMs || Number.isNaN(receivedMs) ? writtenMs : receivedMs;
    const bytes = Math.max(report?.bytes ?? 0, byteOffset);
    return {
      serving_name: version.servingName,
      serving_id: session?.spec.serving_id ?? null,
      symbol,
      published_symbol: version.spec.runtime_snapshot.symbol,
      date: session?.recording.date ?? null,
      connection: report?.connection ?? 'connecting',
      retry_in_ms: report?.retryInMs ?? null,
      failure: this.#failure?.message ?? null,
      is_of_file: this.#delay.isOfFile,
      recorded_from_ns: nsOf(session?.recordedFromMs ?? Number.NaN),
      warm_up_short_min: session?.warmUpShortMin ?? 0,
      clock_ns: nsOf(clockMs),
      bin_count: session?.source.binCount ?? 0,
      is_over: session?.source.isOver ?? false,
      newest: this.#newest,
      recording: { bytes, lag_ms: this.#delay.isOfFile ? null : (report?.delayMs ?? null) },
      engine: {
        lag_bytes: Math.max(0, bytes - byteOffset),
        lag_ms: Number.isNaN(clockMs - receivedMs) ? 0 : Math.max(0, clockMs - receivedMs),
      },
      gaps: (session?.gaps ?? []).map(({ fromNs, toNs, cause }) => ({
        ...{ from_ns: String(fromNs), to_ns: String(toNs), cause },
      })),
    };
  }

  async close(): Promise<void> {
    this.#failure ??= new SpymasterError('ENGINE_STOPPED', 'The server is stopping.');
    this.#wake();
    await Promise.all([this.#session?.close(), this.#before?.close()]);
  }

  #binsCame({ source }: LiveSession): void {
    if (source !== this.#session?.source) return;
    const binSeq = source.binCount - 1;
    const receivedMs = source.receivedMs(binSeq);
    const receivedNs = nsOf(receivedMs);
    if (receivedNs === null) return;
    const delayMs = this.#delay.observe(receivedMs, preciseNowMs());
    this.#options.onDelay(delayMs);
    this.#newest = { bin_seq: binSeq, received_ns: receivedNs, delay_ms: delayMs };
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = null;
    waiting?.resolve();
  }
}

function nsOf(unixMs: number): string | null {
  return Number.isNaN(unixMs) ? null : nsText(unixMs);
}
