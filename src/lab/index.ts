export {
  type AnalysisReport,
  type AnalysisSubject,
  analyze,
  datasetSubject,
  renderReport,
  type TradeRules,
  toJson,
  type VerdictLine,
  type WrittenReport,
  writeReport,
} from './analysis/index.ts';
export { type BinSeries, type CellResult, CellRunner } from './cell_runner.ts';
export {
  type ComparedRun,
  type Comparison,
  compareRuns,
  findRunId,
  type RunQuery,
  runDetail,
  type SortKey,
  type SweepSummary,
  sortKeys,
} from './compare_runs.ts';
export { loadDataset, type SharedDataset } from './dataset.ts';
export { type DatasetSource, datasetSource } from './dataset_source.ts';
export { flowColumns } from './flow_columns.ts';
export { type ComparisonSummary, GrowingComparison, type GrowingRow, type RowChanges } from './growing_comparison.ts';
export { type OnlineSimOptions, type OnlineSimReport, onlineSim } from './online_sim.ts';
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
export { type PromoteOptions, type Promotion, promoteRun } from './promote.ts';
export { type ExperimentReport, type RunExperimentOptions, runExperiment } from './run_experiment.ts';
export { OutcomeEvaluator, type RunOutcomes } from './run_outcomes.ts';
export { type RunSweepOptions, runSweep, type SweepReport } from './run_sweep.ts';
export { type FlowScoring, scoringFields, scoringOf, withScoring } from './scoring.ts';
export { type CellFailure, describeCell } from './sweep_pool.ts';
export { servingParameters, sweepRequest } from './sweep_request.ts';
export type { FoldChoice, SweepStatistics, WalkForward } from './sweep_statistics.ts';
export { MlflowTracker, spoolFolder, type TrackedRun, trackedRuns } from './tracking.ts';
export { campaignWarnings, parameterWarnings, sweepWarnings } from './warnings.ts';
