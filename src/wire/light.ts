export { byEvidence, compareEvidence, evidenceOf } from './evidence.ts';
export type { RunLooksRow, RunRow } from './experiments.ts';
export { ledgerTables } from './ledger_tables.ts';
export { oneSided } from './one_sided.ts';
export {
  namesOf,
  pick,
  type ResultColumn,
  type ResultColumns,
  type ResultColumnType,
  type ResultRow,
  type ResultTable,
  type RowOf,
  resultTables,
  wireRowOf,
} from './result_tables.ts';
export {
  foldColumns,
  type RunSortKey,
  runDetailColumns,
  runMetaColumns,
  runSortKeys,
  sortDirections,
  sweepColumns,
  thresholdColumns,
} from './run_columns.ts';
