import { type FeaturesMessage, type FeatureValue, ProfileFollower } from '../../../src/wire/index.ts';
import { extremesOf, GroupSummary } from './group_summary.ts';

/** Bins kept at most; the oldest go. */
const maxBins = 144_000;

/** Values that are drawn over time. */
export const drawnFeatures = ['cvd', 'delta', 'vwap', 'vwap_deviation'] as const satisfies readonly FeatureValue[];
export type DrawnFeature = (typeof drawnFeatures)[number];

/** The features of all bins received so far, and volume at price as of the last one. */
export class FeatureLedger {
  readonly profile = new ProfileFollower();
  /** The values that are drawn, in groups of bins. */
  readonly summary = new GroupSummary(drawnFeatures, (name, first, end) =>
    extremesOf(first, end, (seq) => this.value(seq, name)),
  );
  /** The message that came last; null before the first. */
  latest: FeaturesMessage | null = null;
  readonly #names = new Map<FeatureValue, number>();
  readonly #bins = new Map<number, Float64Array>();

  /** A value of a bin; NaN where it is not known, or the bin was not received. */
  value(seq: number, name: FeatureValue): number {
    return this.#bins.get(seq)?.[this.#names.get(name) ?? -1] ?? Number.NaN;
  }

  put(message: FeaturesMessage): void {
    this.latest = message;
    this.profile.put(message);
    const numbers = Object.entries(message.values) as [FeatureValue, number | null][];
    if (this.#names.size === 0) for (const [i, [name]] of numbers.entries()) this.#names.set(name, i);
    const values = new Float64Array(this.#names.size).fill(Number.NaN);
    for (const [name, value] of numbers) values[this.#names.get(name) ?? -1] = value ?? Number.NaN;
    this.#bins.set(message.bin_seq, values);
    if (this.#bins.size > maxBins) this.#bins.delete(this.#bins.keys().next().value ?? 0);
    this.summary.invalidate(message.bin_seq);
  }
}
