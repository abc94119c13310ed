import type { GridFrame } from '../../../src/engine/index.ts';
import { notNull } from '../../../src/errors.ts';
import type {
  DepthFrame,
  FeaturesMessage,
  GridUpdate,
  OrderEventsMessage,
  RuntimeConfigMessage,
  SessionOverview,
  Speed,
} from '../../../src/wire/index.ts';
import { type ConnectionState, unconnected } from '../feed/connection.ts';
import type { Feed, FeedListener, FileReport } from '../feed/feed.ts';
import { unixMsOf } from '../session/format.ts';
import type { SessionData } from '../session/session_data.ts';
import type { Topics } from '../session/topics.ts';
import type { ChartState } from '../viewport/chart_state.ts';
import { binsAfter, type JumpSpan, jumpSpan, maxJumpBins, missingHistory, spanUpTo } from './jump.ts';
import type { Live } from './live.ts';
import type { Notices } from './notices.ts';

type Bin = readonly [GridUpdate, GridFrame];

/** The parts of the page that playback works on. */
export interface PlaybackParts {
  readonly topics: Topics;
  readonly data: SessionData;
  readonly chart: ChartState;
  readonly notices: Notices;
  readonly live: Live;
}

/** Play, pause, seek, step and speed of a feed, and the bins that it sends: which are shown, queued or dropped. */
export class Playback implements FeedListener {
  connectionState: ConnectionState = unconnected;
  /** When that became so, UNIX milliseconds. */
  connectionAtMs = Date.now();
  paused = false;
  speed: Speed = 1;
  /** The condition of a file that the browser replays itself; null for a server's stream. */
  report: FileReport | null = null;
  readonly #feed: Feed;
  readonly #parts: PlaybackParts;
  /** End of the bin that a jump leads to, UNIX nanoseconds, until its first column is there. */
  seekingNs: bigint | null = null;
  /** After a seek, the bins that are waited for: others are in flight from before it, and dropped. */
  #target: JumpSpan | null = null;
  /** A UNIX time that is sought before the page knows its bin; the first bin to come tells. */
  #targetNs: bigint | null = null;
  /** The last bin that came while one is waited for: the last of the session, when the target lies past its end. */
  #latest: Bin | null = null;
  /** The last bin that was not waited for: those that come have higher numbers, unless they come twice. */
  #lastSeq = -1;
  /** Bins by which the stream was ahead of the moment of the last jump when that was there. */
  #binsAhead = 0;
  #pauseAfterBin = false;
  /** Bins that were in flight when the user paused; they are shown when playback goes on. */
  #queue: Bin[] = [];
  /** Where the next connection starts: a bin, a jump, or a jump to a UNIX time; null: on from the newest bin. */
  #startAt: { readonly seq: number } | JumpSpan | { readonly tsNs: bigint } | null;

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
    // The server begins a live stream at its newest bin, and brings those before it.
    const goesOnLive = message.live === true && !this.paused;
    if (!data.isOf(message)) data.open(message);
    else if (this.#startAt === null && this.#target !== null) this.#startAt = this.#target;
    else if (this.#startAt === null && !goesOnLive && data.session !== null && data.session.store.head >= 0) {
      this.#startAt = { seq: data.session.store.head + 1 };
    }
    if (data.overview?.is_complete !== true) this.#feed.askOverview(message.serving.serving_id);
    this.#resume();
  }

  /** Brings a new connection to where the page wants to be. */
  #resume(): void {
    const startAt = this.#startAt;
    this.#startAt = null;
    this.#target = null;
    this.#lastSeq = -1;
    this.#queue = [];
    if (this.speed !== 1) this.#feed.send({ action: 'speed', speed: this.speed });
    if (startAt !== null && 'seq' in startAt) this.#sendSeek({ first: startAt.seq, last: startAt.seq, moment: null });
    else if (startAt !== null && 'tsNs' in startAt) this.#sendSeekTime(startAt.tsNs);
    else if (startAt !== null) this.#sendSeek(startAt);
    if (this.paused) {
      if (startAt === null || this.#pauseAfterBin) this.#pauseAfterBin = true;
      else this.#feed.send({ action: 'pause' });
    }
  }

