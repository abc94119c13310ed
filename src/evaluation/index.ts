export { type EvaluationRules, evaluate, type Tally, type ThresholdResult } from './evaluate.ts';
export { walkForwardFolds } from './folds.ts';
export { createMarket, type Market } from './market.ts';
export { type Outcomes, OutcomeTable, tradeResult } from './outcomes.ts';
