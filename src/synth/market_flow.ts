import { exp } from '../elementary.ts';
import { away, opposite, type Side } from './book.ts';
import type { Cause } from './clock.ts';
import type { Exchange } from './exchange.ts';
import { ParentOrders } from './parents.ts';
import type { Profile } from './profile.ts';
import { QueueFlow } from './queue_flow.ts';
import type { Random } from './random.ts';
import { drawSize } from './tables.ts';

/** Base shares of adds, cancels, resizes, reprices and marketable orders. */
const share = { add: 0.46, cancel: 0.36, resize: 0.07, reprice: 0.14, take: 0.022 } as const;
const kinds = 5;
/** Permanent impact of an execution whose side was a surprise: ticks of fair value per record, and at most. */
const impactTicks = 0.012;
const largestImpactTicks = 0.3;
/** Its temporary impact: ticks per record, at most, and the seconds in which it decays. */
const temporaryImpactTicks = 0.008;
const largestTemporaryImpactTicks = 0.2;
const temporaryImpactS = 3;

/**
 * The market of `calm`, `busy` and `open`: what happens at each tick of the clock, given the book, a fair value that
 * wanders, and large orders at work. docs/synth.md has the equations.
 */
export class MarketFlow {
  readonly #queues: QueueFlow;
  readonly #random: Random;
  readonly #parents: ParentOrders;
  readonly #profile: Profile;
  /** Intensities of the five kinds on the bid side, then on the ask side. */
  readonly #intensity = new Float64Array(2 * kinds);
  /** Fair value as a level. */
  #fair: number;
  /** Temporary impact in ticks. */
  #temporary = 0;
  /** The level around which both sides quote: fair value and temporary impact. */
  #reference: number;
  #lastNs = 0;

  /** Excitation weight and record count of the last step. */
  weight = 1;
  records = 1;

  constructor(exchange: Exchange, profile: Profile, random: Random) {
    this.#queues = new QueueFlow(exchange, random, 0);
    this.#random = random;
    this.#parents = new ParentOrders(random);
    this.#profile = profile;
    const { best } = exchange.book;
    this.#fair = (best[0]! + best[1]!) / 2;
    this.#reference = this.#fair;
  }

  /** News: the fair value jumps, by a few ticks as a rule and by many now and then. */
  shock(): void {
    const size =
      2 + 3 * this.#random.exponential() + (this.#random.unit() < 0.15 ? 12 * this.#random.exponential() : 0);
    this.#fair += this.#random.sign() * size;
  }

