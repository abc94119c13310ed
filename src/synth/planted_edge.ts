import { assert } from '../errors.ts';
import { opposite, type Side } from './book.ts';
import type { Random } from './random.ts';

/** A predictability that is planted into a market: one side builds, the other is withdrawn, and then the price moves. */
export interface EdgeOptions {
  /** Such events per minute on average, up to `maxEdgePerMinute`. */
  readonly perMinute: number;
  /** Probability that the price moves towards the withdrawn side; otherwise it moves as far the other way. */
  readonly probability: number;
  /** Length of the move in ticks. */
  readonly ticks: number;
}

export const defaultEdge: EdgeOptions = { perMinute: 6, probability: 0.75, ticks: 10 };

/** Seconds from the end of a withdrawal to the first tick of its move, and to the last. */
const firstMoveS = 0.5;
const lastMoveS = 2.5;
/** Seconds that a withdrawal takes at the profile's rate. */
const withdrawalS = 0.4;
/** Most withdrawals a minute: one begins when the move of the one before is over. */
export const maxEdgePerMinute = 10;

/**
 * When orders are withdrawn, from which side, and when and in which direction the price moves then. Times are nanoseconds
 * since the session's start; `direction` decides directions of moves and nothing else.
 */
export class PlantedEdge {
  readonly #options: EdgeOptions;
  readonly #random: Random;
  readonly #direction: Random;
  readonly #meanGapNs: number;
  #withdrawNs: number;
  #isWithdrawing = false;
  #moves = 0;
  #endNs = 0;

  /** Side whose orders are being withdrawn. */
  side: Side = 0;
  /** Aggressor's side of the move. */
  taker: Side = 0;

  constructor(options: EdgeOptions, random: Random, direction: Random) {
    const { perMinute, probability, ticks } = options;
    assert(perMinute > 0 && perMinute <= maxEdgePerMinute, 'moves of withdrawals do not overlap');
    assert(probability >= 0 && probability <= 1 && ticks >= 1, 'an edge has a probability and a size');
    this.#options = options;
    this.#random = random;
    this.#direction = direction;
    this.#meanGapNs = (60 / perMinute - withdrawalS - lastMoveS) * 1e9;
    this.#withdrawNs = this.#meanGapNs * random.exponential();
  }

  /** Whether orders are being withdrawn at a time; the flow says when there are no more. */
  withdraws(timeNs: number): boolean {
    if (!this.#isWithdrawing && timeNs >= this.#withdrawNs) {
      this.#isWithdrawing = true;
      this.#withdrawNs = Number.POSITIVE_INFINITY;
      this.side = this.#random.below(2) as Side;
      const towards = this.#direction.unit() < this.#options.probability;
      // Buyers move the price up, to withdrawn asks.
      this.taker = towards ? opposite(this.side) : this.side;
    }
    return this.#isWithdrawing;
  }

  /** Whether nobody adds to a side: from the withdrawal of its orders until its move is over. */
  keepsAway(side: Side): boolean {
    return side === this.side && (this.#isWithdrawing || this.#moves > 0);
  }

  endWithdrawal(timeNs: number): void {
    this.#isWithdrawing = false;
    this.#endNs = timeNs;
    this.#moves = this.#options.ticks;
  }

  /** Whether the price moves by a tick now. */
  moves(timeNs: number): boolean {
    if (this.#moves === 0) return false;
    const done = this.#options.ticks - this.#moves;
    const share = this.#options.ticks === 1 ? 0 : done / (this.#options.ticks - 1);
    if (timeNs < this.#endNs + (firstMoveS + share * (lastMoveS - firstMoveS)) * 1e9) return false;
    this.#moves--;
    if (this.#moves === 0) {
      this.#withdrawNs = this.#endNs + lastMoveS * 1e9 + this.#meanGapNs * this.#random.exponential();
    }
    return true;
  }
}
