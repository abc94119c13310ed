import type { SessionData } from '../session/session_data.ts';
import type { Topics } from '../session/topics.ts';
import { type PriceVolume, TradedVolume } from '../session/traded_volume.ts';

/** A best price nearer than this share of the rows to either end moves the ladder. */
const ladderMarginShare = 0.2;

/** Where the ladder stands, and from which bin on it counts volume. */
export class LadderState {
  /** First bin whose volume is counted. */
  resetSeq = 0;
  /** Price of the uppermost row; null until the market was seen. */
  topTick: number | null = null;
  /** Whether the ladder stays with the market; the wheel lets go. */
  isFollowing = true;
  readonly #topics: Topics;
  readonly #data: SessionData;
  #volume: TradedVolume | null = null;

  constructor(topics: Topics, data: SessionData) {
    this.#topics = topics;
    this.#data = data;
    topics.on(['session'], () => {
      this.resetSeq = 0;
      this.topTick = null;
      this.isFollowing = true;
      this.#volume = data.session === null ? null : new TradedVolume(data.session.trades);
    });
  }

  /** Counts volume from the bin after the one shown. */
  reset(shownSeq: number): void {
    this.resetSeq = shownSeq + 1;
    this.#topics.emit('ladder');
  }

  /** Counts the volume of the whole session again. */
  countAll(): void {
    this.resetSeq = 0;
    this.#topics.emit('ladder');
  }

  /** Moves by rows; the ladder stays there until it is told to follow. */
  scroll(rows: number): void {
    if (this.topTick === null) return;
    this.isFollowing = false;
    this.topTick += rows;
    this.#topics.emit('ladder');
  }

  follow(): void {
    this.isFollowing = true;
    this.topTick = null;
    this.#topics.emit('ladder');
  }

  /** The price of the uppermost of `count` rows at a bin; the ladder moves only when the market comes near its ends. */
  place(seq: number, count: number): number | null {
    const tick = this.#marketTick(seq);
    if (tick === null || (!this.isFollowing && this.topTick !== null)) return this.topTick;
    const row = this.topTick === null ? -1 : this.topTick - tick;
    const margin = Math.ceil(count * ladderMarginShare);
    if (row < margin || row >= count - margin) this.topTick = tick + Math.floor(count / 2);
    return this.topTick;
  }

  #marketTick(seq: number): number | null {
    const { store } = this.#data.session ?? {};
    const spot = store?.has(seq) ? store.bin('spotTick', seq) : Number.NaN;
    return Number.isNaN(spot) ? null : Math.round(spot);
  }

  /** Volume by tick from the reset to the end of a bin. */
  volumes(seq: number): ReadonlyMap<number, PriceVolume> {
    return this.#volume?.between(this.resetSeq, seq + 1) ?? new Map();
  }
}
