import { contentHash } from '../config/index.ts';
import { assert, present } from '../errors.ts';

/** A range of a dataset's trials, half open: positions among the trials of all signals, each in the order of its stages. */
export interface ShareRange {
  readonly from: number;
  readonly to: number;
}

/** A range of one dataset's trials that is run together. */
export interface Share extends ShareRange {
  readonly id: string;
  readonly datasetId: string;
}

/** What shares are cut from: the trials of one signal. */
export interface SignalTrials {
  readonly trialCount: number;
  /** So many follow each other that share something which no share should make twice. */
  readonly together: number;
  /** Time that a trial takes in a session, in milliseconds. */
  readonly trialMs: number;
}

/** Most shares of a plan: a queue holds about a kilobyte of each. */
export const maxShares = 50_000;

/** Work of a share, in milliseconds, where the limit of shares leaves it. */
export const shareMs = 30_000;

/** Trials a share of each signal, so that a share takes `targetMs` and all of them are at most `most`. */
export function shareSizes(
  signals: readonly SignalTrials[],
  datasets: number,
  { targetMs = shareMs, most = maxShares } = {},
): number[] {
  for (let longer = 1; ; longer *= 1.25) {
    const sizes = signals.map(({ trialCount, trialMs }) =>
      Math.max(1, Math.min(trialCount, Math.round((targetMs * longer) / Math.max(trialMs, 1e-3)))),
    );
    const all = sizes.every((size, at) => size === present(signals[at]).trialCount);
    if (all || shareRanges(signals, sizes, most).length * datasets <= most) return sizes;
  }
}

/**
 * The ranges of a dataset's trials. No share has trials of two signals; those of one flow scoring stand in as few shares as
 * can be. Stops after `most` + 1.
 */
export function shareRanges(
  signals: readonly Pick<SignalTrials, 'trialCount' | 'together'>[],
  sizes: readonly number[],
  most = maxShares,
): ShareRange[] {
  const ranges: ShareRange[] = [];
  let start = 0;
  for (const [at, { trialCount, together }] of signals.entries()) {
    assert(trialCount % together === 0, 'trials come in whole groups');
    const size = present(sizes[at]);
    const group = size >= together ? Math.floor(size / together) * together : together;
    for (let from = 0; from < trialCount && ranges.length <= most; from += group) {
      const end = Math.min(trialCount, from + group);
      const pieces = Math.ceil((end - from) / Math.max(size, 1));
      const piece = Math.ceil((end - from) / pieces);
      for (let at = from; at < end; at += piece) {
        ranges.push({ from: start + at, to: start + Math.min(end, at + piece) });
      }
    }
    start += trialCount;
  }
  return ranges;
}

/** Id of a share: of the plan, the dataset and the range, whether it is done or not. */
export function shareId(plan: string, datasetId: string, { from, to }: ShareRange): string {
  return `s-${contentHash({ plan, dataset: datasetId, from, to }, 32)}`;
}

/** Which of `count` shards, from 1, a share falls into. */
export function shardOf(id: string, count: number): number {
  return (Number.parseInt(id.slice(2, 14), 16) % count) + 1;
}
