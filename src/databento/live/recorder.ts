import { type ProductType, productTypeOf } from '../../config/index.ts';
import type { Gap, RecordBatch } from '../../dbn/index.ts';
import { SpymasterError } from '../../errors.ts';
import { type Lake, recordingPath, type StoredRecording, storedRecordings } from '../../lake/index.ts';
import { defaultRetryTiming, type RetryTiming } from './backoff.ts';
import type { LiveSubscription } from './client.ts';
import { finishRecording } from './finish_recording.ts';
import { isMarketClosed, type RecordingWindow, windowAt, windowOf } from './recording_window.ts';
import {
  type LiveAccess,
  type RecordingStart,
  SessionRecorder,
  type SessionRecorderOptions,
} from './session_recorder.ts';

/** A session's file that is recorded to. */
export interface RecordingInfo {
  readonly path: string;
  /** The contract, or what else was subscribed to. */
  readonly symbol: string;
  /** Session date, YYYY-MM-DD. */
  readonly date: string;
}

/** What a recorder does now. */
export interface RecorderState {
  /** Null before the first connection has told the session. */
  readonly path: string | null;
  readonly date: string | null;
  readonly symbol: string;
  readonly bytes: number;
  readonly records: number;
  /** Latest event time and receipt at the gateway, UNIX nanoseconds; null before the first record. */
  readonly lastEventNs: bigint | null;
  readonly lastReceiveNs: bigint | null;
  readonly connection: SessionRecorder['connection'] | 'closed_market';
  readonly retryInMs: number | null;
  readonly gaps: readonly Gap[];
  /** From the receipt at the gateway to the writing, by the clock of this machine; null before the first record. */
  readonly delayMs: number | null;
}

export interface RecordOptions {
  /** Where the files go: into a lake, one a session, or into one file. */
  readonly target: { readonly lake: Lake } | { readonly file: string };
  readonly symbol: string;
  readonly stypeIn: LiveSubscription['stypeIn'];
  readonly start: RecordingStart;
  /** The end, by the stream's time; null: until the signal aborts. */
  readonly untilNs: bigint | null;
  readonly access: LiveAccess;
  readonly signal: AbortSignal;
  /** How long before a session's end the next file is opened, nanoseconds. */
  readonly leadNs?: bigint;
  readonly retry?: RetryTiming;
  /** Called a few times a second, and at each change. */
  readonly onProgress?: (state: RecorderState) => void;
  /** A recording has begun or goes on, in place of the one before; called once its file is there. */
  readonly onRecording?: (recording: RecordingInfo) => void;
  /** Each run of records of the recording that is on, behind its write; valid during the call. */
  readonly onAppend?: (batch: RecordBatch) => void;
  /**
   * Called before each write to that recording with the offsets of its first byte and of the first one behind it, and when the newest
   * record of it was read from the socket, UNIX milliseconds.
   */
  readonly onWrite?: (startByteOffset: number, endByteOffset: number, readMs: number) => void;
  readonly notice?: (text: string) => void;
}

/** What came of a session. */
export interface RecordedFile extends RecordingInfo {
  readonly records: number;
  readonly bytes: number;
  readonly gaps: readonly Gap[];
  /** Whether the session is over, and the file compressed. */
  readonly isFinished: boolean;
}

export interface RecordSummary {
  readonly files: readonly RecordedFile[];
}

/** A snapshot is up to a minute old: one that is asked for two minutes before a session ends is of before its end. */
const defaultLeadNs = 120_000_000_000n;
const tellEveryMs = 250;
const zstdSuffix = '.zst';
const silenceNs = 60_000_000_000n;
/** Later than every time that a record has. */
const latestNs = 2n ** 63n;

/**
 * Records a live feed (`docs/live.md`): one file a session, from now on until the signal aborts or `untilNs` is reached. Connections
 * that are lost are opened again for as long as it takes. Recordings of earlier sessions that were left are completed.
 *
 * Throws LIVE_REFUSED, API_KEY_MISSING, LAKE_NOT_WRITABLE, ALREADY_RUNNING, and USAGE for a dataset of which the sessions are not
 * known; what was recorded until then is kept.
 */
export async function record(options: RecordOptions): Promise<RecordSummary> {
  const { dataset } = options.access;
  const productType = productTypeOf(dataset);
  if (productType === null) {
    throw new SpymasterError(
      'USAGE',
      `Cannot record ${dataset}: its sessions are not known; record a dataset of futures or equities.`,
      {
        dataset,
      },
    );
  }
  return await new Recorder(options, productType).run();
}

