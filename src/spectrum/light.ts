export { madToSigma, type RobustZOptions, RollingRobustZ } from './rolling_robust_z.ts';
export { insertSorted, madSorted, medianSorted, replaceSorted } from './sorted_window.ts';
export { normalisedWeights } from './weights.ts';
