export { ExecutionPass } from './execution_pass.ts';
export type { ExecutionCounters } from './feed.ts';
export { type ExecutionClock, FilePass, type FilePassOptions } from './file_pass.ts';
export type { FillRows } from './fill_rows.ts';
export {
  type FinishedOrders,
  type FinishedPosition,
  readPositions,
  writePositions,
} from './finished_positions.ts';
export { leastFrontShare } from './front_share.ts';
export { type HftbacktestCounters, HftbacktestRows, hftbacktestFields } from './hftbacktest_rows.ts';
export {
  fillReason,
  fillReasonNames,
  type OurOrder,
  OurOrders,
  orderKind,
  outcome,
  outcomeNames,
} from './our_orders.ts';
export {
  type Entry,
  type ExitRules,
  exitReason,
  exitReasonNames,
  type Position,
  type PositionFill,
  type PositionSettings,
  type StopTrigger,
} from './position.ts';
export { type PositionResult, positionResult } from './position_result.ts';
export { type OrderRole, Positions } from './positions.ts';
