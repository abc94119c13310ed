/** One step of a walk-forward split, in bins, half-open: parameters are chosen on train and judged on test. */
export interface Fold {
  readonly trainFrom: number;
  readonly trainTo: number;
  readonly testFrom: number;
  readonly testTo: number;
}

/**
 * Anchored walk-forward folds over bins [firstBin, endBin): the bins are cut into `folds` + 1 equal stretches; fold f is
 * tested on stretch f + 1 and trained on all before it, except the firings whose trade could still be open when the
 * test begins (purging: `maxHoldBins`) and `embargoBins` more, since what lies that close is not independent.
 * A fold whose training stretch is thereby empty is left out.
 *
 * Source: López de Prado, "Advances in financial machine learning" (2018), §7.4.
 */
export function walkForwardFolds(
  firstBin: number,
  endBin: number,
  folds: number,
  maxHoldBins: number,
  embargoBins: number,
): Fold[] {
  const edge = (stretch: number) => firstBin + Math.floor(((endBin - firstBin) * stretch) / (folds + 1));
  const all = Array.from({ length: folds }, (_, fold) => ({
    trainFrom: firstBin,
    // A trade fired at bin b is over by b + maxHoldBins, which must lie before the test.
    trainTo: edge(fold + 1) - maxHoldBins - embargoBins,
    testFrom: edge(fold + 1),
    testTo: edge(fold + 2),
  }));
  return all.filter((fold) => fold.trainTo > fold.trainFrom && fold.testTo > fold.testFrom);
}
