/** What a row is in a fold; `none` where it has no label. */
export const foldRoles = ['none', 'train', 'test', 'purged', 'embargo'] as const;
export type FoldRole = (typeof foldRoles)[number];
const roleNumber = { none: 0, train: 1, test: 2, purged: 3, embargo: 4 } as const satisfies Record<FoldRole, number>;

/** Which sessions a fold trains and tests on, by their numbers. */
export interface SessionFold {
  readonly train: readonly number[];
  readonly test: readonly number[];
}

/** Folds of whole sessions that follow each other: each tests on the sessions behind those that it trains on. */
export function walkForwardSessions(
  sessions: number,
  {
    trainSessions,
    testSessions,
    anchored,
  }: { readonly trainSessions: number; readonly testSessions: number; readonly anchored: boolean },
): SessionFold[] {
  const folds: SessionFold[] = [];
  for (let from = trainSessions; from < sessions; from += testSessions) {
    folds.push({
      train: range(anchored ? 0 : from - trainSessions, from),
      test: range(from, Math.min(from + testSessions, sessions)),
    });
  }
  return folds;
}

/** Folds of whole sessions, each tested on one of `count` equal stretches and trained on all others. */
export function crossSessions(sessions: number, count: number): SessionFold[] {
  const edge = (fold: number) => Math.floor((sessions * fold) / count);
  return Array.from({ length: count }, (_, fold) => ({
    test: range(edge(fold), edge(fold + 1)),
    train: [...range(0, edge(fold)), ...range(edge(fold + 1), sessions)],
  }));
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, index) => from + index);
}

/** How sessions are cut where they are split between train and test. */
export interface BlockRules {
  /** Bins of a block; the blocks of a session go to the folds in turn. */
  readonly blockBins: number;
  readonly folds: number;
  readonly maxHoldBins: number;
  readonly embargoBins: number;
  /** False: rows whose labels reach into the test stay in train, and the test's figures are flattered by them. */
  readonly purges: boolean;
}

/**
 * What each bin of a session is in a fold that tests on every `folds`-th block. A row is purged when its bin + max_hold reaches
 * a test block, however early its label is known: purging only those that are known late would keep the fast ones. For `embargoBins`
 * behind a test block nothing is trained on.
 *
 * Source: López de Prado, "Advances in financial machine learning" (2018), §7.4.
 */
export function blockRoles(
  bins: number,
  fold: number,
  { blockBins, folds, maxHoldBins, embargoBins, purges }: BlockRules,
): Uint8Array {
  const roles = new Uint8Array(bins).fill(roleNumber.train);
  for (let from = fold * blockBins; from < bins; from += folds * blockBins) {
    const to = Math.min(from + blockBins, bins);
    if (purges) {
      for (let bin = Math.max(0, from - maxHoldBins); bin < from; bin++) roles[bin] = roleNumber.purged;
      for (let bin = to; bin < Math.min(bins, to + embargoBins); bin++) {
        if (roles[bin] === roleNumber.train) roles[bin] = roleNumber.embargo;
      }
    }
  }
  for (let from = fold * blockBins; from < bins; from += folds * blockBins) {
    roles.fill(roleNumber.test, from, Math.min(from + blockBins, bins));
  }
  return roles;
}
