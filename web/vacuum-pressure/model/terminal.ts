import type { GridFrame } from '../../../src/engine/index.ts';
import type { GridUpdate, RuntimeConfigMessage, Speed } from '../../../src/wire/index.ts';
import type { Feed, FeedListener } from '../feed/feed.ts';
import { BinSummary } from './bin_summary.ts';
import { type Bookmark, withBookmark } from './bookmarks.ts';
import { type ConnectionState, unconnected } from './connection.ts';
import { type SessionContract, sessionContract, sessionOriginNs } from './contract.ts';
import { FillGroups } from './fill_groups.ts';
import { FillLedger } from './fills.ts';
import { SessionStore } from './session_store.ts';
import type { Settings } from './settings.ts';
import { follow, priceAt, timeAt, type Viewport, visibleBins } from './viewport.ts';

/** What changed; listeners take in what concerns them. */
export type Topic =
  | 'session'
  | 'bin'
  | 'view'
  | 'pointer'
  | 'settings'
  | 'connection'
  | 'playback'
  | 'bookmarks'
  | 'notice';

/** A stream's contract and everything received so far. */
export interface Session {
  readonly contract: SessionContract;
  readonly store: SessionStore;
  readonly fills: FillLedger;
  readonly fillGroups: FillGroups;
  readonly summary: BinSummary;
}

/** A point of the chart, in bins and ticks. */
export interface ChartPoint {
  readonly time: number;
  readonly price: number;
}

export interface Measure {
  readonly from: ChartPoint;
  readonly to: ChartPoint;
}

/** What dragging in the chart does. */
export type Tool = 'pan' | 'measure' | 'zoom';

const initialView: Viewport = {
  left: 0,
  binsPerPx: 1 / 4,
  top: 0,
  ticksPerPx: 1 / 9,
  widthPx: 800,
  heightPx: 500,
};

/** The state of the page: session, view, playback. It draws nothing and knows no browser. */
export class Terminal implements FeedListener {
  settings: Settings;
  session: Session | null = null;
  /** Start of bin 0, UNIX nanoseconds; null before the first bin. */
  originNs: bigint | null = null;
  connectionState: ConnectionState = unconnected;
  view: Viewport = initialView;
  following = true;
  /** What the pointer points at. */
  crosshair: ChartPoint | null = null;
  /** Where the mouse is: the chart may move below it. */
  #pointerPx: readonly [number, number] | null = null;
  /** Whether arrow keys move the crosshair. */
  keyCrosshair = false;
  bookmarks: readonly Bookmark[] = [];
  /** The bin that one stepped to; null: the newest. */
  pinnedSeq: number | null = null;
  measure: Measure | null = null;
  /** The box that is being drawn to zoom into. */
  zoomBox: Measure | null = null;
  paused = false;
  speed: Speed = 1;
  tool: Tool = 'pan';
  /** The last thing that the page has to say, beside the connection's state. */
  noticeText = '';
  readonly #feed: Feed;
  readonly #listeners = new Map<Topic, Set<() => void>>();
  /** After a seek, bins that were under way are dropped until the one asked for comes. */
  #awaited: ((update: GridUpdate) => boolean) | null = null;
  #dropped: readonly [GridUpdate, GridFrame] | null = null;
  #pauseAfterBin = false;
  /** Bins that were under way when the user paused: they are shown when it goes on. */
  #queue: (readonly [GridUpdate, GridFrame])[] = [];
  /** Where to go when the next connection stands: a bin, a UNIX time, or on from the newest bin. */
  #startAt: { readonly seq: number } | { readonly tsNs: bigint } | null;

  constructor(feed: Feed, settings: Settings, startNs: bigint | null) {
    this.#feed = feed;
    this.settings = settings;
    this.#startAt = startNs === null ? null : { tsNs: startNs };
  }

  start(): void {
    this.#feed.start(this);
  }

  /** Calls `listener` whenever one of the topics changed; returns what ends that. */
  on(topics: readonly Topic[], listener: () => void): () => void {
    for (const topic of topics) {
      const listeners = this.#listeners.get(topic) ?? new Set();
      this.#listeners.set(topic, listeners.add(listener));
    }
    return () => {
      for (const topic of topics) this.#listeners.get(topic)?.delete(listener);
    };
  }

