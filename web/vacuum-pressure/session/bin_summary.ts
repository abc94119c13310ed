import type { BinField, SessionStore } from './session_store.ts';

/** Numbers of bins whose extremes are kept. */
export const summaryFields = [
  'bidTick',
  'askTick',
  'midTick',
  'bookValid',
  'score',
  'threshold',
  'bull',
  'bear',
  'mixed',
] as const satisfies readonly BinField[];
export type SummaryField = (typeof summaryFields)[number];
/** Numbers of bins that are drawn as marks: the last one that is not 0 is kept. */
const markFields = ['chase', 'firing'] as const satisfies readonly BinField[];
export type MarkField = (typeof markFields)[number];

/** More than a screen has columns of pixels. */
const keptGroups = 8192;

/**
 * Bins summed up in groups of `step`, one per column of pixels: group g covers [g · step, (g + 1) · step). Groups are
 * kept, so that panning costs what comes into view and not what is in view.
 */
export class BinSummary {
  readonly #store: SessionStore;
  readonly #groupOfSlot = new Float64Array(keptGroups);
  readonly #low: Readonly<Record<SummaryField, Float64Array>>;
  readonly #high: Readonly<Record<SummaryField, Float64Array>>;
  readonly #last: Readonly<Record<SummaryField, Float64Array>>;
  readonly #mean: Readonly<Record<SummaryField, Float64Array>>;
  readonly #marks: Readonly<Record<MarkField, Int8Array>>;
  #step = 0;

  constructor(store: SessionStore) {
    const arrays = () =>
      Object.fromEntries(summaryFields.map((field) => [field, new Float64Array(keptGroups)])) as Record<
        SummaryField,
        Float64Array
      >;
    this.#store = store;
    this.#low = arrays();
    this.#high = arrays();
    this.#last = arrays();
    this.#mean = arrays();
    this.#marks = { chase: new Int8Array(keptGroups), firing: new Int8Array(keptGroups) };
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
      this.#sum(slot, Math.floor(group * this.#step), Math.floor((group + 1) * this.#step));
    }
    return slot;
  }

  #sum(slot: number, first: number, end: number): void {
    for (const field of summaryFields) {
      const { low, high, last, mean } = this.#store.extremes(field, first, end);
      this.#low[field][slot] = low;
      this.#high[field][slot] = high;
      this.#last[field][slot] = last;
      this.#mean[field][slot] = mean;
    }
    for (const field of markFields) this.#marks[field][slot] = this.#store.lastMark(field, first, end);
  }

  /** Smallest, largest and last value of a group's slot; NaN where no bin has one. */
  low(field: SummaryField, slot: number): number {
    return this.#low[field][slot]!;
  }
  high(field: SummaryField, slot: number): number {
    return this.#high[field][slot]!;
  }
  last(field: SummaryField, slot: number): number {
    return this.#last[field][slot]!;
  }
  /** Mean of a group's slot over the bins that have a value. */
  mean(field: SummaryField, slot: number): number {
    return this.#mean[field][slot]!;
  }
  /** The last mark of a group's slot that is not 0. */
  mark(field: MarkField, slot: number): number {
    return this.#marks[field][slot]!;
  }
}