class Recorder {
  readonly #options: RecordOptions;
  readonly #productType: ProductType;
  readonly #stop = new AbortController();
  readonly #signal: AbortSignal;
  /** Sessions that are recorded, earliest first: two around a roll. */
  readonly #active: SessionRecorder[] = [];
  /** Dates behind which the next session was begun. */
  readonly #rolled = new Set<string>();
  /** Files that are not to be gone on with. */
  readonly #ended = new Set<string>();
  #hasLookedForLeft = false;
  readonly #runs = new Set<Promise<void>>();
  readonly #files: RecordedFile[] = [];
  #failure: unknown = null;
  #told: SessionRecorder | null = null;

  constructor(options: RecordOptions, productType: ProductType) {
    this.#options = options;
    this.#productType = productType;
    this.#signal = AbortSignal.any([options.signal, this.#stop.signal]);
  }

  async run(): Promise<RecordSummary> {
    const { onProgress, start } = this.#options;
    const timer = setInterval(() => this.#tell(), tellEveryMs);
    try {
      this.#start({ start, window: null, fromNs: null });
      while (this.#runs.size > 0) await Promise.all(this.#runs);
    } finally {
      clearInterval(timer);
    }
    if (this.#failure !== null) throw this.#failure;
    onProgress?.(this.#state());
    return { files: this.#files };
  }

  #start(which: Pick<SessionRecorderOptions, 'start' | 'window' | 'fromNs' | 'leftPath'>): void {
    const options = this.#options;
    const recorder: SessionRecorder = new SessionRecorder({
      ...which,
      ...{ access: options.access, stypeIn: options.stypeIn, symbol: options.symbol, untilNs: options.untilNs },
      windowAt: (ns) => this.#windowAt(ns),
      pathOf: (window, rawSymbol) => this.#pathOf(window, rawSymbol),
      leadNs: options.leadNs ?? defaultLeadNs,
      onNearEnd: (window) => {
        if (which.leftPath === undefined) this.#startNext(window);
      },
      onAppend: (batch) => {
        if (this.#current === recorder) options.onAppend?.(batch);
      },
      onWrite: (start, end, readMs) => {
        if (this.#current === recorder) options.onWrite?.(start, end, readMs);
      },
      notice: options.notice ?? (() => {}),
      onChange: () => this.#tell(),
      ...{ retry: options.retry ?? defaultRetryTiming, signal: this.#signal },
    });
    if (which.leftPath === undefined) this.#active.push(recorder);
    this.#keep(this.#run(recorder, which.leftPath !== undefined));
  }

  async #run(recorder: SessionRecorder, isLeft: boolean): Promise<void> {
    const end = await recorder.run();
    const { window, recording } = recorder;
    if (recording !== null && end !== 'stopped') this.#ended.add(recording.path);
    if (!isLeft) this.#active.splice(this.#active.indexOf(recorder), 1);
    if (window !== null && !isLeft) {
      if (end === 'changed' && 'file' in this.#options.target) throw this.#anotherFormat();
      if (end === 'changed') this.#start({ start: 'snapshot', window, fromNs: null });
      else if (end === 'ended') this.#startNext(window);
    }
    this.#tell();
    if (recording === null || window === null) return;
    const { content, bytes } = recording;
    const path = end !== 'stopped' ? await this.#finish(recording.path) : recording.path;
    this.#files.push({
      ...{ path, symbol: recorder.rawSymbol ?? this.#options.symbol, date: window.date, bytes },
      ...{ records: content.records, gaps: content.gaps, isFinished: path !== recording.path },
    });
  }

  /** Compresses a recording that is over, where it is one of the lake or was asked for as a compressed file. */
  async #finish(path: string): Promise<string> {
    const { target } = this.#options;
    if ('file' in target && !this.#isCompressedFile) return path;
    try {
      return await finishRecording(path, { signal: this.#signal });
    } catch (error) {
      // It is done when the recorder is started again.
      if (this.#signal.aborted) return path;
      throw error;
    }
  }

  #anotherFormat(): SpymasterError {
    const { target } = this.#options;
    const path = 'file' in target ? target.file : '';
    return new SpymasterError(
      'FILE_EXISTS',
      `Cannot go on with ${path}: the gateway's stream has another dataset or DBN version by now; choose another name.`,
      { path },
    );
  }

  get #isCompressedFile(): boolean {
    const { target } = this.#options;
    return 'file' in target && target.file.endsWith(zstdSuffix);
  }

  /** Opens the next session's file, once. */
  #startNext({ date, endNs }: RecordingWindow): void {
    const { untilNs } = this.#options;
    if (this.#rolled.has(date) || this.#signal.aborted || (untilNs !== null && untilNs <= endNs)) return;
    this.#rolled.add(date);
    this.#start({ start: 'snapshot', window: this.#windowAt(endNs), fromNs: endNs });
  }

  /** The session of a moment; one file that is given by its name has no end. */
  #windowAt(ns: bigint): RecordingWindow {
    const window = windowAt(this.#productType, ns);
    return 'file' in this.#options.target ? { ...window, endNs: latestNs } : window;
  }

  async #pathOf({ date }: RecordingWindow, symbol: string): Promise<string> {
    const { target, access } = this.#options;
    if ('file' in target) return this.#isCompressedFile ? target.file.slice(0, -zstdSuffix.length) : target.file;
    const subject = { productType: this.#productType, dataset: access.dataset, symbol };
    const stored = await storedRecordings(target.lake, subject);
    if (!this.#hasLookedForLeft) {
      this.#hasLookedForLeft = true;
      this.#takeUp(stored.filter((each) => each.isPlain && each.date < date));
    }
    const ofDate = stored.filter((each) => each.date === date);
    const last = ofDate.at(-1);
    if (last === undefined) return recordingPath(target.lake, subject, date);
    const isFree = last.isPlain && !last.isCompressed && !this.#ended.has(last.path);
    return isFree ? last.path : recordingPath(target.lake, subject, date, last.part + 1);
  }

  /** Completes recordings of earlier sessions, and finishes those that are complete. */
  #takeUp(left: readonly StoredRecording[]): void {
    for (const { path, date, isCompressed } of left) {
      const window = windowOf(this.#productType, date);
      if (!isCompressed) this.#start({ start: 'snapshot', window, fromNs: null, leftPath: path });
      else this.#keep(this.#finish(path).then(() => {}));
    }
  }

  /** Follows work that goes on; a failure ends everything. */
  #keep(work: Promise<void>): void {
    const run = work.catch((error: unknown) => {
      this.#failure ??= error;
      this.#stop.abort();
    });
    this.#runs.add(run);
    void run.finally(() => this.#runs.delete(run));
  }

  /** The session that is on; the last one when none is any more. */
  get #current(): SessionRecorder | null {
    return this.#active[0] ?? this.#told;
  }

  #tell(): void {
    const recorder = this.#current;
    const path = recorder?.recording?.path;
    if (recorder !== null && recorder !== this.#told && path !== undefined && recorder.window !== null) {
      this.#told = recorder;
      const symbol = recorder.rawSymbol ?? this.#options.symbol;
      this.#options.onRecording?.({ path, symbol, date: recorder.window.date });
    }
    this.#options.onProgress?.(this.#state());
  }

  #state(): RecorderState {
    const recorder = this.#current;
    const recording = recorder?.recording ?? null;
    const content = recording?.content;
    const retryAtMs = recorder?.retryAtMs ?? null;
    return {
      path: recording?.path ?? null,
      date: recorder?.window?.date ?? null,
      symbol: recorder?.rawSymbol ?? this.#options.symbol,
      bytes: recording?.bytes ?? 0,
      records: content?.records ?? 0,
      lastEventNs: content?.lastEventNs ?? null,
      lastReceiveNs: content?.lastReceiveNs ?? null,
      connection: recorder === null ? 'ended' : this.#connectionOf(recorder),
      retryInMs: retryAtMs === null ? null : Math.max(0, retryAtMs - performance.now()),
      gaps: content?.gaps ?? [],
      delayMs: recorder?.delayMs ?? null,
    };
  }

  /** A market is closed where its calendar says so and nothing has come for a minute. */
  #connectionOf({ connection, clock, recording }: SessionRecorder): RecorderState['connection'] {
    const { nowNs } = clock;
    if (connection === 'ended' || nowNs === 0n) return connection;
    const receivedNs = recording?.content.lastReceiveNs ?? 0n;
    const isSilent = connection !== 'live' || nowNs - receivedNs > silenceNs;
    return isSilent && isMarketClosed(this.#productType, nowNs) ? 'closed_market' : connection;
  }
}
