export { type ComparisonLooks, lookAtComparison, type RunLooks } from './compare_looks.ts';
export { type ComparedRun, compareRuns, comparisonJson, type FamilySize } from './compare_runs.ts';
export { executionAssumptions } from './execution/execution_terms.ts';
export { notFifoSentence } from './execution/execution_words.ts';
export type { TrialExecution } from './execution/trial_execution.ts';
export type { FoldWalkForward } from './fold_walk_forward.ts';
