export { hasTrialSet, keptLooks } from './results/look_queries.ts';
export { ResultsStore } from './results/results_store.ts';
export {
  type BestRun,
  bestRuns,
  countRuns,
  filterChoices,
  type RunMeta,
  type RunQuery,
  runIdsWith,
  runMeta,
  silentRuns,
  thresholdRows,
} from './results/run_queries.ts';
export { type SweepSummary, sweepSummaries, sweepTrials } from './results/sweep_queries.ts';
export { unitSumsOf } from './results/unit_sums.ts';
export type { ResultRows } from './results/write_rows.ts';
export { openLake } from './storage/open_lake.ts';
