/** More than a screen has columns of pixels. */
export const keptGroups = 8192;

/** Smallest, largest and last value, and the mean, of some bins; NaN where none has one. */
export interface Extremes {
  readonly low: number;
  readonly high: number;
  readonly last: number;
  readonly mean: number;
}

/** Those of the bins [first, end), of each of which `value` gives a number, or NaN. */
export function extremesOf(first: number, end: number, value: (seq: number) => number): Extremes {
  let [low, high, last] = [Number.NaN, Number.NaN, Number.NaN];
  let [count, total] = [0, 0];
  for (let seq = first; seq < end; seq++) {
    const each = value(seq);
    if (Number.isNaN(each)) continue;
    last = each;
    count++;
    total += each;
    if (!(low <= each)) low = each;
    if (!(high >= each)) high = each;
  }
  return { low, high, last, mean: total / count };
}

const extremeNames = ['low', 'high', 'last', 'mean'] as const satisfies readonly (keyof Extremes)[];

/**
 * Bins summed up in groups of `step`, one per column of pixels: group g covers [g · step, (g + 1) · step). Groups are
 * kept, so that panning costs what comes into view and not what is in view.
 */
export class GroupSummary<Field extends string> {
  readonly #fields: readonly Field[];
  readonly #extremes: (field: Field, first: number, end: number) => Extremes;
  readonly #groupOfSlot = new Float64Array(keptGroups);
  readonly #values: Readonly<Record<keyof Extremes, Map<Field, Float64Array>>>;
  #step = 0;

  /** `extremes` gives those of the bins [first, end). */
  constructor(fields: readonly Field[], extremes: (field: Field, first: number, end: number) => Extremes) {
    const arrays = () => new Map(fields.map((field) => [field, new Float64Array(keptGroups)] as const));
    this.#fields = fields;
    this.#extremes = extremes;
    this.#values = { low: arrays(), high: arrays(), last: arrays(), mean: arrays() };
  }

  /** Sets the bins per group (at least 1), and forgets groups of another size. */
  setStep(step: number): void {
    if (step === this.#step) return;
    this.#step = step;
    this.#groupOfSlot.fill(Number.NaN);
  }

  /** Forgets the group of a bin that has changed. */
  invalidate(seq: number): void {
    const group = Math.floor(seq / this.#step);
    for (const each of [group - 1, group, group + 1]) {
      if (each >= 0) this.#groupOfSlot[each % keptGroups] = Number.NaN;
    }
  }

  /** The slot of a group in the arrays below, summed up when it is not; `group` is at least 0. */
  slot(group: number): number {
    const slot = group % keptGroups;
    if (this.#groupOfSlot[slot] !== group) {
      this.#groupOfSlot[slot] = group;
      this.sum(slot, Math.floor(group * this.#step), Math.floor((group + 1) * this.#step));
    }
    return slot;
  }

  /** Sums up the bins [first, end) into a slot. */
  protected sum(slot: number, first: number, end: number): void {
    for (const field of this.#fields) {
      const extremes = this.#extremes(field, first, end);
      for (const name of extremeNames) {
        const kept = this.#values[name].get(field);
        if (kept !== undefined) kept[slot] = extremes[name];
      }
    }
  }

  /** What is kept of a field, by slot, valid until groups are summed up; undefined for fields that are not kept. */
  kept(extreme: keyof Extremes, field: Field): Float64Array | undefined {
    return this.#values[extreme].get(field);
  }

  /** Smallest, largest and last value of a group's slot; NaN where no bin has one, and for fields that are not kept. */
  low(field: Field, slot: number): number {
    return this.#values.low.get(field)?.[slot] ?? Number.NaN;
  }
  high(field: Field, slot: number): number {
    return this.#values.high.get(field)?.[slot] ?? Number.NaN;
  }
  last(field: Field, slot: number): number {
    return this.#values.last.get(field)?.[slot] ?? Number.NaN;
  }
  /** Mean of a group's slot over the bins that have a value. */
  mean(field: Field, slot: number): number {
    return this.#values.mean.get(field)?.[slot] ?? Number.NaN;
  }
}
