import type { StateReader, StateWriter } from '../state.ts';

/** A queue of entries of `fields` numbers each in one ring, which doubles when it is full. */
export class GrowingRing {
  length = 0;
  values: Float64Array;
  readonly #fields: number;
  #mask: number;
  #first = 0;

  constructor(fields: number, capacity = 256) {
    this.#fields = fields;
    this.#mask = capacity - 1;
    this.values = new Float64Array(capacity * fields);
  }

  /** Whether the next `push` doubles it. */
  get isFull(): boolean {
    return this.length > this.#mask;
  }

  /** Offset in `values` of the entry `index` places from the oldest; valid until the next `push`. */
  at(index: number): number {
    return ((this.#first + index) & this.#mask) * this.#fields;
  }

  /** Adds an entry, and returns its offset; `values` may be another array then. */
  push(): number {
    if (this.isFull) this.#grow();
    return this.at(this.length++);
  }

  shift(): void {
    this.#first = (this.#first + 1) & this.#mask;
    this.length--;
  }

  clear(): void {
    this.length = 0;
  }

  save(writer: StateWriter): void {
    writer.array(this.#packed());
  }

  restore(reader: StateReader): void {
    this.clear();
    const packed = reader.float64s();
    for (let at = 0; at < packed.length; at += this.#fields) {
      const to = this.push();
      this.values.set(packed.subarray(at, at + this.#fields), to);
    }
  }

  #packed(): Float64Array {
    const packed = new Float64Array(this.length * this.#fields);
    for (let i = 0; i < this.length; i++) {
      packed.set(this.values.subarray(this.at(i), this.at(i) + this.#fields), i * this.#fields);
    }
    return packed;
  }

  #grow(): void {
    const packed = this.#packed();
    this.values = new Float64Array(this.values.length * 2);
    this.values.set(packed);
    this.#mask = this.#mask * 2 + 1;
    this.#first = 0;
  }
}
