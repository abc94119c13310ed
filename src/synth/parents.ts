import type { Side } from './book.ts';
import type { Random } from './random.ts';

const working = 6;
const longest = 4_000;

/**
 * Large orders at work in pieces, which is why the signs of trades keep a long memory (Lillo, Mike & Farmer 2005): each
 * has a side and a number of pieces left from a power law, P(more than n) ~ n^(−4/3).
 */
export class ParentOrders {
  readonly #random: Random;
  readonly #side = new Uint8Array(working);
  readonly #left = new Float64Array(working);
  #sellers = 0;

  constructor(random: Random) {
    this.#random = random;
    for (let i = 0; i < working; i++) this.#start(i);
  }

  /** Share of the parents at work that buy (side 0) or sell (side 1). */
  share(side: Side): number {
    return (side === 1 ? this.#sellers : working - this.#sellers) / working;
  }

  /** One of the parents, each with the same chance, sends a piece: its side. */
  draw(): Side {
    return this.#side[this.#random.below(working)] as Side;
  }

  /** A piece was traded on a side: a parent on it, if there is one, has one less to go. */
  traded(side: Side): void {
    const first = this.#random.below(working);
    for (let k = 0; k < working; k++) {
      const i = (first + k) % working;
      if (this.#side[i] !== side) continue;
      this.#left[i]!--;
      if (this.#left[i]! <= 0) this.#start(i);
      return;
    }
  }

  #start(i: number): void {
    const side = this.#random.below(2);
    this.#sellers += side - this.#side[i]!;
    this.#side[i] = side;
    // u^(−3/4): the inverse of the power law's tail.
    const root = Math.sqrt(this.#random.unit() + 2 ** -33);
    this.#left[i] = Math.min(longest, Math.ceil(1 / (root * Math.sqrt(root))));
  }
}
