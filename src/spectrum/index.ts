export { type ProjectionParams, projectFlowScore } from './projection.ts';
export { madToSigma, type RobustZOptions, RollingRobustZ } from './rolling_robust_z.ts';
export { insertSorted, madSorted, medianSorted, replaceSorted } from './sorted_window.ts';
export { Spectrum, type SpectrumColumns, type SpectrumParams } from './spectrum.ts';
export { normalisedWeights } from './weights.ts';
