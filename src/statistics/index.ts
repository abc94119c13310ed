export { benjaminiHochberg } from './benjamini_hochberg.ts';
export { breakEvenRate } from './break_even.ts';
export { type ClusterMean, clusterMean, clusterMoments, widerMean } from './cluster_mean.ts';
export { type ClusterRate, clusterRate } from './cluster_rate.ts';
export { type ClusterSeries, type ClusterSums, pickClusters, seriesOf } from './cluster_sums.ts';
export { type Day, type DayStatistics, dayStatistics, signTest } from './day_statistics.ts';
export { type DeflatedSharpe, deflatedSharpe, equivalentTrials } from './deflated_sharpe.ts';
export { type BacktestOverfitting, backtestOverfitting } from './pbo.ts';
export { detectableShift, type Requirement, requirement } from './power.ts';
export { randomSource } from './random.ts';
export { boundByOwn, type SignFlipTests, signFlipTests } from './romano_wolf.ts';
export { type ReturnMoments, returnMoments, type SharpeEstimate } from './sharpe.ts';
export { studentTQuantile } from './student_t.ts';
export { isTested, type TrialActivity, testedRule } from './tested.ts';
export {
  type PooledTiming,
  pooledTiming,
  type ShiftedFirings,
  type ShiftMoments,
  ShiftTable,
  type ShiftTest,
} from './timing.ts';
export { type Verdict, type VerdictInput, type VerdictKind, verdictKinds, verdictOf } from './verdict.ts';
export {
  type WalkForward,
  type WalkForwardCriterion,
  type WalkForwardRule,
  type WalkForwardStretch,
  walkForward,
} from './walk_forward.ts';
export { wilsonInterval } from './wilson.ts';
