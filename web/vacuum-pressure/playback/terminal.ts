import type { GridFrame } from '../../../src/engine/index.ts';
import type { GridUpdate, RuntimeConfigMessage, SessionOverview, Speed } from '../../../src/wire/index.ts';
import { type ConnectionState, unconnected } from '../feed/connection.ts';
import type { Feed, FeedListener, FileReport } from '../feed/feed.ts';
import { BinSummary } from '../session/bin_summary.ts';
import { sessionContract, sessionOriginNs } from '../session/contract.ts';
import { FillGroups } from '../session/fill_groups.ts';
import { FillLedger } from '../session/fills.ts';
import { SessionStore } from '../session/session_store.ts';
import { ChartState } from '../viewport/chart_state.ts';
import type { Settings } from '../viewport/settings.ts';
import { visibleBins } from '../viewport/viewport.ts';
import { type Bookmark, withBookmark } from './bookmarks.ts';

/** The state of the page: a chart, and the replay that fills it. It draws nothing and knows no browser. */
export class Terminal extends ChartState implements FeedListener {
  connectionState: ConnectionState = unconnected;
  bookmarks: readonly Bookmark[] = [];
  paused = false;
  speed: Speed = 1;
  /** How a file fares that the browser replays itself; null for a server's stream. */
  fileWords: FileReport | null = null;
  /** The last thing that the page has to say, beside the connection's state. */
  noticeText = '';
  readonly #feed: Feed;
  /** After a seek, bins that were under way are dropped until the one asked for comes; `seq` is its number, where known. */
  #awaited: { readonly seq: number | null; readonly is: (update: GridUpdate) => boolean } | null = null;
  #dropped: readonly [GridUpdate, GridFrame] | null = null;
  #pauseAfterBin = false;
  /** Bins that were under way when the user paused: they are shown when it goes on. */
  #queue: (readonly [GridUpdate, GridFrame])[] = [];
  /** Where to go when the next connection stands: a bin, a UNIX time, or on from the newest bin. */
  #startAt: { readonly seq: number } | { readonly tsNs: bigint } | null;

  constructor(feed: Feed, settings: Settings, startNs: bigint | null) {
    super(settings);
    this.#feed = feed;
    this.#startAt = startNs === null ? null : { tsNs: startNs };
  }

  start(): void {
    this.#feed.start(this);
  }

  // What the feed tells

  config(message: RuntimeConfigMessage): void {
    const known = this.session?.contract.config;
    if (known?.effective_config_hash !== message.effective_config_hash) {
      const contract = sessionContract(message);
      const store = new SessionStore(contract);
      const fills = new FillLedger(store);
      this.session = { contract, store, fills, fillGroups: new FillGroups(fills), summary: new BinSummary(store) };
      this.originNs = null;
      this.pinnedSeq = null;
      this.overview = null;
      this.emit('session');
    } else if (this.#startAt === null && this.session !== null && this.session.store.head >= 0) {
      this.#startAt = { seq: this.session.store.head + 1 };
    }
    if (this.overview?.is_complete !== true) this.#feed.askOverview(message.serving.serving_id);
    this.#resume();
  }

  /** The feed knows more of the whole session. */
  sessionOverview(overview: SessionOverview): void {
    this.overview = overview;
    this.emit('overview');
  }

  /** What is wrong with a file, and what of it was left out. */
  fileReport(report: FileReport): void {
    this.fileWords = report;
    this.emit('notice');
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
    if (this.session === null) return;
    if (this.#awaited !== null) {
      if (!this.#awaited.is(update)) {
        this.#dropped = [update, frame];
        return;
      }
      this.#awaited = null;
    }
    if (this.paused && !this.#pauseAfterBin) {
      this.#queue.push([update, frame]);
      return;
    }
    this.#take(update, frame);
    if (this.#pauseAfterBin) {
      this.#pauseAfterBin = false;
      this.#feed.send({ action: 'pause' });
    }
  }