  bin(update: GridUpdate, frame: GridFrame): void {
    if (this.#parts.data.session === null) return;
    this.#parts.live.arrived(update.bin_seq, Date.now());
    if (this.#targetNs !== null) this.#resolveTarget(update, this.#targetNs);
    const target = this.#target;
    if (target !== null) {
      this.#latest = [update, frame];
      if (update.bin_seq < target.first || update.bin_seq > target.last) return;
      if (update.bin_seq < target.last) {
        this.#takeHistory(update, frame);
        return;
      }
      this.#reached(target);
    } else if (update.bin_seq <= this.#lastSeq) return;
    this.#lastSeq = update.bin_seq;
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

  /** Learns from any bin of the session which bins a link's time means. */
  #resolveTarget({ bin_start_ns, bin_seq }: GridUpdate, tsNs: bigint): void {
    const cellNs = BigInt(notNull(this.#parts.data.session).contract.cellNs);
    const startNs = BigInt(bin_start_ns) - BigInt(bin_seq) * cellNs;
    this.#targetNs = null;
    if (tsNs <= startNs) this.notice('That time is before the session, whose first bin is shown.');
    const span = jumpSpan(Number((tsNs - startNs - 1n) / cellNs), this.#widthBins, this.#binCount);
    this.#target = span;
    this.#parts.chart.aim(span.last, span.moment);
  }

  depth(frame: DepthFrame): void {
    this.#parts.data.putDepth(frame);
  }

  events(message: OrderEventsMessage): void {
    this.#parts.data.putEvents(message);
  }

  features(message: FeaturesMessage): void {
    this.#parts.data.putFeatures(message);
  }

  /** A bin before the one that a seek leads to. */
  #takeHistory(update: GridUpdate, frame: GridFrame): void {
    const { topics, data, chart } = this.#parts;
    data.putHistory(update, frame);
    chart.historyPut(update.bin_seq, this.seekingNs !== null);
    this.#seekingEnds();
    topics.emit('bin');
  }

  #reached({ moment, last }: JumpSpan): void {
    this.#binsAhead = last - (moment ?? last);
    this.#target = null;
    this.#latest = null;
    this.#seekingEnds();
    if (this.paused) this.#parts.chart.pin(moment);
  }

  #seekingEnds(): void {
    if (this.seekingNs === null) return;
    this.seekingNs = null;
    this.#parts.topics.emit('playback');
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
    this.connectionAtMs = Date.now();
    if (state.phase === 'ended' && this.#target !== null) {
      const latest = this.#latest;
      this.#reached({ ...this.#target, moment: null });
      if (latest !== null) this.#take(latest);
      this.notice('That time is after the session, whose last bin is shown.');
    }
    if (state.phase !== 'streaming') this.#latest = null;
    if (state.phase === 'refused' || state.phase === 'failed' || state.phase === 'violated') this.#seekingEnds();
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
    this.#targetNs = null;
    this.#seekingEnds();
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
    this.#seekingEnds();
    if (this.connectionState.phase === 'streaming') {
      this.#await({ first: 0, last: 0, moment: null });
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

  /** The target of a seek under way, else the bin shown: steps that come faster than bins go on from here. */
  get #stepFromSeq(): number {
    return this.#target?.moment ?? this.#target?.last ?? this.#parts.chart.shownSeq;
  }

  /** The moment from which jumps by keys go on: that of the last jump, moved on with the stream. */
  get seekTargetSeq(): number {
    const { pinnedSeq, momentSeq } = this.#parts.chart;
    const isAhead = this.#target === null && pinnedSeq === null && momentSeq !== null;
    return this.#stepFromSeq - (isAhead ? this.#binsAhead : 0);
  }

  /** Bins that the view is wide. */
  get #widthBins(): number {
    const { widthPx, binsPerPx } = this.#parts.chart.view;
    return Math.ceil(widthPx * binsPerPx);
  }

  /** Number of the session's bins; null while it is unknown. */
  get #binCount(): number | null {
    const { connectionState: state } = this;
    const { data, live } = this.#parts;
    const { overview } = data;
    if (live.isOn) return live.newestSeq + 1;
    return overview?.is_complete === true ? overview.bin_count : state.phase === 'ended' ? state.binCount : null;
  }

  /** Jumps to a bin: the view shows the time before it and a little after it; while paused, the bin is stepped to. */
  seek(seq: number): void {
    const bins = this.#binCount;
    if (seq < 0) this.notice('That time is before the session, whose first bin is shown.');
    if (bins !== null && seq >= bins) {
      this.notice(
        this.#parts.live.isOn
          ? 'That time is still to come; the newest bin is shown.'
          : 'That time is after the session, whose last bin is shown.',
      );
    }
    this.#goTo(jumpSpan(Math.floor(seq), this.#widthBins, bins));
  }

  /** Goes on at the newest bin of a live stream, at the market's own pace. */
  toLive(): void {
    const { live } = this.#parts;
    if (!live.isOn) return;
    this.paused = false;
    this.#pauseAfterBin = false;
    this.speed = 1;
    this.#goTo(spanUpTo(Math.max(0, live.newestSeq), this.#widthBins, null));
    this.#feed.send({ action: 'speed', speed: 1 });
    this.#feed.send({ action: 'resume' });
  }

  /** Jumps to the bin that holds a UNIX time in milliseconds. */
  seekTime(unixMs: number): void {
    const time = this.#parts.data.timeOf(unixMs);
    if (!Number.isNaN(time)) this.seek(Math.ceil(time - 1e-6) - 1);
  }

  /** Jumps to the bin that holds a UNIX time in nanoseconds, once the session is known. */
  seekNs(tsNs: bigint): void {
    if (this.#parts.data.originNs !== null) this.seekTime(unixMsOf(tsNs));
    else if (this.connectionState.phase === 'streaming') this.#sendSeekTime(tsNs);
    else this.#startAt = { tsNs };
  }

  /** Continues the stream at the end of a span, whose bins before that are sent at once where they are not held. */
  #goTo(span: JumpSpan): void {
    const { chart, topics } = this.#parts;
    chart.aim(span.last, span.moment);
    this.#queue = [];
    if (this.paused) this.#pauseAfterBin = true;
    if (this.connectionState.phase === 'streaming') {
      this.#sendSeek(span);
      if (this.paused) {
        if (this.speed === 'max' || this.speed > 1) this.#feed.send({ action: 'speed', speed: 1 });
        this.#feed.send({ action: 'resume' });
      }
    } else {
      this.#startAt = span;
      this.#feed.retry();
    }
    topics.emit('playback');
  }

  #sendSeek(span: JumpSpan): void {
    const { data } = this.#parts;
    const historyBins = data.session === null ? 0 : missingHistory(data.session.store, span);
    if (span.moment !== null && !data.session?.store.has(span.moment)) this.seekingNs = data.endNs(span.moment);
    this.#await(span);
    this.#feed.send({ action: 'seek', binSeq: span.last, ...(historyBins > 0 && { historyBins }) });
  }

  #sendSeekTime(tsNs: bigint): void {
    const cellNs = BigInt(notNull(this.#parts.data.session).contract.cellNs);
    const widthBins = Math.min(this.#widthBins, maxJumpBins);
    this.#await(null);
    this.#targetNs = tsNs;
    this.seekingNs = tsNs;
    this.#feed.send({
      action: 'seek',
      tsNs: tsNs + BigInt(binsAfter(widthBins)) * cellNs,
      historyBins: widthBins - 1,
    });
    this.#parts.topics.emit('playback');
  }

  #await(span: JumpSpan | null): void {
    this.#latest = null;
    this.#targetNs = null;
    this.#target = span;
  }

  /** Shows the bin `delta` bins from the one shown, and pauses; a bin that has not come yet is fetched. */
  step(delta: number): void {
    const store = this.#parts.data.session?.store;
    if (store === undefined || store.head < 0) return;
    if (!this.paused) this.pause();
    const seq = Math.max(0, this.#stepFromSeq + delta);
    const [queued] = this.#queue;
    if (queued?.[0].bin_seq === seq) {
      this.#queue.shift();
      this.#take(queued);
    }
    if (store.has(seq)) this.#parts.chart.showBin(seq);
    else this.#goTo(spanUpTo(seq, this.#widthBins, null));
  }

  /** Connects again at once. */
  retry(): void {
    this.#feed.retry();
  }
}