  /** One event at `timeNs`; `level` is the activity's, relative to the session's mean. */
  step(timeNs: number, cause: Cause, level: number): void {
    const random = this.#random;
    const queues = this.#queues;
    const { best } = queues.book;
    const bestBid = best[0]!;
    const bestAsk = best[1]!;
    this.#fair += this.#profile.fairStepTicks * random.normal();
    this.#keepOnGrid();
    this.#temporary *= exp((this.#lastNs - timeNs) / (temporaryImpactS * 1e9));
    this.#lastNs = timeNs;
    this.#reference = this.#fair + this.#temporary;
    // Fast markets are thin ones.
    queues.depth = this.#profile.touchDepth / Math.sqrt(Math.min(Math.max(level, 0.3), 4));
    const total = this.#setIntensities();
    const near = cause === 'machine' || (cause === 'reaction' && random.unit() < 0.5);
    this.records = 1;
    while (!this.#tryEvent(timeNs, random.unit() * total, near)) {}
    const moved = best[0] !== bestBid || best[1] !== bestAsk;
    this.weight = (queues.distance < 2 ? 1 : 0.5) + (this.records > 1 ? 1.5 : 0) + (moved ? 2 : 0);
  }

  /** How far the reference lies beyond a side's best price, seen from half a tick inside: above 0 the quote is stale. */
  #staleness(side: Side): number {
    return 0.5 - away(side) * (this.#queues.book.best[side]! - this.#reference);
  }

  #setIntensities(): number {
    const { volume, best } = this.#queues.book;
    const intensity = this.#intensity;
    let total = 0;
    for (let side = 0 as Side, at = 0; at < 2 * kinds; side = 1, at += kinds) {
      const stale = this.#staleness(side);
      const behind = Math.min(Math.max(stale, 0), 2);
      const ahead = Math.min(Math.max(-stale, 0), 2);
      const { depth } = this.#queues;
      const shortQueue = (2 * depth) / (depth + volume[best[side]!]!);
      intensity[at] = share.add * (1 + 0.4 * ahead) * (1 - 0.35 * behind);
      intensity[at + 1] = share.cancel * (1 + 1.2 * behind);
      intensity[at + 2] = share.resize;
      intensity[at + 3] = share.reprice * (1 + 0.6 * behind + 0.6 * ahead);
      intensity[at + 4] =
        share.take * shortQueue * (1 + 4 * behind) * (0.25 + 1.5 * this.#parents.share(opposite(side)));
      for (let kind = 0; kind < kinds; kind++) total += intensity[at + kind]!;
    }
    return total;
  }

  /** Tries the kind and side at `x` of the stacked intensities; false when thinning says that nothing happened. */
  #tryEvent(timeNs: number, x: number, near: boolean): boolean {
    const intensity = this.#intensity;
    let at = 0;
    let rest = x;
    while (at < 2 * kinds - 1 && rest >= intensity[at]!) rest -= intensity[at++]!;
    const side: Side = at < kinds ? 0 : 1;
    const queues = this.#queues;
    const stale = this.#staleness(side);
    const atTouch = stale > 0 && this.#random.unit() < 0.25 + 0.3 * stale;
    switch (at % kinds) {
      case 0: {
        const improved = this.#improvement(side, stale);
        if (improved < 0) return queues.tryAdd(timeNs, side, near);
        queues.add(timeNs, side, improved);
        queues.distance = 0;
        return true;
      }
      case 1:
        return queues.tryCancel(timeNs, side, near, atTouch);
      case 2:
        return queues.tryResize(timeNs, side, near);
      case 3:
        return queues.tryReprice(timeNs, side, near, atTouch, this.#improvement(side, stale));
      default:
        return this.#take(timeNs, opposite(side), stale);
    }
  }

  /** A level inside the spread that the reference allows a side to quote, or −1. */
  #improvement(side: Side, stale: number): number {
    const { best } = this.#queues.book;
    const bid = best[0]!;
    const ask = best[1]!;
    if (ask - bid < 2 || this.#random.unit() > 0.3 + 0.5 * Math.max(-stale, 0)) return -1;
    const step = away(side);
    const wish = this.#reference + step * (this.#random.unit() - 0.4);
    const level = side === 1 ? Math.max(Math.ceil(wish), bid + 1) : Math.min(Math.floor(wish), ask - 1);
    return step * (best[side]! - level) > 0 ? level : -1;
  }

  #take(timeNs: number, taker: Side, stale: number): boolean {
    const { exchange, book } = this.#queues;
    const random = this.#random;
    const level = book.best[opposite(taker)]!;
    const shown = book.volume[level]!;
    const kind = random.unit();
    if (kind < 0.02) {
      const slot = book.tail[book.best[taker]!]!;
      if (book.size[slot]! > shown || book.owned[slot] === 1) return false;
      this.records = exchange.takeWithResting(timeNs, slot);
    } else if (kind < 0.12 + 0.1 * Math.max(stale, 0)) {
      // The whole queue, and at times an order that wants more than there is and stays.
      const stays = random.unit() < 0.4;
      const size = stays ? book.quantityAt(level) : shown;
      this.records = exchange.take(timeNs, taker, size, 1, stays ? drawSize(random) : 0);
    } else if (kind > 0.985 - 0.02 * Math.max(stale, 0)) {
      const levels = 2 + random.below(5);
      this.records = exchange.take(timeNs, taker, Math.ceil(shown * levels * (0.5 + random.unit())), levels, 0);
    } else {
      this.records = exchange.take(timeNs, taker, Math.min(drawSize(random), 2 * shown), 2, 0);
    }
    this.#parents.traded(taker);
    this.#impact(-away(taker));
    this.#queues.distance = 0;
    return true;
  }

  /**
   * Moves the fair value by the surprise in an execution's sign (+1: a buy), so that the long memory of signs makes no trend
   * (Lillo & Farmer 2004), and pushes the price beyond it for a while.
   */
  #impact(sign: number): void {
    const sells = this.#intensity[kinds - 1]!;
    const buys = this.#intensity[2 * kinds - 1]!;
    const expectedSign = (buys - sells) / (buys + sells);
    this.#fair += Math.min(impactTicks * this.records, largestImpactTicks) * (sign - expectedSign);
    this.#temporary += Math.min(temporaryImpactTicks * this.records, largestTemporaryImpactTicks) * sign;
  }

  #keepOnGrid(): void {
    const { levels } = this.#queues.book;
    this.#fair = Math.min(Math.max(this.#fair, 0.1 * levels), 0.9 * levels);
  }
}
