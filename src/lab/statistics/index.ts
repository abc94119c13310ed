export { benjaminiHochberg } from './benjamini_hochberg.ts';
export { breakEvenRate } from './break_even.ts';
export { circularShiftPValue, type FiringOutcomes, type ShiftBudget } from './circular_shift.ts';
export { normalCdf, normalPdf, normalQuantile } from './normal.ts';
export { type Overfitting, overfittingProbability } from './overfitting.ts';
export { type RandomSource, randomSource } from './random.ts';
export {
  deflatedSharpeRatio,
  expectedBestSharpe,
  probabilisticSharpeRatio,
  type ReturnMoments,
  returnMoments,
  type SharpeEstimate,
} from './sharpe.ts';
export { type Interval, wilsonInterval } from './wilson.ts';
