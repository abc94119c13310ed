export { type ExecutionCounters, ExecutionPass } from './execution_pass.ts';
export { type ExecutionClock, FilePass, type FilePassOptions } from './file_pass.ts';
export { FillRows } from './fill_rows.ts';
export { type HftbacktestCounters, HftbacktestRows, hftbacktestFields } from './hftbacktest_rows.ts';
export {
  believableLevelSizes,
  fillReason,
  fillReasonNames,
  type OurOrder,
  OurOrders,
  orderKind,
  outcome,
  outcomeNames,
} from './our_orders.ts';
