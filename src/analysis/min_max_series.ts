/** A series thinned for a plot: the extremes and the mean of each run of `binsPerPoint` bins; NaN where none had a value. */
export interface ThinnedSeries {
  readonly binsPerPoint: number;
  readonly min: readonly number[];
  readonly max: readonly number[];
  readonly mean: readonly number[];
}

/**
 * Takes one value a bin and keeps at most `capacity` points, whatever the length: when they are full, neighbours are
 * merged, so that no spike is ever lost.
 */
export class MinMaxSeries {
  readonly #capacity: number;
  readonly #min: Float64Array;
  readonly #max: Float64Array;
  readonly #sum: Float64Array;
  readonly #count: Float64Array;
  #bins = 0;
  #binsPerPoint = 1;

  /** @param capacity even */
  constructor(capacity = 1200) {
    this.#capacity = capacity;
    this.#min = new Float64Array(capacity).fill(Number.POSITIVE_INFINITY);
    this.#max = new Float64Array(capacity).fill(Number.NEGATIVE_INFINITY);
    this.#sum = new Float64Array(capacity);
    this.#count = new Float64Array(capacity);
  }

  /** Takes the next bin's value; NaN where it has none. */
  add(value: number): void {
    if (this.#bins === this.#capacity * this.#binsPerPoint) this.#merge();
    const point = Math.floor(this.#bins++ / this.#binsPerPoint);
    if (Number.isNaN(value)) return;
    if (value < this.#min[point]!) this.#min[point] = value;
    if (value > this.#max[point]!) this.#max[point] = value;
    this.#sum[point]! += value;
    this.#count[point]!++;
  }

  thinned(): ThinnedSeries {
    const points = Math.ceil(this.#bins / this.#binsPerPoint);
    const take = (value: (point: number) => number) =>
      Array.from({ length: points }, (_, point) => (this.#count[point] === 0 ? Number.NaN : value(point)));
    return {
      binsPerPoint: this.#binsPerPoint,
      min: take((point) => this.#min[point]!),
      max: take((point) => this.#max[point]!),
      mean: take((point) => this.#sum[point]! / this.#count[point]!),
    };
  }

  #merge(): void {
    const half = this.#capacity / 2;
    for (let point = 0; point < half; point++) {
      const [a, b] = [2 * point, 2 * point + 1];
      this.#min[point] = Math.min(this.#min[a]!, this.#min[b]!);
      this.#max[point] = Math.max(this.#max[a]!, this.#max[b]!);
      this.#sum[point] = this.#sum[a]! + this.#sum[b]!;
      this.#count[point] = this.#count[a]! + this.#count[b]!;
    }
    this.#min.fill(Number.POSITIVE_INFINITY, half);
    this.#max.fill(Number.NEGATIVE_INFINITY, half);
    this.#sum.fill(0, half);
    this.#count.fill(0, half);
    this.#binsPerPoint *= 2;
  }
}