  #take(update: GridUpdate, frame: GridFrame): void {
    const { contract, store, fills, fillGroups, summary } = this.session!;
    this.originNs = sessionOriginNs(contract, update, this.originNs);
    const first = store.count === 0;
    store.put(update, frame);
    fills.put(update.bin_seq);
    fillGroups.invalidate(update.bin_seq);
    summary.invalidate(update.bin_seq);
    if (first) this.centre();
    if (this.following) this.followNow();
    this.pointAgain();
    this.emit('bin');
  }

  connection(state: ConnectionState): void {
    this.connectionState = state;
    if (state.phase === 'ended' && this.#awaited !== null) {
      this.#awaited = null;
      if (this.#dropped !== null) this.#take(...this.#dropped);
    }
    if (state.phase !== 'streaming') this.#dropped = null;
    this.emit('connection');
  }

  notice(message: string): void {
    this.#awaited = null;
    this.say(message);
  }

  /** Shows a sentence in the status bar until there is another. */
  say(message: string): void {
    this.noticeText = message;
    this.emit('notice');
  }

  // Playback

  play(): void {
    this.paused = false;
    this.pinnedSeq = null;
    this.following = true;
    const queue = this.#queue;
    this.#queue = [];
    for (const [update, frame] of queue) this.#take(update, frame);
    if (this.connectionState.phase === 'ended') {
      if (queue.length === 0) this.restart();
    } else {
      this.#feed.send({ action: 'speed', speed: this.speed });
      this.#feed.send({ action: 'resume' });
    }
    this.emit('playback');
  }

  pause(): void {
    this.paused = true;
    this.#feed.send({ action: 'pause' });
    this.emit('playback');
  }

  restart(): void {
    this.paused = false;
    this.pinnedSeq = null;
    this.following = true;
    this.#startAt = { seq: 0 };
    this.#queue = [];
    if (this.connectionState.phase === 'streaming') {
      this.#awaitSeq(0);
      this.#startAt = null;
      this.#feed.send({ action: 'restart' });
    } else this.#feed.retry();
    this.emit('playback');
  }

  setSpeed(speed: Speed): void {
    this.speed = speed;
    this.#feed.send({ action: 'speed', speed });
    this.emit('playback');
  }

  /** The bin that a seek is about to bring, else the one shown: keys that come faster than bins go on from here. */
  get headedSeq(): number {
    return this.#awaited?.seq ?? this.shownSeq;
  }

  /** Continues the stream at a bin; while paused, that one bin is fetched and shown. */
  seek(seq: number): void {
    const target = Math.max(0, Math.floor(seq));
    this.pinnedSeq = null;
    this.following = true;
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
    this.emit('playback');
  }

  /** Continues the stream at the bin that holds a UNIX time in milliseconds. */
  seekTime(unixMs: number): void {
    const time = this.timeOf(unixMs);
    if (!Number.isNaN(time)) this.seek(Math.ceil(time - 1e-6) - 1);
  }

  #sendSeek(seq: number): void {
    this.#awaitSeq(seq);
    this.#feed.send({ action: 'seek', binSeq: seq });
  }

  #sendSeekTime(tsNs: bigint): void {
    const is = (update: GridUpdate) =>
      BigInt(update.ts_ns) >= tsNs && (update.bin_seq === 0 || BigInt(update.bin_start_ns) < tsNs);
    this.#awaited = { seq: null, is };
    this.#feed.send({ action: 'seek', tsNs });
  }

  #awaitSeq(seq: number): void {
    this.#dropped = null;
    this.#awaited = { seq, is: (update) => update.bin_seq === seq };
  }

  /** Shows the bin `delta` bins from the one shown, and pauses; a bin that has not come yet is fetched. */
  step(delta: number): void {
    const store = this.session?.store;
    if (store === undefined || store.head < 0) return;
    if (!this.paused) this.pause();
    const seq = Math.max(0, this.headedSeq + delta);
    if (this.#queue[0]?.[0].bin_seq === seq) this.#take(...this.#queue.shift()!);
    if (!store.has(seq)) {
      this.seek(seq);
      return;
    }
    this.pinnedSeq = seq;
    const [first, end] = visibleBins(this.view);
    if (seq < first || seq >= end) this.scrollTo(seq);
    this.viewChanged();
  }

  /** Connects again at once. */
  retry(): void {
    this.#feed.retry();
  }

  // Bookmarks

  setBookmarks(bookmarks: readonly Bookmark[]): void {
    this.bookmarks = bookmarks;
    this.emit('bookmarks');
  }

  /** Remembers the bin shown under a name. */
  addBookmark(name: string): void {
    const tsNs = this.shownTsNs;
    if (tsNs !== null) this.setBookmarks(withBookmark(this.bookmarks, { tsNs: String(tsNs), name }));
  }
}
