import type { CaptureWindow } from '../config/index.ts';
import { type Bin, hasMid } from '../engine/index.ts';
import { PastTerciles } from './past_terciles.ts';

/** Quantities that define regimes. A bin's class is known at its end and depends on nothing later. */
export const dimensions = ['hour', 'spread', 'volatility', 'rate'] as const;
export type Dimension = (typeof dimensions)[number];

/** The signal, the market and the regime of every bin: 34 bytes each, all that is kept of a session. */
export interface SignalRecord {
  readonly scores: Float64Array;
  /** 1e-9 units; NaN without a mid. */
  readonly mids: Float64Array;
  /** 1 where a signal may fire: the book is valid and has a mid. */
  readonly tradable: Uint8Array;
  /** Class per bin and dimension, −1 where it is not known yet. */
  readonly classes: Readonly<Record<Dimension, Int8Array>>;
  readonly firstReady: number | null;
  /** Mean flow score below spot less that above; NaN where it is not known. */
  readonly leans: Float64Array;
  /** Whether the size of the lean is low, middle or high among those before it; −1 where that is not known. */
  readonly leanClasses: Int8Array;
}

/** Seconds over which volatility and event rate are measured, up to and including the bin. */
export const volatilityS = 60;
export const rateS = 10;
/** The widest spread with a class of its own, and all wider ones. */
export const widestSpread = 4;

/** The New York hour of a moment as a class 0 to 23, in steps that follow the clock when it is changed. */
class NewYorkHours {
  readonly #sessionStartNs: bigint;
  #hour = 0;
  #untilNs = Number.NEGATIVE_INFINITY;

  constructor(sessionStartNs: bigint) {
    this.#sessionStartNs = sessionStartNs;
  }

  /** @param ns since the session's start, not less than in the call before */
  at(ns: number): number {
    if (ns >= this.#untilNs) {
      const instant = Temporal.Instant.fromEpochNanoseconds(this.#sessionStartNs + BigInt(ns));
      const local = instant.toZonedDateTimeISO('America/New_York');
      // Offsets change at full hours of UTC, and New York's differ from UTC by whole hours.
      const sinceHour = local.minute * 6e10 + local.second * 1e9 + local.millisecond * 1e6 + local.microsecond * 1e3;
      this.#hour = local.hour;
      this.#untilNs = ns - sinceHour - local.nanosecond + 3.6e12;
    }
    return this.#hour;
  }
}

/** Sum over the last `length` values. */
class MovingSum {
  readonly #values: Float64Array;
  #count = 0;
  sum = 0;

  constructor(length: number) {
    this.#values = new Float64Array(length);
  }

  /** Takes a whole number or a half, so that the sum stays exact. */
  push(value: number): void {
    const at = this.#count++ % this.#values.length;
    this.sum += value - this.#values[at]!;
    this.#values[at] = value;
  }

  get isFull(): boolean {
    return this.#count >= this.#values.length;
  }
}

/** Records the signal, the mid and the regime of every bin. */
export class SignalWatch {
  readonly #tickInt: number;
  readonly #hours: NewYorkHours;
  readonly #moves: MovingSum;
  readonly #events: MovingSum;
  readonly #volatility: PastTerciles;
  readonly #rate: PastTerciles;
  readonly #leanSize: PastTerciles;
  #scores = new Float64Array(4096);
  #mids = new Float64Array(4096);
  #tradable = new Uint8Array(4096);
  #leans = new Float64Array(4096);
  #leanClasses = new Int8Array(4096);
  #classes = Object.fromEntries(dimensions.map((name) => [name, new Int8Array(4096)])) as Record<Dimension, Int8Array>;
  #bins = 0;
  #lastMid = Number.NaN;
  #firstReady: number | null = null;

  constructor(capture: CaptureWindow, cellS: number, tickInt: number) {
    this.#tickInt = tickInt;
    this.#hours = new NewYorkHours(capture.sessionStartNs);
    const bins = (seconds: number) => Math.max(2, Math.round(seconds / cellS));
    this.#moves = new MovingSum(bins(volatilityS));
    this.#events = new MovingSum(bins(rateS));
    this.#volatility = new PastTerciles(bins(volatilityS));
    this.#rate = new PastTerciles(bins(volatilityS));
    this.#leanSize = new PastTerciles(bins(volatilityS));
  }

  /** @param lean mean flow score below spot less that above, NaN where it is not known */
  add(bin: Bin, lean: number): void {
    if (this.#bins === this.#scores.length) this.#grow();
    const at = this.#bins++;
    const mid = hasMid(bin) ? (bin.bestBidPriceInt + bin.bestAskPriceInt) / 2 : Number.NaN;
    if (bin.signal.ready) this.#firstReady ??= at;
    this.#scores[at] = bin.signal.score;
    this.#leans[at] = lean;
    this.#leanClasses[at] = Number.isNaN(lean) ? -1 : this.#leanSize.next(1000 * Math.abs(lean));
    this.#mids[at] = mid;
    this.#tradable[at] = bin.bookValid && hasMid(bin) ? 1 : 0;
    const spread = Math.round((bin.bestAskPriceInt - bin.bestBidPriceInt) / this.#tickInt);
    // Moves in quarter ticks: their squares are whole numbers where prices lie on half ticks.
    const move = Math.round((4 * (mid - this.#lastMid)) / this.#tickInt) || 0;
    if (hasMid(bin)) this.#lastMid = mid;
    this.#moves.push(move * move);
    this.#events.push(bin.eventCount);
    const volatility = Math.sqrt(this.#moves.sum) / 4;
    this.#classes.hour[at] = this.#hours.at(bin.endNs - 1);
    this.#classes.spread[at] = bin.bookValid ? Math.min(Math.max(spread, 1), widestSpread) - 1 : -1;
    this.#classes.volatility[at] = this.#moves.isFull ? this.#volatility.next(volatility) : -1;
    this.#classes.rate[at] = this.#events.isFull ? this.#rate.next(this.#events.sum) : -1;
  }

  #grow(): void {
    const double = <T extends Float64Array | Uint8Array | Int8Array>(old: T, grown: T): T => {
      grown.set(old);
      return grown;
    };
    const size = 2 * this.#scores.length;
    this.#scores = double(this.#scores, new Float64Array(size));
    this.#mids = double(this.#mids, new Float64Array(size));
    this.#tradable = double(this.#tradable, new Uint8Array(size));
    this.#leans = double(this.#leans, new Float64Array(size));
    this.#leanClasses = double(this.#leanClasses, new Int8Array(size));
    for (const name of dimensions) this.#classes[name] = double(this.#classes[name], new Int8Array(size));
  }

  /** Views, as long as there are bins. */
  record(): SignalRecord {
    const cut = <T extends Float64Array | Uint8Array | Int8Array>(array: T) => array.subarray(0, this.#bins) as T;
    return {
      scores: cut(this.#scores),
      mids: cut(this.#mids),
      tradable: cut(this.#tradable),
      classes: Object.fromEntries(dimensions.map((name) => [name, cut(this.#classes[name])])) as Record<
        Dimension,
        Int8Array
      >,
      firstReady: this.#firstReady,
      leans: cut(this.#leans),
      leanClasses: cut(this.#leanClasses),
    };
  }
}
