import type { LiveStatus } from '../../../src/wire/index.ts';
import { unixMsOf } from '../session/format.ts';
import type { SessionData } from '../session/session_data.ts';
import type { Topics } from '../session/topics.ts';

/** Bins of which it is known when they arrived. */
const keptArrivals = 256;
/** A page that lags by less than this shows the newest bin: what came last is on its way. */
const nearMs = 2500;

/** A time of which the recording knows nothing, UNIX milliseconds. */
export interface LiveGap {
  readonly fromMs: number;
  readonly toMs: number;
  readonly cause: string;
}

/** A session that is being recorded while it is shown: how far behind the market recording, engine and page are. Moments are UNIX milliseconds. */
export class Live {
  status: LiveStatus | null = null;
  gaps: readonly LiveGap[] = [];
  /** From the gateway's receipt of the record that closed a bin to the bin's arrival here; null while unknown. */
  delayMs: number | null = null;
  readonly #topics: Topics;
  readonly #data: SessionData;
  #statusAtMs = Number.NaN;
  #arrivedAtMs = Number.NaN;
  readonly #arrivals = new Map<number, number>();
  #leastDelayMs = Number.POSITIVE_INFINITY;
  /** The bin whose delay is measured once it is here. */
  #measured: LiveStatus['newest'] = null;

  constructor(topics: Topics, data: SessionData) {
    this.#topics = topics;
    this.#data = data;
    topics.on(['session'], () => {
      this.#arrivals.clear();
      this.#leastDelayMs = Number.POSITIVE_INFINITY;
      this.#measured = null;
      this.delayMs = null;
    });
  }

  /** Whether the session that is shown is still being recorded. */
  get isOn(): boolean {
    return this.#data.session?.contract.config.live === true && this.status?.is_over !== true;
  }

  /** The newest bin that there is; −1 without any. */
  get newestSeq(): number {
    return Math.max((this.status?.bin_count ?? 0) - 1, this.#data.session?.store.newest ?? -1);
  }

  /** Market time that the page is behind the newest bin; 0 for what is only on its way. */
  get behindMs(): number {
    const { session, latestSeq } = this.#data;
    if (session === null || this.newestSeq < 0) return 0;
    const ms = ((this.newestSeq - latestSeq) * session.contract.cellNs) / 1e6;
    return ms < nearMs ? 0 : ms;
  }

  /** Minutes that the recording lacks of the warm-up. */
  get warmUpShortMin(): number {
    return this.#data.session?.contract.config.warm_up_short_min ?? 0;
  }

  setStatus(status: LiveStatus, nowMs: number): void {
    this.status = status;
    this.#statusAtMs = nowMs;
    this.gaps = status.gaps.map(({ from_ns, to_ns, cause }) => ({
      fromMs: unixMsOf(from_ns),
      toMs: unixMsOf(to_ns),
      cause,
    }));
    this.#measure(status.newest);
    this.#topics.emit('live');
  }

  /** Notes that a bin has arrived. */
  arrived(seq: number, nowMs: number): void {
    this.#arrivedAtMs = nowMs;
    this.#arrivals.set(seq, nowMs);
    if (this.#arrivals.size > keptArrivals) this.#arrivals.delete(this.#arrivals.keys().next().value ?? -1);
    if (this.#measured?.bin_seq === seq) this.#measure(this.#measured);
  }

  /** How long no bin has come; 0 before the first. */
  silentMs(nowMs: number): number {
    return Number.isNaN(this.#arrivedAtMs) ? 0 : Math.max(0, nowMs - this.#arrivedAtMs);
  }

  /** Until the recorder's next attempt to connect; null while it needs none. */
  retryInMs(nowMs: number): number | null {
    const { status } = this;
    if (status === null || status.retry_in_ms === null) return null;
    return Math.max(0, status.retry_in_ms - (nowMs - this.#statusAtMs));
  }

  /** The stream's clock: the receipt of the newest record. */
  get clockMs(): number | null {
    const { clock_ns: ns = null } = this.status ?? {};
    return ns === null ? null : unixMsOf(ns);
  }

  /** The gap that a bin lies in, at least in part; null for a bin whose records are all there. */
  gapOf(seq: number): LiveGap | null {
    if (this.gaps.length === 0) return null;
    const [startMs, endMs] = [this.#data.unixMs(seq), this.#data.unixMs(seq + 1)];
    return this.gaps.find(({ fromMs, toMs }) => fromMs < endMs && toMs > startMs) ?? null;
  }

  #measure(newest: LiveStatus['newest']): void {
    this.#measured = newest;
    if (newest === null) return;
    const arrivedMs = this.#arrivals.get(newest.bin_seq);
    if (arrivedMs === undefined) return;
    const delayMs = arrivedMs - unixMsOf(newest.received_ns);
    this.#leastDelayMs = Math.min(this.#leastDelayMs, delayMs);
    // Of a file it is not known when it was now: its delays are those beyond the least one.
    this.delayMs = Math.max(0, this.status?.is_of_file === true ? delayMs - this.#leastDelayMs : delayMs);
  }
}
