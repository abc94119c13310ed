export { ExecutionPass } from './execution_pass.ts';
export type { ExecutionCounters } from './feed.ts';
export { type ExecutionClock, FilePass, type FilePassOptions } from './file_pass.ts';
export type { FillRows } from './fill_rows.ts';
export { leastFrontShare } from './front_share.ts';
export { type HftbacktestCounters, HftbacktestRows, hftbacktestFields } from './hftbacktest_rows.ts';
export {
  fillReasonNames,
  type OurOrder,
  OurOrders,
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
} from './position.ts';
export { Positions } from './positions.ts';
