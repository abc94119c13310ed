import type { SessionStore } from './session_store.ts';

/** Quantity filled at a tick. */
export interface Fill {
  readonly tick: number;
  readonly quantity: number;
  /** How much of it was above the mid of the bin before, where buyers took. */
  readonly bought: number;
}

/**
 * Quantities filled per bin and tick, from the fill mass: it decays by exp(−Δt/`tau_rest_decay`) from bin to bin and
 * grows by what was filled (model.md §4). A fill in the middle of a bin has decayed for half a cell by its end, which is
 * put back; what is left of the error rounds away below a few hundred units.
 */
export class FillLedger {
  readonly #store: SessionStore;
  readonly #keep: number;
  readonly #halfCell: number;
  readonly #fills: (readonly Fill[] | undefined)[];
  readonly #seqOf: Float64Array;

  constructor(store: SessionStore) {
    const { contract } = store;
    const cells = contract.cellNs / 1e9 / contract.config.tau_rest_decay;
    this.#store = store;
    this.#keep = Math.exp(-cells);
    this.#halfCell = Math.exp(cells / 2);
    this.#fills = new Array(store.capacity);
    this.#seqOf = new Float64Array(store.capacity).fill(-1);
  }

  /** Works out the fills of a bin that the store holds; none are known when the bin before it is not there. */
  put(seq: number): void {
    const store = this.#store;
    const slot = seq % store.capacity;
    this.#seqOf[slot] = seq;
    this.#fills[slot] = undefined;
    if (!store.has(seq - 1)) return;
    const base = store.baseTick(seq);
    const mid = store.bin('midTick', seq - 1);
    const fills: Fill[] = [];
    for (let row = 0; row < store.contract.rows; row++) {
      const tick = base + row;
      const mass = store.value('fill_mass', seq, tick);
      if (!(mass > 0)) continue;
      const before = store.value('fill_mass', seq - 1, tick);
      const quantity = Math.round((mass - before * this.#keep) * this.#halfCell);
      if (quantity >= 1) fills.push({ tick, quantity, bought: tick >= mid ? quantity : 0 });
    }
    if (fills.length > 0) this.#fills[slot] = fills;
  }

  /** Fills of a bin, lowest tick first. */
  at(seq: number): readonly Fill[] {
    if (seq < 0 || this.#seqOf[seq % this.#seqOf.length] !== seq) return [];
    return this.#fills[seq % this.#fills.length] ?? [];
  }

  /** Fills of bins [first, end), summed over every `ticks` ticks; their tick is the mean by quantity. */
  sum(first: number, end: number, ticks = 1): Fill[] {
    const sums = new Map<number, { weighted: number; quantity: number; bought: number }>();
    for (let seq = first; seq < end; seq++) {
      for (const { tick, quantity, bought } of this.at(seq)) {
        const cell = Math.floor(tick / ticks);
        const sum = sums.get(cell) ?? { weighted: 0, quantity: 0, bought: 0 };
        sum.weighted += tick * quantity;
        sum.quantity += quantity;
        sum.bought += bought;
        sums.set(cell, sum);
      }
    }
    return [...sums.values()].map(({ weighted, quantity, bought }) => ({
      tick: weighted / quantity,
      quantity,
      bought,
    }));
  }
}
