import type { GridFrame } from '../../../src/engine/index.ts';
import type { GridUpdate, RuntimeConfigMessage, SessionOverview, Speed } from '../../../src/wire/index.ts';
import { type ConnectionState, unconnected } from '../feed/connection.ts';
import type { Feed, FeedListener, FileReport } from '../feed/feed.ts';
import type { SessionData } from '../session/session_data.ts';
import type { Topics } from '../session/topics.ts';
import type { ChartState } from '../viewport/chart_state.ts';
import type { Notices } from './notices.ts';

type Bin = readonly [GridUpdate, GridFrame];

/** The parts of the page that playback works on. */
export interface PlaybackParts {
  readonly topics: Topics;
  readonly data: SessionData;
  readonly chart: ChartState;
  readonly notices: Notices;
}

/** Play, pause, seek, step and speed of a feed, and the bins that it sends: which are shown, queued or dropped. */
export class Playback implements FeedListener {
  connectionState: ConnectionState = unconnected;
  paused = false;
  speed: Speed = 1;
  /** The condition of a file that the browser replays itself; null for a server's stream. */
  report: FileReport | null = null;
  readonly #feed: Feed;
  readonly #parts: PlaybackParts;
  /** After a seek, in-flight bins are dropped until the target comes; `seq` is its number, where known. */
  #target: { readonly seq: number | null; readonly is: (update: GridUpdate) => boolean } | null = null;
  /** The last bin dropped: the last of the session, when the target lies past its end. */
  #dropped: Bin | null = null;
  #pauseAfterBin = false;
  /** Bins that were in flight when the user paused; they are shown when playback goes on. */
  #queue: Bin[] = [];
  /** Where the next connection starts: a bin, or a UNIX time; null: on from the newest bin. */
  #startAt: { readonly seq: number } | { readonly tsNs: bigint } | null;

  constructor(feed: Feed, parts: PlaybackParts, startNs: bigint | null) {
    this.#feed = feed;
    this.#parts = parts;
    this.#startAt = startNs === null ? null : { tsNs: startNs };
  }

  start(): void {
    this.#feed.start(this);
  }

  // Messages of the feed

  config(message: RuntimeConfigMessage): void {
    const { data } = this.#parts;
    if (!data.isOf(message)) data.open(message);
    else if (this.#startAt === null && data.session !== null && data.session.store.head >= 0) {
      this.#startAt = { seq: data.session.store.head + 1 };
    }
    if (data.overview?.is_complete !== true) this.#feed.askOverview(message.serving.serving_id);
    this.#resume();
  }

  /** Brings a new connection to where the page wants to be. */
  #resume(): void {
    const startAt = this.#startAt;
    this.#startAt = null;
    this.#queue = [];
    if (this.speed !== 1) this.#feed.send({ action: 'speed', speed: this.speed });
    if (startAt !== null && 'seq' in startAt) this.#sendSeek(startAt.seq);
    else if (startAt !== null) this.#sendSeekTime(startAt.tsNs);
    if (this.paused) {
      if (startAt === null || this.#pauseAfterBin) this.#pauseAfterBin = true;
      else this.#feed.send({ action: 'pause' });
    }
  }

  bin(update: GridUpdate, frame: GridFrame): void {
    if (this.#parts.data.session === null) return;
    if (this.#target !== null) {
      if (!this.#target.is(update)) {
        this.#dropped = [update, frame];
        return;
      }
      this.#target = null;
    }
    if (this.paused && !this.#pauseAfterBin) {
      this.#queue.push([update, frame]);
      return;
    }
    this.#take([update, frame]);
    if (this.#pauseAfterBin) {
      this.#pauseAfterBin = false;
      this.#feed.send({ action: 'pause' });
    }
  }

  #take([update, frame]: Bin): void {
    const { topics, data, chart } = this.#parts;
    const isFirst = data.session?.store.count === 0;
    data.put(update, frame);
    chart.binPut(isFirst);
    topics.emit('bin');
  }

