export { type EvaluationRules, evaluate, shiftLimits, type Tally, type ThresholdResult } from './evaluate.ts';
export { walkForwardFolds } from './folds.ts';
export { createMarket, type Market } from './market.ts';
export { type Outcomes, OutcomeTable, tradeResult } from './outcomes.ts';