  emit(topic: Topic): void {
    for (const listener of this.#listeners.get(topic) ?? []) listener();
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
      this.emit('session');
    } else if (this.#startAt === null && this.session !== null && this.session.store.head >= 0) {
      this.#startAt = { seq: this.session.store.head + 1 };
    }
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
    if (this.session === null) return;
    if (this.#awaited !== null) {
      if (!this.#awaited(update)) {
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
    if (first) this.#centre();
    if (this.following) this.#followNow();
    this.#pointAgain();
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
    this.#awaited = (update) =>
      BigInt(update.ts_ns) >= tsNs && (update.bin_seq === 0 || BigInt(update.bin_start_ns) < tsNs);
    this.#feed.send({ action: 'seek', tsNs });
  }

  #awaitSeq(seq: number): void {
    this.#dropped = null;
    this.#awaited = (update) => update.bin_seq === seq;
  }

  /** Shows the bin `delta` bins from the one shown, and pauses; a bin that has not come yet is fetched. */
  step(delta: number): void {
    const store = this.session?.store;
    if (store === undefined || store.head < 0) return;
    if (!this.paused) this.pause();
    const seq = Math.max(0, this.shownSeq + delta);
    if (this.#queue[0]?.[0].bin_seq === seq) this.#take(...this.#queue.shift()!);
    if (!store.has(seq)) {
      this.seek(seq);
      return;
    }
    this.pinnedSeq = seq;
    const [first, end] = visibleBins(this.view);
    if (seq < first || seq >= end) this.#scrollTo(seq);
    this.#viewChanged();
  }

  /** Connects again at once. */
  retry(): void {
    this.#feed.retry();
  }

  // View

  /** The bin that panels speak of: the one under the pointer, the one stepped to, or the newest. */
  get shownSeq(): number {
    const store = this.session?.store;
    if (store === undefined) return -1;
    if (this.crosshair !== null) {
      const seq = Math.floor(this.crosshair.time);
      if (store.has(seq)) return seq;
    }
    return this.pinnedSeq ?? store.head;
  }

  /** Moves the view by hand: it no longer follows. */
  setView(view: Viewport): void {
    this.view = view;
    this.following = false;
    this.#viewChanged();
  }

  /** Changes the zoom without ceasing to follow, as axis drags and the wheel at the newest bin do. */
  setZoom(view: Viewport): void {
    this.view = view;
    if (this.following) this.#followNow();
    this.#viewChanged();
  }

  followAgain(): void {
    this.following = true;
    this.pinnedSeq = null;
    this.#centre();
    this.#followNow();
    this.#viewChanged();
  }

  #viewChanged(): void {
    this.#pointAgain();
    this.emit('view');
  }

  /** What lies below the mouse now. */
  #pointAgain(): void {
    if (this.#pointerPx === null) return;
    const [x, y] = this.#pointerPx;
    this.crosshair = { time: timeAt(this.view, x), price: priceAt(this.view, y) };
  }

  /** The mouse is at a pixel of the chart, or has left it. */
  pointAt(px: readonly [number, number] | null): void {
    this.#pointerPx = px;
    if (px === null) this.crosshair = null;
    else this.#pointAgain();
    this.emit('pointer');
  }

  #followNow(): void {
    const store = this.session?.store;
    if (store === undefined || store.head < 0) return;
    this.view = follow(this.view, this.settings.followMode, store.head, store.bin('spotTick', store.head));
  }

  #centre(): void {
    const store = this.session?.store;
    if (store === undefined || store.head < 0) return;
    this.view = follow(this.view, 'centre', store.head, store.bin('spotTick', store.head));
  }

  #scrollTo(seq: number): void {
    this.following = false;
    this.view = { ...this.view, left: seq - (this.view.widthPx * this.view.binsPerPx) / 2 };
  }

  /** Moves the crosshair by bins and ticks, starting at the newest bin; the view follows it. */
  moveCrosshair(bins: number, ticks: number): void {
    const store = this.session?.store;
    if (store === undefined || store.head < 0) return;
    const at = this.crosshair ?? { time: this.shownSeq + 0.5, price: store.bin('spotTick', store.head) };
    const point = { time: Math.max(0.5, at.time + bins), price: Math.round(at.price) + ticks };
    if (Number.isNaN(point.price)) return;
    this.#pointerPx = null;
    this.crosshair = point;
    if (this.measure !== null && this.tool === 'measure') this.measure = { ...this.measure, to: point };
    if (this.zoomBox !== null && this.tool === 'zoom') this.zoomBox = { ...this.zoomBox, to: point };
    this.emit('pointer');
  }

  /** Lets arrow keys move the crosshair, or no longer. */
  setKeyCrosshair(on: boolean): void {
    this.keyCrosshair = on;
    if (on) this.moveCrosshair(0, 0);
    else this.pointAt(null);
  }

  setMeasure(measure: Measure | null): void {
    this.measure = measure;
    this.emit('pointer');
  }

  setTool(tool: Tool): void {
    this.tool = tool;
    this.measure = null;
    this.zoomBox = null;
    // By keyboard, the crosshair is the first corner.
    const corner = this.keyCrosshair && this.crosshair !== null ? { from: this.crosshair, to: this.crosshair } : null;
    if (tool === 'measure') this.measure = corner;
    if (tool === 'zoom') this.zoomBox = corner;
    this.emit('settings');
    this.emit('pointer');
  }

  setZoomBox(box: Measure | null): void {
    this.zoomBox = box;
    this.emit('pointer');
  }

  change(patch: Partial<Settings>): void {
    this.settings = { ...this.settings, ...patch };
    if (patch.followMode !== undefined && this.following) this.#followNow();
    this.emit('settings');
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

  // Time

  /** End of the bin shown, UNIX nanoseconds. */
  get shownTsNs(): bigint | null {
    if (this.originNs === null || this.session === null || this.shownSeq < 0) return null;
    return this.originNs + BigInt(this.shownSeq + 1) * BigInt(this.session.contract.cellNs);
  }

  /** UNIX milliseconds of a position on the time axis; NaN before the first bin. */
  unixMs(time: number): number {
    if (this.originNs === null || this.session === null) return Number.NaN;
    return Number(this.originNs / 1000n) / 1000 + (time * this.session.contract.cellNs) / 1e6;
  }

  /** Position on the time axis of a UNIX time in milliseconds; NaN before the first bin. */
  timeOf(unixMs: number): number {
    if (this.originNs === null || this.session === null) return Number.NaN;
    return ((unixMs - Number(this.originNs / 1000n) / 1000) * 1e6) / this.session.contract.cellNs;
  }
}