  connection(state: ConnectionState): void {
    this.connectionState = state;
    if (state.phase === 'ended' && this.#target !== null) {
      this.#target = null;
      if (this.#dropped !== null) this.#take(this.#dropped);
    }
    if (state.phase !== 'streaming') this.#dropped = null;
    this.#parts.topics.emit('connection');
  }

  sessionOverview(overview: SessionOverview): void {
    this.#parts.data.setOverview(overview);
  }

  fileReport(report: FileReport): void {
    this.report = report;
    this.#parts.topics.emit('notice');
  }

  controlFailed(message: string): void {
    this.#target = null;
    this.notice(message);
  }

  notice(message: string): void {
    this.#parts.notices.say(message);
  }

  // Controls

  play(): void {
    this.paused = false;
    this.#parts.chart.showNewest();
    const queue = this.#queue;
    this.#queue = [];
    for (const bin of queue) this.#take(bin);
    if (this.connectionState.phase === 'ended') {
      if (queue.length === 0) this.restart();
    } else {
      this.#feed.send({ action: 'speed', speed: this.speed });
      this.#feed.send({ action: 'resume' });
    }
    this.#parts.topics.emit('playback');
  }

  pause(): void {
    this.paused = true;
    this.#feed.send({ action: 'pause' });
    this.#parts.topics.emit('playback');
  }

  restart(): void {
    this.paused = false;
    this.#parts.chart.showNewest();
    this.#startAt = { seq: 0 };
    this.#queue = [];
    if (this.connectionState.phase === 'streaming') {
      this.#awaitSeq(0);
      this.#startAt = null;
      this.#feed.send({ action: 'restart' });
    } else this.#feed.retry();
    this.#parts.topics.emit('playback');
  }

  setSpeed(speed: Speed): void {
    this.speed = speed;
    this.#feed.send({ action: 'speed', speed });
    this.#parts.topics.emit('playback');
  }

  /** The target of a seek under way, else the bin shown: keys that come faster than bins go on from here. */
  get seekTargetSeq(): number {
    return this.#target?.seq ?? this.#parts.chart.shownSeq;
  }

  /** Continues the stream at a bin; while paused, that one bin is fetched and shown. */
  seek(seq: number): void {
    const target = Math.max(0, Math.floor(seq));
    this.#parts.chart.showNewest();
    this.#queue = [];
    if (this.paused) this.#pauseAfterBin = true;
    if (this.connectionState.phase === 'streaming') {
      this.#sendSeek(target);
      if (this.paused) {
        if (this.speed === 'max' || this.speed > 1) this.#feed.send({ action: 'speed', speed: 1 });
        this.#feed.send({ action: 'resume' });
      }
    } else {
      this.#startAt = { seq: target };
      this.#feed.retry();
    }
    this.#parts.topics.emit('playback');
  }

  /** Continues the stream at the bin that holds a UNIX time in milliseconds. */
  seekTime(unixMs: number): void {
    const time = this.#parts.data.timeOf(unixMs);
    if (!Number.isNaN(time)) this.seek(Math.ceil(time - 1e-6) - 1);
  }

  #sendSeek(seq: number): void {
    this.#awaitSeq(seq);
    this.#feed.send({ action: 'seek', binSeq: seq });
  }

  #sendSeekTime(tsNs: bigint): void {
    const is = (update: GridUpdate) =>
      BigInt(update.ts_ns) >= tsNs && (update.bin_seq === 0 || BigInt(update.bin_start_ns) < tsNs);
    this.#target = { seq: null, is };
    this.#feed.send({ action: 'seek', tsNs });
  }

  #awaitSeq(seq: number): void {
    this.#dropped = null;
    this.#target = { seq, is: (update) => update.bin_seq === seq };
  }

  /** Shows the bin `delta` bins from the one shown, and pauses; a bin that has not come yet is fetched. */
  step(delta: number): void {
    const store = this.#parts.data.session?.store;
    if (store === undefined || store.head < 0) return;
    if (!this.paused) this.pause();
    const seq = Math.max(0, this.seekTargetSeq + delta);
    const [queued] = this.#queue;
    if (queued?.[0].bin_seq === seq) {
      this.#queue.shift();
      this.#take(queued);
    }
    if (store.has(seq)) this.#parts.chart.showBin(seq);
    else this.seek(seq);
  }

  /** Connects again at once. */
  retry(): void {
    this.#feed.retry();
  }
}
