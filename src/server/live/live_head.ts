import { type CaptureWindow, captureOf } from '../../config/index.ts';
import { gapsOf, isUndefinedTimestamp, mboWord, type RecordBatch, rtypeMbo, wordUnits } from '../../dbn/index.ts';
import { type ReplayCursor, type ReplayStartOptions, startReplay } from '../../replay/index.ts';
import { OverviewBuilder, type SessionOverview } from '../../wire/index.ts';
import { binMessages } from '../bin_messages.ts';
import { Checkpoints } from '../checkpoints.ts';
import { segmentBins } from '../segment.ts';
import { maxTurnMs } from '../segment_producer.ts';
import type { HeadProgress, HeadReply, LiveBin } from './head_protocol.ts';

export interface LiveHeadOptions extends Omit<ReplayStartOptions, 'beforeSlice'> {
  /** When the record at an offset was read from the feed's socket, UNIX milliseconds; NaN where that is not known. */
  readonly readMs: (byteOffset: number) => number;
  readonly post: (reply: HeadReply, transfer: ArrayBuffer[]) => void;
}

/** The engine is at the recording's head while it had read all there was within this time. */
const atHeadMs = 100;

/**
 * Follows a recording to its end and posts each bin when it closes: the engine that makes a live stream. While it catches up with a
 * recording that is longer already, bins are posted by up to 64.
 */
export class LiveHead {
  readonly #options: LiveHeadOptions;
  readonly #capture: CaptureWindow;
  readonly #overview = new OverviewBuilder();
  /** Says where a checkpoint is worth its while; the states go to the thread that makes the past. */
  readonly #spacing = new Checkpoints(0);
  #pending: LiveBin[] = [];
  #slice: RecordBatch | null = null;
  #hasBegun = false;
  #isOver = false;
  #failure: string | null = null;
  #caughtUpMs = Number.NEGATIVE_INFINITY;
  #turnStartMs = 0;
  #progress: HeadProgress = { byteOffset: 0, receivedMs: Number.NaN };

  constructor(options: LiveHeadOptions) {
    this.#options = options;
    this.#capture = captureOf(options.spec.runtime_snapshot);
  }

  /** To be called when the reader has read all that the recording holds: whatever was made is posted before it waits. */
  caughtUp(): void {
    this.#caughtUpMs = this.#options.nowMs();
    this.#flush();
  }

  /** How far the reader is: the engine has seen everything before that but for what is in its hands. */
  get progress(): HeadProgress {
    return this.#progress;
  }

  /** The session so far. */
  overview(): SessionOverview {
    const { serving_id, runtime_snapshot: snapshot } = this.#options.spec;
    const session = { serving_id, start_ns: String(this.#capture.startNs), cell_width_ms: snapshot.cell_width_ms };
    return this.#overview.overview(session, { is_complete: this.#isOver, failure: this.#failure });
  }

  /** Makes the bins of the recording until it ends. Throws what opening the file and resolving the symbol throw. */
  async run(): Promise<void> {
    const { spec, post } = this.#options;
    const { cursor, frameBytes } = await startReplay(
      {
        ...this.#options,
        beforeSlice: async (slice) => {
          this.#begin(slice);
          await this.#yieldIfDue();
        },
      },
      null,
    );
    const messages = binMessages(spec);
    while (await cursor.advance()) {
      const { bin } = cursor.engine;
      const { text, channels } = messages(cursor.engine);
      const { depth, events, features } = channels;
      this.#overview.add(bin);
      this.#pending.push({
        seq: bin.seq,
        frame: frameBytes.slice(),
        text,
        depth: depth.slice(),
        events,
        features,
        timing: cursor.timing,
        eventCount: bin.eventCount,
        receivedMs: this.#closedAtMs(cursor),
        readMs: this.#options.readMs(cursor.byteOffset),
      });
      const isAtHead = this.#options.nowMs() - this.#caughtUpMs < atHeadMs;
      if (isAtHead || this.#pending.length === segmentBins) this.#flush();
      this.#checkpoint(cursor);
      await this.#yieldIfDue();
    }
    this.#isOver = true;
    this.#failure = cursor.end?.kind === 'failed' ? cursor.end.message : null;
    this.#flush();
    post({ kind: 'end', end: cursor.end }, []);
  }

  #begin(slice: RecordBatch): void {
    this.#slice = slice;
    const receivedMs = receivedMsOf(slice, slice.count - 1);
    this.#progress = { byteOffset: slice.byteOffset + slice.count * slice.recordBytes, receivedMs };
    for (const gap of gapsOf(slice) ?? []) this.#options.post({ kind: 'gap', gap }, []);
    if (this.#hasBegun || slice.rtype !== rtypeMbo) return;
    const beganMs = receivedMsOf(slice, 0);
    if (Number.isNaN(beganMs)) return;
    this.#hasBegun = true;
    this.#options.post({ kind: 'begun', receivedMs: beganMs }, []);
  }

  /** When the record that closed the bin was received; NaN for the end of the recording. */
  #closedAtMs({ byteOffset }: ReplayCursor): number {
    const slice = this.#slice;
    if (slice === null) return Number.NaN;
    const index = (byteOffset - slice.byteOffset) / slice.recordBytes;
    return index >= 0 && index < slice.count ? receivedMsOf(slice, index) : Number.NaN;
  }

  #flush(): void {
    const bins = this.#pending;
    if (bins.length === 0) return;
    this.#pending = [];
    this.#options.post(
      { kind: 'bins', bins },
      bins.flatMap(({ frame, depth }) => [frame.buffer, depth.buffer]),
    );
  }

  #checkpoint({ nextSeq, byteOffset, engine, end }: ReplayCursor): void {
    if (end !== null || !this.#spacing.wants(nextSeq)) return;
    const state = engine.save();
    this.#options.post({ kind: 'checkpoint', checkpoint: { nextSeq, byteOffset, state } }, [
      state.buffer as ArrayBuffer,
    ]);
  }

  async #yieldIfDue(): Promise<void> {
    const nowMs = this.#options.nowMs();
    if (nowMs - this.#turnStartMs < maxTurnMs) return;
    await new Promise<void>((resolve) => setImmediate(resolve));
    this.#turnStartMs = this.#options.nowMs();
  }
}

/** When the gateway received a record, UNIX milliseconds: its ts_recv, or of other records than MBO the time in their header; NaN where it does not say. */
function receivedMsOf({ words, recordBytes, rtype: type }: RecordBatch, index: number): number {
  const at = index * (recordBytes >>> 2) + (type === rtypeMbo ? mboWord.tsRecvLo : mboWord.tsEventLo);
  const [lo, hi] = [words[at] ?? 0, words[at + 1] ?? 0];
  return isUndefinedTimestamp(lo, hi) ? Number.NaN : (hi * wordUnits + lo) / 1e6;
}
