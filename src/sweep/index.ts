export { type CellResult, CellRunner } from './cell_runner.ts';
export { type CheckedExperiment, checkExperiment } from './check_experiment.ts';
export { type Comparison, findRunId, runDetail } from './compare_runs.ts';
export { resolveServing } from './day_stream.ts';
export {
  type EvaluatedCells,
  type EvaluateOptions,
  evaluateCells,
  type LoadedSession,
  loadSession,
} from './evaluate_cells.ts';
export { type ExecutedRun, type ExecuteRunOptions, executeRun } from './execution/execute_run.ts';
export { type ExecutedJson, executedJson } from './execution/executed_json.ts';
export { type ExecutedTradeRow, executedTradesOf, executedTradeTable } from './execution/executed_trade_rows.ts';
export type { ExecutionStats } from './execution/execution_stats.ts';
export type { ExecutionTerms } from './execution/execution_terms.ts';
export { executionStamp, keepExecution, readExecution } from './execution/kept_execution.ts';
export { type KeptTrades, keptTrades } from './execution/kept_trades.ts';
export { writeOrdersParquet } from './execution/order_rows.ts';
export { type PassEntry, PassStore, passEntries, removePass } from './execution/pass_store.ts';
export { ownTerms } from './execution/run_terms.ts';
export { experimentCost } from './experiment_cost.ts';
export { type ExperimentDocument, experimentDocument } from './experiment_document.ts';
export { renderExperimentReport } from './experiment_report/page.ts';
export { type ReportDocument, withSessionFeeds } from './experiment_report/session_feeds.ts';
export { GrowingComparison } from './growing_comparison.ts';
export { assertScored } from './imported_sessions.ts';
export { assertOutOfSample } from './in_sample.ts';
export { type ExperimentStatistics, storedExperiment } from './judge_experiment.ts';
export * from './light.ts';
export { type OnlineSimReport, onlineSim } from './online_sim.ts';
export {
  type Cell,
  cellRuntime,
  type EvaluationSettings,
  evaluationVersion,
  type Judgement,
  maxHashedCells,
  planSweep,
  type SweepPlan,
  type SweepRequest,
} from './plan.ts';
export { planSignal, readsFlowScore } from './plan_signal.ts';
export { expectedPeakBytes, type PrepareOptions, prepareDatasets } from './prepare_datasets.ts';
export { promoteRun } from './promote.ts';
export { promotionConcerns } from './promotion_concerns.ts';
export { type RowTable, writeRowsCsv, writeRowsParquet } from './row_files.ts';
export { type ExperimentReport, runExperiment, takeUserSignals } from './run_experiment.ts';
export { fillMids, OutcomeEvaluator } from './run_outcomes.ts';
export { runSweep } from './run_sweep.ts';
export { servingInfo } from './serving_info.ts';
export { signalColumns, signalSession } from './signal_columns.ts';
export { renderWatchPage, type WatchState, watchStateJson } from './signal_watch/watch_page.ts';
export { WatchedSignal } from './signal_watch/watched_signal.ts';
export { describeCell } from './sweep_pool.ts';
export { type AnyExperiment, planExperiment, servingParameters, sweepRequest, sweepRequests } from './sweep_request.ts';
export { type SweepSession, sessionOf, unitId } from './sweep_session.ts';
export type { UnitFailure } from './sweep_tally.ts';
export { MlflowTracker, type TrackedRun } from './tracking.ts';
export { chooseResult, type TradeRow, tradesOf, tradeTable } from './trade_rows.ts';
export { campaignWarnings, parameterWarnings, sweepWarnings } from './warnings.ts';
