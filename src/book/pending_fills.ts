import type { StateReader, StateWriter } from '../state.ts';

/**
 * Sizes of announced executions by order id, valid within one event time (model.md §3): an `F` leaves its size here,
 * the order's next C or M takes it. Forgetting all of them costs nothing: slots carry the generation that wrote them.
 */
export class PendingFills {
  /** Resting orders whose announced executions no C or M has taken yet. */
  open = 0;
  #used = 0;
  #generation = 1;
  #mask = 63;
  #ids = new Int32Array(128);
  #sizes = new Float64Array(64);
  #resting = new Uint8Array(64);
  #generations = new Uint32Array(64);

  /** @param resting whether the order is in the book */
  add(idLo: number, idHi: number, size: number, resting: boolean): void {
    if ((this.#used + 1) * 2 > this.#mask + 1) this.#grow();
    const slot = this.#slot(idLo, idHi);
    if (this.#generations[slot] !== this.#generation) {
      this.#generations[slot] = this.#generation;
      this.#ids[slot * 2] = idLo;
      this.#ids[slot * 2 + 1] = idHi;
      this.#sizes[slot] = 0;
      this.#resting[slot] = 0;
      this.#used++;
    }
    this.#sizes[slot]! += size;
    if (resting && this.#resting[slot] === 0) {
      this.#resting[slot] = 1;
      this.open++;
    }
  }

  /** The size announced for an order, which is then no longer pending. */
  take(idLo: number, idHi: number): number {
    if (this.#used === 0) return 0;
    const slot = this.#slot(idLo, idHi);
    if (this.#generations[slot] !== this.#generation) return 0;
    const size = this.#sizes[slot]!;
    this.#sizes[slot] = 0;
    this.open -= this.#resting[slot]!;
    this.#resting[slot] = 0;
    return size;
  }

  clear(): void {
    if (this.#used === 0) return;
    this.open = 0;
    this.#used = 0;
    if (++this.#generation === 0xffffffff) {
      this.#generations.fill(0);
      this.#generation = 1;
    }
  }

  /** Saves them from a free slot on around the table: put back in that order, each finds its old slot again. */
  save(writer: StateWriter): void {
    const capacity = this.#mask + 1;
    const free = this.#generations.findIndex((generation) => generation !== this.#generation);
    const slots = Array.from({ length: capacity }, (_, i) => (free + i) & this.#mask).filter(
      (slot) => this.#generations[slot] === this.#generation,
    );
    writer.number(capacity);
    writer.array(Int32Array.from(slots.flatMap((slot) => [this.#ids[slot * 2]!, this.#ids[slot * 2 + 1]!])));
    writer.array(Float64Array.from(slots, (slot) => this.#sizes[slot]!));
    writer.array(Float64Array.from(slots, (slot) => this.#resting[slot]!));
  }

  restore(reader: StateReader): void {
    this.#empty(reader.number());
    const ids = reader.int32s();
    const sizes = reader.float64s();
    reader.float64s().forEach((resting, i) => {
      this.add(ids[i * 2]!, ids[i * 2 + 1]!, sizes[i]!, resting === 1);
    });
  }

  #slot(idLo: number, idHi: number): number {
    const mask = this.#mask;
    let slot = (Math.imul(idLo ^ Math.imul(idHi, 0x85ebca6b), 0x9e3779b1) >>> 9) & mask;
    while (
      this.#generations[slot] === this.#generation &&
      (this.#ids[slot * 2] !== idLo || this.#ids[slot * 2 + 1] !== idHi)
    ) {
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  #grow(): void {
    const old = {
      ids: this.#ids,
      sizes: this.#sizes,
      resting: this.#resting,
      generations: this.#generations,
      generation: this.#generation,
    };
    this.#empty((this.#mask + 1) * 2);
    old.generations.forEach((generation, slot) => {
      if (generation !== old.generation) return;
      this.add(old.ids[slot * 2]!, old.ids[slot * 2 + 1]!, old.sizes[slot]!, old.resting[slot] === 1);
    });
  }

  #empty(capacity: number): void {
    this.#mask = capacity - 1;
    this.#ids = new Int32Array(capacity * 2);
    this.#sizes = new Float64Array(capacity);
    this.#resting = new Uint8Array(capacity);
    this.#generations = new Uint32Array(capacity);
    this.#generation = 1;
    this.#used = 0;
    this.open = 0;
  }
}
