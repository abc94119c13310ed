import { assert } from '../errors.ts';

/**
 * Results of K trials on the same T clusters of time, from which every number that is meant to convince is made. A cluster
 * is a session, or a block of one. Flat and trial-major: trial k's cluster c stands at k·T + c.
 */
export interface ClusterSums {
  /** K. */
  readonly trials: number;
  /** T. */
  readonly clusters: number;
  /** y: sum of the net PnL of the trades in a cluster, ticks; 0 where there are none. K·T values. */
  readonly sums: Float64Array;
  /** n: trades in a cluster. K·T values. */
  readonly counts: Int32Array | Float64Array;
  /**
   * 1 at c where clusters c and c + 1 are neighbouring blocks of one session (T values, the last 0). Null when clusters are
   * whole sessions, which have no neighbours.
   */
  readonly neighbours: Uint8Array | null;
}

/** Fails where lengths do not fit: a wrong call, not bad input. */
export function assertClusterSums(data: ClusterSums): void {
  const { trials, clusters, sums, counts, neighbours } = data;
  assert(
    sums.length === trials * clusters && counts.length === sums.length,
    'cluster sums need trials × clusters values',
  );
  assert(neighbours === null || neighbours.length === clusters, 'neighbours need one flag a cluster');
}

/** One row of cluster sums: one trial, or any series of (y, n). */
export interface ClusterSeries {
  readonly sums: Float64Array;
  readonly counts: Int32Array | Float64Array;
  readonly neighbours: Uint8Array | null;
}

/** The clusters of trial `trial`, as views. */
export function seriesOf(data: ClusterSums, trial: number): ClusterSeries {
  const from = trial * data.clusters;
  const to = from + data.clusters;
  return { sums: data.sums.subarray(from, to), counts: data.counts.subarray(from, to), neighbours: data.neighbours };
}

/**
 * The clusters at the ascending indices `picked` alone, as copies. Two stay neighbours when they were, and nothing between
 * them was left out.
 */
export function pickClusters(data: ClusterSums, picked: readonly number[]): ClusterSums {
  const { trials, clusters, neighbours } = data;
  const sums = new Float64Array(trials * picked.length);
  const counts = new Float64Array(sums.length);
  for (let trial = 0, to = 0; trial < trials; trial++) {
    for (const cluster of picked) {
      sums[to] = data.sums[trial * clusters + cluster]!;
      counts[to++] = data.counts[trial * clusters + cluster]!;
    }
  }
  const next = (cluster: number, at: number) => (picked[at + 1] === cluster + 1 ? neighbours![cluster]! : 0);
  return {
    trials,
    clusters: picked.length,
    sums,
    counts,
    neighbours: neighbours === null ? null : Uint8Array.from(picked, next),
  };
}
