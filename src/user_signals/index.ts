export { madeColumns } from './check/check_columns.ts';
export { type CheckReport, checkSignal } from './check/check_signal.ts';
export { startCheckThread } from './check/check_thread.ts';
export { type DescribedSignal, startDescribeThread } from './describe_signals.ts';
export { loadSignal } from './load_signal.ts';
export { writeNewSignal } from './new_signal.ts';
export { type ScoredBins, scoreBins } from './score_bins.ts';
export { type ImportedScoresReport, importScores } from './scores/import_scores.ts';
export { maxImportedScores } from './scores/read_scores.ts';
export {
  findUserSignal,
  findUserSignalFile,
  readUserSignals,
  registerUserSignals,
  type SignalPlaces,
} from './signal_folder.ts';
export { assertSignalName } from './signal_name.ts';
export {
  assertChecked,
  knowStoredSignal,
  readCheck,
  type ShownSource,
  type StoredCheck,
  shownSource,
  storeCheck,
  storedDescription,
  storedSignal,
  storeSource,
} from './signal_store.ts';
export { SpareThread } from './spare_thread.ts';
