import type { Fill, FillLedger } from './fills.ts';

/** Fills summed over groups of bins and ticks; groups that can no longer change are kept. */
export class FillGroups {
  readonly #fills: FillLedger;
  #size = 0;
  #ticks = 1;
  readonly #groups = new Map<number, readonly Fill[]>();

  constructor(fills: FillLedger) {
    this.#fills = fills;
  }

  /** Forgets what bin `seq` is part of. */
  invalidate(seq: number): void {
    this.#groups.delete(Math.floor(seq / this.#size));
  }

  /** Fills of bins [group · size, (group + 1) · size), a fill for every `ticks` ticks that have any. */
  at(size: number, group: number, ticks: number): readonly Fill[] {
    if (size !== this.#size || ticks !== this.#ticks) {
      this.#groups.clear();
      this.#size = size;
      this.#ticks = ticks;
    }
    let fills = this.#groups.get(group);
    if (fills === undefined) {
      const isOne = size === 1 && ticks === 1;
      fills = isOne ? this.#fills.at(group) : this.#fills.sum(group * size, (group + 1) * size, ticks);
      this.#groups.set(group, fills);
    }
    return fills;
  }
}
