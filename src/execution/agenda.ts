/** What happens at a time of the agenda; at equal times in this order. */
export const appointment = {
  /** The price of a join is chosen. */
  decision: 0,
  /** The watcher is called before orders arrive, for what withdraws some. */
  withdrawal: 1,
  arrival: 2,
  /** The watcher is called. */
  call: 3,
  /** The cancel of an order's rest arrives. */
  expiry: 4,
} as const;

/** Places of an appointment in the heap's array. */
const width = 3;

/** Appointments by time, then by kind, then by number: a binary heap. */
export class Agenda {
  /** Time, kind and number of each, in turn. */
  #heap = new Float64Array(64 * width);
  #count = 0;

  /** Time of the earliest; Infinity without any. */
  get nextNs(): number {
    return this.#count === 0 ? Number.POSITIVE_INFINITY : this.#heap[0]!;
  }

  get nextKind(): number {
    return this.#heap[1]!;
  }

  get nextNumber(): number {
    return this.#heap[2]!;
  }

  add(timeNs: number, kind: number, number: number): void {
    if (this.#count * width === this.#heap.length) {
      const larger = new Float64Array(this.#heap.length * 2);
      larger.set(this.#heap);
      this.#heap = larger;
    }
    let at = this.#count++;
    this.#put(at, timeNs, kind, number);
    while (at > 0) {
      const parent = (at - 1) >>> 1;
      if (!this.#isBefore(at, parent)) return;
      this.#swap(at, parent);
      at = parent;
    }
  }

  /** Takes the earliest out. */
  drop(): void {
    const last = --this.#count;
    this.#swap(0, last);
    for (let at = 0; ; ) {
      const left = 2 * at + 1;
      if (left >= last) return;
      const child = left + 1 < last && this.#isBefore(left + 1, left) ? left + 1 : left;
      if (!this.#isBefore(child, at)) return;
      this.#swap(at, child);
      at = child;
    }
  }

  #put(at: number, timeNs: number, kind: number, number: number): void {
    this.#heap[at * width] = timeNs;
    this.#heap[at * width + 1] = kind;
    this.#heap[at * width + 2] = number;
  }

  #isBefore(a: number, b: number): boolean {
    const heap = this.#heap;
    for (let field = 0; field < width; field++) {
      const [first, second] = [heap[a * width + field]!, heap[b * width + field]!];
      if (first !== second) return first < second;
    }
    return false;
  }

  #swap(a: number, b: number): void {
    const heap = this.#heap;
    for (let field = 0; field < width; field++) {
      const held = heap[a * width + field]!;
      heap[a * width + field] = heap[b * width + field]!;
      heap[b * width + field] = held;
    }
  }
}
