import type { GridFrame } from '../../../src/engine/index.ts';
import { notNull } from '../../../src/errors.ts';
import type {
  DepthFrame,
  FeaturesMessage,
  GridUpdate,
  OrderEventsMessage,
  RuntimeConfigMessage,
  SessionOverview,
} from '../../../src/wire/index.ts';
import { BinSummary } from './bin_summary.ts';
import { BookDepth } from './book_depth.ts';
import type { CellArchive } from './cell_archive.ts';
import { sessionContract, sessionOriginNs } from './contract.ts';
import { EventLedger } from './event_ledger.ts';
import { FeatureLedger } from './feature_ledger.ts';
import { FillGroups } from './fill_groups.ts';
import { FillLedger } from './fills.ts';
import { unixMsOf } from './format.ts';
import { MarkGroups } from './mark_groups.ts';
import { RecentBooks } from './recent_books.ts';
import { retainedBins } from './retention.ts';
import type { Session } from './session.ts';
import { SessionStore } from './session_store.ts';
import type { Topics } from './topics.ts';
import { TradeLedger } from './trade_ledger.ts';

/** Hears of the bins that the stream goes on with, and of the events of all. */
export interface BinListener {
  bin(update: GridUpdate): void;
  events(message: OrderEventsMessage): void;
}

/** The session that is streamed: its bins so far, its overview, and its place in time. */
export class SessionData {
  session: Session | null = null;
  /** Summary of the whole session, received or not. */
  overview: SessionOverview | null = null;
  /** Start of bin 0, UNIX nanoseconds; null before the first bin. */
  originNs: bigint | null = null;
  /** The bin that came last, newest or not; −1 before the first. */
  latestSeq = -1;
  listener: BinListener | null = null;
  readonly #topics: Topics;
  readonly #openArchive: () => CellArchive | null;

  /** `openArchive` gives a place for the cells of a session, null where there is none. */
  constructor(topics: Topics, openArchive: () => CellArchive | null = () => null) {
    this.#topics = topics;
    this.#openArchive = openArchive;
  }

  /** Whether the bins held were computed with this configuration. */
  isOf(config: RuntimeConfigMessage): boolean {
    return this.session?.contract.config.effective_config_hash === config.effective_config_hash;
  }

  /** Starts an empty session; throws PROTOCOL with the field of the configuration that is wrong. */
  open(config: RuntimeConfigMessage): void {
    const contract = sessionContract(config);
    this.session?.store.close();
    const store = new SessionStore(contract, retainedBins, this.#openArchive());
    const fills = new FillLedger(store);
    const events = new EventLedger(contract.tickInt);
    this.session = {
      contract,
      store,
      book: new BookDepth(),
      recent: new RecentBooks(),
      trades: new TradeLedger(),
      events,
      markGroups: new MarkGroups(events, store),
      features: new FeatureLedger(),
      fills,
      fillGroups: new FillGroups(fills),
      summary: new BinSummary(store),
    };
    this.originNs = null;
    this.latestSeq = -1;
    this.overview = null;
    this.#topics.emit('session');
  }

  /** Copies a bin of the open session; throws PROTOCOL when it does not lie on the time axis or the price grid. */
  put(update: GridUpdate, frame: GridFrame): void {
    this.#put(update, frame, true);
    this.listener?.bin(update);
  }

  /** As `put`, of a bin before those that the stream goes on with: the newest bin stays. */
  putHistory(update: GridUpdate, frame: GridFrame): void {
    this.#put(update, frame, false);
  }

  #put(update: GridUpdate, frame: GridFrame, isNewest: boolean): void {
    const { contract, store, fills, fillGroups, markGroups, summary } = notNull(this.session);
    this.originNs = sessionOriginNs(contract, update, this.originNs);
    store.put(update, frame, isNewest);
    this.latestSeq = update.bin_seq;
    fills.put(update.bin_seq);
    // The bin after it had no predecessor until now.
    if (store.has(update.bin_seq + 1)) fills.put(update.bin_seq + 1);
    for (const seq of [update.bin_seq, update.bin_seq + 1]) fillGroups.invalidate(seq);
    summary.invalidate(update.bin_seq);
    markGroups.invalidate(update.bin_seq);
  }

  /** Keeps the book of a bin, and what happened in it. */
  putDepth(frame: DepthFrame): void {
    if (this.session === null) return;
    const { book, recent, trades } = this.session;
    book.put(frame);
    recent.put(frame);
    trades.put(frame);
    this.#topics.emit('depth');
  }

  /** Keeps the events of a bin. */
  putEvents(message: OrderEventsMessage): void {
    if (this.session === null) return;
    this.session.events.put(message);
    if (message.events.length > 0) this.session.markGroups.invalidate(message.bin_seq);
    this.listener?.events(message);
    if (message.events.length > 0) this.#topics.emit('events');
  }

  /** Keeps the features of a bin. */
  putFeatures(message: FeaturesMessage): void {
    if (this.session === null) return;
    this.session.features.put(message);
    this.#topics.emit('features');
  }

  setOverview(overview: SessionOverview): void {
    this.overview = overview;
    this.#topics.emit('overview');
  }

  /** End of a bin, UNIX nanoseconds; null before the first bin. */
  endNs(seq: number): bigint | null {
    if (this.originNs === null || this.session === null || seq < 0) return null;
    return this.originNs + BigInt(seq + 1) * BigInt(this.session.contract.cellNs);
  }

  /** UNIX milliseconds of a position on the time axis, in bins; NaN before its start is known. */
  unixMs(time: number): number {
    const originMs = this.#originMs();
    return this.session === null ? Number.NaN : originMs + (time * this.session.contract.cellNs) / 1e6;
  }

  /** Position on the time axis, in bins, of a UNIX time in milliseconds; NaN before its start is known. */
  timeOf(unixMs: number): number {
    return this.session === null ? Number.NaN : ((unixMs - this.#originMs()) * 1e6) / this.session.contract.cellNs;
  }

  /** Start of bin 0, UNIX milliseconds; NaN before it is known. */
  #originMs(): number {
    const originNs = this.originNs ?? (this.overview === null ? null : BigInt(this.overview.start_ns));
    return originNs === null ? Number.NaN : unixMsOf(originNs);
  }
}
