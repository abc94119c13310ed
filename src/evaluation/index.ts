export { type Blocks, blockOf, cutBlocks, maxBlocks } from './blocks.ts';
export { layOutEntries } from './entries.ts';
export {
  type EvaluatedSession,
  type EvaluationRules,
  evaluate,
  type PlacedFirings,
  placeFirings,
  type SessionResult,
  type ShiftTiming,
  summarizeTrades,
} from './evaluate.ts';
export { lastWithMid } from './first_touch.ts';
export { walkForwardFolds } from './folds.ts';
export { type LabelKind, type LabelRules, type Labels, labelBins, labelHorizon, labelKinds } from './labels.ts';
export { createMarket, type Market } from './market.ts';
export { type Outcomes, OutcomeTable, tradeResult } from './outcomes.ts';
export { type BlockSums, blockSumNames } from './session_sums.ts';
export { type SessionSpreads, sessionSpreads } from './spreads.ts';
export { listTrades, type Tally, type Trades } from './trades.ts';
export {
  type BlockRules,
  blockRoles,
  crossSessions,
  type FoldRole,
  foldRoles,
  type SessionFold,
  walkForwardSessions,
} from './training_folds.ts';
