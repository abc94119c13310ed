import { isShareFinished, type Lake, type ResultsStore } from '../lake/index.ts';
import type { FleetPlan } from './fleet_plan.ts';
import { finishedShares } from './progress.ts';
import type { Share } from './shares.ts';

/** Merges the results of a dataset into one part once the last of its shares is done, here or by another worker. */
export class DatasetEnds {
  readonly #lake: Lake;
  readonly #store: ResultsStore;
  /** Shares that were missing when all were looked for, by plan and dataset. */
  readonly #missing = new Map<string, Set<string>>();

  constructor(lake: Lake, store: ResultsStore) {
    this.#lake = lake;
    this.#store = store;
  }

  /**
   * Takes note of a share that is done. Two workers that end a dataset at once both merge it, into the same part. One that dies here
   * leaves its job to another, which merges. Throws what `ResultsStore.compactDataset` throws.
   */
  async ended(plan: FleetPlan, { id, datasetId }: Share): Promise<void> {
    const key = `${plan.hash} ${datasetId}`;
    const before = this.#missing.get(key);
    before?.delete(id);
    // Shares are done in about their order: that one of the last is missing is told by far less than all parts.
    const last = [...(before ?? [])].at(-1);
    if (last !== undefined && (await isShareFinished(this.#lake, last)) === false) return;
    const done = await finishedShares(this.#lake, plan.hash);
    const all = new Set(Array.from(plan.sharesOf(datasetId), (share) => share.id));
    const missing = all.difference(done);
    this.#missing.set(key, missing);
    if (missing.size === 0) await this.#store.compactDataset({ dataset: datasetId, shareIds: all });
  }
}
