import {
  errorCode,
  type Gap,
  type Metadata,
  type RecordBatch,
  rtype,
  rtypeMbo,
  streamMappings,
  systemCode,
} from '../../dbn/index.ts';
import { SpymasterError } from '../../errors.ts';
import { systemClock } from '../../files/index.ts';
import { pause } from '../../pause.ts';
import { Backoff, type RetryTiming } from './backoff.ts';
import { type LiveSession, type LiveSubscription, type LiveTiming, openLiveSession } from './client.ts';
import { errorMessages, systemMessages } from './control_records.ts';
import { Joining } from './joining.ts';
import { PendingRecords } from './pending_records.ts';
import { batchOfRun, Recording, recordsAt } from './recording.ts';
import type { RecordingWindow } from './recording_window.ts';
import { firstAtOrAfter, StreamClock } from './stream_clock.ts';
import { patienceNs } from './tail.ts';

/** Where and how sessions are opened. */
export interface LiveAccess {
  readonly address: { readonly host: string; readonly port: number };
  readonly key: string;
  readonly dataset: string;
  readonly client?: string | undefined;
  readonly timing?: Partial<LiveTiming> | undefined;
}

/** A first subscription: `snapshot` for the book as it is, `session` for all that the gateway has, or changes from a time on. */
export type RecordingStart = 'snapshot' | 'session' | bigint;

export interface SessionRecorderOptions {
  readonly access: LiveAccess;
  readonly stypeIn: LiveSubscription['stypeIn'];
  readonly symbol: string;
  readonly start: RecordingStart;
  /** The session of a time of the stream. */
  readonly windowAt: (ns: bigint) => RecordingWindow;
  /** The session to record; null: the one that the stream's time is in. */
  readonly window: RecordingWindow | null;
  /** The recording ends here, if this is before the session's end; null: with the session. */
  readonly untilNs: bigint | null;
  /** The file of a session. `rawSymbol` is what the subscribed symbol stands for. */
  readonly pathOf: (window: RecordingWindow, rawSymbol: string) => Promise<string>;
  /** A recording that was left before its session's end, to be completed where a replay can. */
  readonly leftPath?: string;
  /** The file is made with the first change of the book at this time or later; null: at once. */
  readonly fromNs: bigint | null;
  /** How long before the session's end the next one is to be opened, nanoseconds of the stream. */
  readonly leadNs: bigint;
  readonly onNearEnd: (window: RecordingWindow) => void;
  readonly onAppend?: ((batch: RecordBatch) => void) | undefined;
  readonly onWrite?: ((startByteOffset: number, endByteOffset: number, readMs: number) => void) | undefined;
  /** Told in a sentence of what went wrong and passes. */
  readonly notice: (text: string) => void;
  readonly onChange: () => void;
  readonly retry: RetryTiming;
  readonly signal: AbortSignal;
}

/** Behind this much of the stream's time past a session's end, a heartbeat ends it, nanoseconds. */
const graceNs = 5_000_000_000n;
/** Replays in a row that may end early before a snapshot is taken. */
const maxReplayAttempts = 3;

/** What ended a session's recording: its end, the signal, or a stream of another format, which needs another file. */
export type RecordingEnd = 'ended' | 'stopped' | 'changed';

/**
 * Records one session into one file: connects, reconnects when the connection is lost, joins what comes to what the file holds
 * already, marks what is missing, and ends with the session.
 */
export class SessionRecorder {
  window: RecordingWindow | null;
  recording: Recording | null = null;
  connection: 'connecting' | 'live' | 'retrying' | 'ended' = 'connecting';
  /** Until the next attempt; by `performance.now`. */
  retryAtMs: number | null = null;
  readonly clock = new StreamClock(0n);
  /** From the receipt of the newest record at the gateway to its writing, by this machine's clock; null before the first. */
  delayMs: number | null = null;
  rawSymbol: string | null;
  readonly #options: SessionRecorderOptions;
  readonly #backoff: Backoff;
  #held = new PendingRecords();
  #isNearEnd = false;
  #isOver = false;
  /** Why a snapshot is to be taken in place of a replay; null: a replay. */
  #snapshotCause: string | null = null;
  #replayAttempts = 0;
  #isLive = false;
  #lastFailure = '';
  #session: LiveSession | null = null;

  constructor(options: SessionRecorderOptions) {
    this.#options = options;
    this.window = options.window;
    this.rawSymbol = options.stypeIn === 'raw_symbol' || options.stypeIn === 'parent' ? options.symbol : null;
    this.#backoff = new Backoff(options.retry);
  }

