export { type CellResult, CellRunner } from './cell_runner.ts';
export {
  type ComparedRun,
  type Comparison,
  compareRuns,
  comparisonJson,
  findRunId,
  runDetail,
} from './compare_runs.ts';
export { GrowingComparison, type GrowingRow } from './growing_comparison.ts';
export { type OnlineSimReport, onlineSim } from './online_sim.ts';
export {
  type Cell,
  cellRuntime,
  type EvaluationSettings,
  planSweep,
  type SweepPlan,
  type SweepRequest,
} from './plan.ts';
export { promoteRun } from './promote.ts';
export { type ExperimentReport, runExperiment } from './run_experiment.ts';
export { OutcomeEvaluator } from './run_outcomes.ts';
export { runSweep } from './run_sweep.ts';
export { type CellFailure, describeCell } from './sweep_pool.ts';
export { servingParameters, sweepRequest } from './sweep_request.ts';
export type { SweepStatistics } from './sweep_statistics.ts';
export { MlflowTracker, type TrackedRun } from './tracking.ts';
export { campaignWarnings, parameterWarnings, sweepWarnings } from './warnings.ts';
