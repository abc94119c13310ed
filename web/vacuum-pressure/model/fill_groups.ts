import type { Fill, FillLedger } from './fills.ts';

/** Fills summed over groups of bins; groups that can no longer change are kept. */
export class FillGroups {
  readonly #fills: FillLedger;
  #size = 0;
  readonly #groups = new Map<number, readonly Fill[]>();

  constructor(fills: FillLedger) {
    this.#fills = fills;
  }

  /** Forgets what bin `seq` is part of. */
  invalidate(seq: number): void {
    this.#groups.delete(Math.floor(seq / this.#size));
  }

  at(size: number, group: number): readonly Fill[] {
    if (size !== this.#size) {
      this.#groups.clear();
      this.#size = size;
    }
    let fills = this.#groups.get(group);
    if (fills === undefined) {
      fills = size === 1 ? this.#fills.at(group) : this.#fills.sum(group * size, (group + 1) * size);
      this.#groups.set(group, fills);
    }
    return fills;
  }
}
