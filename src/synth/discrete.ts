import type { Random } from './random.ts';

/** Draws an index with probability proportional to its weight in constant time (Walker's alias method, 1977). */
export class Discrete {
  readonly #threshold: Float64Array;
  readonly #alias: Int32Array;

  constructor(weights: readonly number[]) {
    const n = weights.length;
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    this.#threshold = new Float64Array(n).fill(1);
    this.#alias = new Int32Array(n);
    const share = weights.map((weight) => (weight * n) / total);
    const small = share.flatMap((s, i) => (s < 1 ? [i] : []));
    const large = share.flatMap((s, i) => (s < 1 ? [] : [i]));
    while (small.length > 0 && large.length > 0) {
      const poor = small.pop()!;
      const rich = large.at(-1)!;
      this.#threshold[poor] = share[poor]!;
      this.#alias[poor] = rich;
      share[rich]! -= 1 - share[poor]!;
      if (share[rich]! < 1) small.push(large.pop()!);
    }
  }

  draw(random: Random): number {
    const x = random.unit() * this.#threshold.length;
    const i = Math.floor(x);
    return x - i < this.#threshold[i]! ? i : this.#alias[i]!;
  }
}
