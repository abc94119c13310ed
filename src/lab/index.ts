export { type BinSeries, type CellResult, CellRunner } from './cell_runner.ts';
export { loadDataset, type SharedDataset } from './dataset.ts';
export { type DatasetSource, flowColumns } from './flow_columns.ts';
export {
  type Cell,
  cellRuntime,
  type EvaluationSettings,
  planSweep,
  readsFlowScore,
  type SweepAxis,
  type SweepPlan,
  type SweepRequest,
} from './plan.ts';
export { type RunSweepOptions, runSweep, type SweepReport } from './run_sweep.ts';
export { type FlowScoring, scoringFields, scoringOf, withScoring } from './scoring.ts';
export { type CellFailure, describeCell } from './sweep_pool.ts';
export type { FoldChoice, SweepStatistics, WalkForward } from './sweep_statistics.ts';
