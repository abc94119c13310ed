/** Buckets per octave: a quantile is off by at most half a bucket, 1/128 of its value. */
const perOctave = 64;
const octaves = 47;

/**
 * Counts of numbers in [0, 2^53) in buckets whose width grows with the value: any number of values in bounded memory,
 * quantiles to within 0.8 %. Whole numbers below 64 have a bucket each; larger ones are told apart to 1/64.
 */
export class LogHistogram {
  readonly #counts = new Float64Array(perOctave * (octaves + 1));
  count = 0;
  sum = 0;
  min = Number.POSITIVE_INFINITY;
  max = Number.NEGATIVE_INFINITY;

  add(value: number): void {
    this.#counts[bucketOf(value)]!++;
    this.count++;
    this.sum += value;
    if (value < this.min) this.min = value;
    if (value > this.max) this.max = value;
  }

  get mean(): number {
    return this.count === 0 ? Number.NaN : this.sum / this.count;
  }

  /** The value that a share `q` in [0, 1] of the values does not exceed, to within a bucket; NaN without values. */
  quantile(q: number): number {
    if (this.count === 0) return Number.NaN;
    const rank = Math.max(1, Math.ceil(q * this.count));
    let below = 0;
    for (let bucket = 0; bucket < this.#counts.length; bucket++) {
      below += this.#counts[bucket]!;
      if (below >= rank) return Math.min(Math.max(middleOf(bucket), this.min), this.max);
    }
    return this.max;
  }

  /** Counts over [edges[i], edges[i + 1]), each bucket counted where its middle lies. */
  between(edges: readonly number[]): number[] {
    const out = new Array<number>(edges.length - 1).fill(0);
    for (let bucket = 0, at = 0; bucket < this.#counts.length; bucket++) {
      const middle = middleOf(bucket);
      while (at < out.length && middle >= edges[at + 1]!) at++;
      if (at === out.length) break;
      if (middle >= edges[at]!) out[at]! += this.#counts[bucket]!;
    }
    return out;
  }
}

function bucketOf(value: number): number {
  if (value < perOctave) return Math.floor(value);
  const high = Math.floor(value / 4294967296);
  const exponent = high > 0 ? 63 - Math.clz32(high) : 31 - Math.clz32(value);
  return (exponent - 5) * perOctave + Math.floor((value / 2 ** exponent - 1) * perOctave);
}

function middleOf(bucket: number): number {
  if (bucket < perOctave) return bucket;
  const exponent = Math.floor(bucket / perOctave) + 5;
  return 2 ** exponent * (1 + ((bucket % perOctave) + 0.5) / perOctave);
}