  /** Records until the session ends or the signal aborts. Throws LIVE_REFUSED, LAKE_NOT_WRITABLE, ALREADY_RUNNING, … */
  async run(): Promise<RecordingEnd> {
    const { signal, leftPath } = this.#options;
    try {
      if (leftPath !== undefined) await this.#openFile(leftPath);
      for (;;) {
        if (signal.aborted) return 'stopped';
        try {
          const end = await this.#connect();
          if (end !== null) return signal.aborted ? 'stopped' : end;
        } catch (error) {
          if (signal.aborted) return 'stopped';
          await this.#rest(error);
        }
      }
    } finally {
      this.#become('ended');
      await this.recording?.close();
    }
  }

  #become(connection: SessionRecorder['connection']): void {
    if (this.connection === connection) return;
    this.connection = connection;
    this.#options.onChange();
  }

  /** Waits before the next attempt; throws what another attempt would not help against. */
  async #rest(error: unknown): Promise<void> {
    const code = error instanceof SpymasterError ? error.code : null;
    if (!(error instanceof SpymasterError) || (code !== 'LIVE_LOST' && code !== 'LIVE_LIMIT')) throw error;
    if (error.fields.errorCode === errorCode.replayAgedOut && this.#snapshotCause === null) {
      // The gateway is well: the sooner a snapshot is taken, the shorter the gap.
      this.#snapshotCause = 'aged_out';
      this.#options.notice(`${error.message} Taking a snapshot.`);
      return;
    }
    const delayMs = this.#backoff.nextMs(code === 'LIVE_LIMIT');
    // A market that is closed for days refuses again and again.
    if (error.message !== this.#lastFailure) this.#options.notice(`${error.message} Trying again.`);
    this.#lastFailure = error.message;
    this.retryAtMs = performance.now() + delayMs;
    this.#become('retrying');
    await pause(delayMs, this.#options.signal);
    this.retryAtMs = null;
  }

  /** One connection from its beginning to its end; null where another one is due. */
  async #connect(): Promise<RecordingEnd | null> {
    this.#isLive = false;
    const { access, signal } = this.#options;
    const joining = await this.#joining();
    if (this.#options.leftPath !== undefined && (joining === null || joining.startNs === null)) {
      this.#options.notice(
        `${this.#options.leftPath} ends before its session: what followed cannot be replayed any more.`,
      );
      return 'ended';
    }
    if (this.connection !== 'retrying') this.#become('connecting');
    await using session = await openLiveSession({
      ...{ ...access.address, key: access.key, dataset: access.dataset, signal },
      subscriptions: [this.#subscription(joining)],
      ...(access.client !== undefined && { client: access.client }),
      ...(access.timing !== undefined && { timing: access.timing }),
    });
    if (joining !== null && joining.startNs !== null) this.#replayAttempts++;
    return await this.#follow(session, joining);
  }

  /** How the next connection's records are joined to those of the file; null where it holds none. */
  async #joining(): Promise<Joining | null> {
    const { recording } = this;
    if (recording === null || recording.content.mboRecords === 0) return null;
    const { canReplay, lastEventNs } = recording.content;
    if (!canReplay || lastEventNs === null) this.#snapshotCause ??= 'disconnected';
    else if (this.#replayAttempts >= maxReplayAttempts) this.#snapshotCause ??= 'replay_failed';
    if (this.#snapshotCause !== null || lastEventNs === null) return new Joining(recording, null);
    const startNs = lastEventNs - patienceNs;
    return new Joining(recording, await recording.tail(startNs));
  }

  /** How a file without order records begins: by a snapshot where what was asked for has aged out. */
  get #start(): RecordingStart {
    return this.#snapshotCause === null ? this.#options.start : 'snapshot';
  }

  #subscription(joining: Joining | null): LiveSubscription {
    const { stypeIn, symbol } = this.#options;
    if (joining === null) {
      const start = this.#start;
      const from = start === 'snapshot' ? { snapshot: true } : { startNs: start === 'session' ? 0n : start };
      return { schema: 'mbo', stypeIn, symbols: [symbol], ...from };
    }
    // The symbol may stand for another contract by now.
    const symbols = [...(this.recording?.content.instruments ?? [])].map(String);
    const from = joining.startNs === null ? { snapshot: true } : { startNs: joining.startNs };
    return { schema: 'mbo', stypeIn: 'instrument_id', symbols, ...from };
  }

  async #follow(session: LiveSession, joining: Joining | null): Promise<RecordingEnd | null> {
    this.#session = session;
    const { metadata } = session;
    if (metadata.start > this.clock.nowNs) this.clock.nowNs = metadata.start;
    this.window ??= this.#options.windowAt(this.clock.nowNs);
    if (joining === null) {
      this.#held = new PendingRecords();
      this.#isLive = this.#start === 'snapshot';
    }
    if (this.#options.fromNs === null && !(await this.#open())) return null;
    if (this.recording?.metadata != null && differs(this.recording.metadata, metadata)) return 'changed';
    for await (const batch of session.batches) {
      this.clock.observe(batch);
      this.#announceEnd();
      const goesOn = joining === null ? await this.#takeFirst(batch, metadata) : await this.#takeMore(batch, joining);
      if (!goesOn) return this.#isOver ? 'ended' : null;
    }
    return null;
  }

  /** Opens the file where its name is known; false where it has records already, which a new connection has to be joined to. */
  async #open(): Promise<boolean> {
    if (this.recording !== null || this.rawSymbol === null || this.window === null) return true;
    const { content } = await this.#openFile(await this.#options.pathOf(this.window, this.rawSymbol));
    return content.mboRecords === 0;
  }

  async #openFile(path: string): Promise<Recording> {
    this.recording = await Recording.open(path, {
      onAppend: this.#options.onAppend,
      onWrite: (start, end) => this.#options.onWrite?.(start, end, this.#session?.readMs ?? Number.NaN),
    });
    if ((this.recording.metadata?.schema ?? null) !== null) {
      throw new SpymasterError(
        'FILE_EXISTS',
        `Cannot record to ${path}: it is there already, and no recording; choose another name.`,
        { path },
      );
    }
    if (this.recording.tornBytes > 0) {
      this.#options.notice(
        `Of ${path}, ${this.recording.tornBytes} bytes were cut off: part of a record, as a kill leaves it.`,
      );
    }
    this.#options.onChange();
    return this.recording;
  }

  #announceEnd(): void {
    const { window } = this;
    if (this.#isNearEnd || window === null || this.clock.nowNs < window.endNs - this.#options.leadNs) return;
    this.#isNearEnd = true;
    this.#options.onNearEnd(window);
  }

  get #endNs(): bigint {
    const { untilNs } = this.#options;
    const endNs = this.window?.endNs ?? 0n;
    return untilNs !== null && untilNs < endNs ? untilNs : endNs;
  }

  /** Takes records of a connection that the file begins with. */
  async #takeFirst(batch: RecordBatch, metadata: Metadata): Promise<boolean> {
    if (batch.rtype === rtype.symbolMapping && this.rawSymbol === null) {
      this.rawSymbol = streamMappings(batch)[0]?.stypeOutSymbol ?? null;
    }
    const kept = this.#screen(batch);
    if (kept === null) return !this.#isOver;
    const { fromNs } = this.#options;
    if (this.recording === null || this.recording.metadata === null) {
      const moves = fromNs === null || (batch.rtype === rtypeMbo && firstAtOrAfter(batch, fromNs) >= 0);
      if (this.rawSymbol === null || !moves) {
        // A market that never opens leaves no file.
        if (batch.rtype !== rtype.system) this.#held.add(batch, 0, batch.count);
        return !this.#isOver;
      }
      if (!(await this.#open())) return false;
      if (this.recording !== null && this.recording.metadata === null) await this.recording.begin(metadata);
      for (const run of this.#held.take()) if (!(await this.#write(batchOfRun(run, 0)))) return false;
    }
    if (batch.rtype === rtypeMbo || this.#isLive) this.#become('live');
    if (batch.rtype === rtypeMbo) {
      this.#snapshotCause = null;
      this.#backoff.reset();
    }
    return await this.#write(kept);
  }

  /** Takes records of a connection that goes on with what the file holds. */
  async #takeMore(batch: RecordBatch, joining: Joining): Promise<boolean> {
    const kept = this.#screen(batch, joining);
    if (joining.state === 'joined' && this.#isLive) return kept === null ? !this.#isOver : await this.#write(kept);
    if (kept !== null) await joining.add(kept);
    if (joining.state === 'broken') this.#snapshotCause ??= 'replay_incomplete';
    if (joining.state === 'broken' || joining.state === 'retry') {
      const what =
        joining.state === 'broken' ? 'the replay does not go on from the recording' : 'the snapshot is too old';
      throw new SpymasterError('LIVE_LOST', `Cannot go on with ${this.recording?.path}: ${what}.`);
    }
    if (joining.state === 'open') return !this.#isOver;
    const gap = joining.gap(this.#snapshotCause ?? 'disconnected');
    this.#isLive = joining.isComplete;
    this.#become('live');
    this.#snapshotCause = null;
    this.#replayAttempts = 0;
    this.#backoff.reset();
    return await this.#writeAll(joining.take(), gap);
  }

  /** What is to be written of a run, before it is joined: messages of the session alone are none of the recording's. */
  #screen(batch: RecordBatch, joining: Joining | null = null): RecordBatch | null {
    if (batch.rtype === rtype.error) return this.#screenError(batch);
    if (batch.rtype === rtype.symbolMapping) return this.#isKnown(batch, joining !== null) ? null : batch;
    if (batch.rtype !== rtype.system) return batch;
    const kept: number[] = [];
    for (const [index, { code, text, tsNs }] of systemMessages(batch).entries()) {
      if (code === systemCode.heartbeat) {
        if (this.#isLive) kept.push(index);
        joining?.idle();
        if (tsNs >= this.#endNs + graceNs) this.#isOver ||= this.#isLive;
      } else if (code === systemCode.replayCompleted) {
        joining?.end();
        if (joining !== null && joining.state !== 'joined') continue;
        this.#isLive = true;
        // All of a session that is over has come.
        this.#isOver = this.clock.nowNs >= this.#endNs + graceNs;
      } else if (code === systemCode.slowReaderWarning) {
        this.#options.notice(`The live gateway warns of a slow reader: ${text}.`);
        kept.push(index);
      } else if (code === systemCode.unset) kept.push(index);
    }
    return recordsAt(batch, kept);
  }

  /** Whether the file says already what its instruments are; `byId`: for a subscription by their ids. */
  #isKnown(batch: RecordBatch, byId: boolean): boolean {
    const symbols = this.recording?.content.symbols;
    return streamMappings(batch).every(
      ({ instrumentId, stypeInSymbol, stypeOutSymbol }) =>
        (!byId || stypeInSymbol === String(instrumentId)) && symbols?.get(instrumentId) === stypeOutSymbol,
    );
  }

  #screenError(batch: RecordBatch): RecordBatch | null {
    const kept: number[] = [];
    for (const [index, { code, text }] of errorMessages(batch).entries()) {
      if (code === errorCode.symbolResolution) {
        this.#options.notice(`The live gateway says: ${text}; waiting for it to map.`);
        kept.push(index);
      } else if (code === errorCode.skippedRecords && (this.recording?.content.mboRecords ?? 0) > 0) {
        // What was skipped is replayed, or is missing.
        throw new SpymasterError('LIVE_LOST', `The live gateway skipped records: ${text}.`, { errorCode: code });
      } else if (code === errorCode.unset) kept.push(index);
    }
    return recordsAt(batch, kept);
  }

  async #writeAll(runs: readonly Uint8Array[], gap: Gap | null): Promise<boolean> {
    const [first, ...rest] = runs;
    if (first === undefined) return !this.#isOver;
    if (!(await this.#write(batchOfRun(first, 0), gap))) return false;
    for (const run of rest) if (!(await this.#write(batchOfRun(run, 0)))) return false;
    return !this.#isOver;
  }

  /** Appends a run up to the first record past the session's end, with it; false when that was in it. */
  async #write(batch: RecordBatch, gap: Gap | null = null): Promise<boolean> {
    const { recording } = this;
    if (recording === null) return true;
    let { bytes } = batch;
    if (batch.rtype === rtypeMbo) {
      const last = firstAtOrAfter(batch, this.#endNs);
      if (last >= 0) {
        bytes = bytes.subarray(0, (last + 1) * batch.recordBytes);
        this.#isOver = true;
      }
      this.delayMs = systemClock.nowMs() - Number(this.clock.nowNs / 1000n) / 1000;
    }
    await recording.append([bytes], gap);
    return !this.#isOver;
  }
}

/** Whether a session's stream does not fit a file: its version, dataset, send times or length of symbols differ. */
function differs(a: Metadata, b: Metadata): boolean {
  return (
    a.version !== b.version ||
    a.dataset !== b.dataset ||
    a.tsOut !== b.tsOut ||
    a.symbolCstrLen !== b.symbolCstrLen ||
    a.schema !== null
  );
}
