/**
 * Trees laid out in flat arrays, an element a split. A child ≥ 0 is a split, and −1 − n the leaf n; the same holds for the roots, of
 * which a tree of one leaf has a leaf.
 */
export interface TreeTable {
  readonly roots: Int32Array;
  readonly feature: Int32Array;
  readonly threshold: Float64Array;
  readonly left: Int32Array;
  readonly right: Int32Array;
  /** What is done where a feature is missing; its meaning is the format's. */
  readonly missing: Uint8Array;
  readonly leaves: Float64Array;
}

/** Collects trees into a `TreeTable`. */
export class TreeTableBuilder {
  readonly #roots: number[] = [];
  readonly #feature: number[] = [];
  readonly #threshold: number[] = [];
  readonly #left: number[] = [];
  readonly #right: number[] = [];
  readonly #missing: number[] = [];
  readonly #leaves: number[] = [];

  /** Splits so far: the number of the next one. */
  get splits(): number {
    return this.#feature.length;
  }

  get leaves(): number {
    return this.#leaves.length;
  }

  addRoot(child: number): void {
    this.#roots.push(child);
  }

  addSplit(feature: number, threshold: number, left: number, right: number, missing: number): void {
    this.#feature.push(feature);
    this.#threshold.push(threshold);
    this.#left.push(left);
    this.#right.push(right);
    this.#missing.push(missing);
  }

  addLeaf(value: number): void {
    this.#leaves.push(value);
  }

  build(): TreeTable {
    return {
      roots: Int32Array.from(this.#roots),
      feature: Int32Array.from(this.#feature),
      threshold: Float64Array.from(this.#threshold),
      left: Int32Array.from(this.#left),
      right: Int32Array.from(this.#right),
      missing: Uint8Array.from(this.#missing),
      leaves: Float64Array.from(this.#leaves),
    };
  }
}
