import { type FeaturesMessage, type FeatureValue, ProfileFollower } from '../../../src/wire/index.ts';
import { extremesOf, GroupSummary } from './group_summary.ts';

/** Bins of a block of values, and blocks kept at most; those that came first go. */
const blockBins = 256;
const maxBlocks = 564;

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
  /** Values of all features, bin by bin. */
  readonly #blocks = new Map<number, Float64Array>();

  /** A value of a bin; NaN where it is not known, or the bin was not received. */
  value(seq: number, name: FeatureValue): number {
    const column = this.#names.get(name);
    if (column === undefined) return Number.NaN;
    const block = this.#blocks.get(Math.floor(seq / blockBins));
    return block?.[(seq % blockBins) * this.#names.size + column] ?? Number.NaN;
  }

  put(message: FeaturesMessage): void {
    this.latest = message;
    this.profile.put(message);
    const numbers = Object.entries(message.values) as [FeatureValue, number | null][];
    if (this.#names.size === 0) for (const [i, [name]] of numbers.entries()) this.#names.set(name, i);
    const start = (message.bin_seq % blockBins) * this.#names.size;
    const block = this.#blockOf(message.bin_seq);
    for (const [name, value] of numbers) block[start + (this.#names.get(name) ?? Number.NaN)] = value ?? Number.NaN;
    this.summary.invalidate(message.bin_seq);
  }

  #blockOf(seq: number): Float64Array {
    const index = Math.floor(seq / blockBins);
    const block = this.#blocks.get(index) ?? new Float64Array(blockBins * this.#names.size).fill(Number.NaN);
    this.#blocks.set(index, block);
    if (this.#blocks.size > maxBlocks) this.#blocks.delete(this.#blocks.keys().next().value ?? 0);
    return block;
  }
}
