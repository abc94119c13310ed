export { benjaminiHochberg } from './benjamini_hochberg.ts';
export { breakEvenRate } from './break_even.ts';
export { circularShiftPValue, type FiringOutcomes } from './circular_shift.ts';
export { type Overfitting, overfittingProbability } from './overfitting.ts';
export { randomSource } from './random.ts';
export { deflatedSharpeRatio, returnMoments, type SharpeEstimate } from './sharpe.ts';
export { wilsonInterval } from './wilson.ts';
