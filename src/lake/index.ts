export { type ActiveOptions, type ActiveWindow, activeWindow } from './active_window.ts';
export { type AlertsFile, readAlerts } from './alert_files.ts';
export { BookCache, type BookCacheEntry, type BookCheckpoint, type BookCheckpointKey } from './book_cache.ts';
export { checkedReason } from './change_reason.ts';
export {
  conditionPath,
  conditionSentence,
  type DayCondition,
  dayConditions,
  readCondition,
  writeCondition,
} from './condition.ts';
export { instrumentPath, readInstrument, readReplayConfig, readYamlFile } from './config_files.ts';
export { type Coverage, CoverageWatch, describeCoverage, endsEarlyNs } from './coverage.ts';
export { datasetAnomalies } from './dataset_anomalies.ts';
export { binsWithSides, storedPriceColumns } from './dataset_bins.ts';
export { datasetBookGaps } from './dataset_book.ts';
export {
  candidatesOf,
  chooseDataset,
  isCurrent,
  pickDataset,
  pipelineIdOf,
  rebuiltId,
  recordsHashOf,
} from './dataset_choice.ts';
export { DatasetReader, type GridRows, storedBinColumns } from './dataset_reader.ts';
export { type DatasetIdentity, type DatasetSource, datasetIdentity, datasetSource } from './dataset_source.ts';
export {
  binColumns,
  checksumsFile,
  cleanColumns,
  type DatasetManifest,
  datasetColumns,
  datasetFiles,
  describeDatasetCoverage,
  filesOf,
  findDataset,
  gridColumnsOf,
  hasDataset,
  hasFeatures,
  listDatasets,
  manifestFile,
  manifestVersion,
  type PriorSource,
  readChecksums,
  readManifest,
  verifyDataset,
} from './datasets.ts';
export type { ImportedSession } from './imported_session.ts';
export { Lake, type SpecKind } from './lake.ts';
export { notesOf } from './lake_notes.ts';
export type { LegacyForm, NewSpec } from './legacy/legacy_form.ts';
export { legacyKindOf, parseOrAdvise, translateLegacy } from './legacy/legacy_spec.ts';
export * from './light.ts';
export { fullIdOf, MadeDatasets } from './made_datasets.ts';
export { type FailedUnit, listPlans, PlanFiles, type ShareLog } from './plan_files.ts';
export { assertChangesAliases, openServingRegistry, storeVersion } from './published_versions.ts';
export {
  chooseRawFile,
  contractIn,
  type FileIdentity,
  fileIdentity,
  findRawFile,
  latestRawDate,
  locateRawFile,
  RawFolder,
} from './raw.ts';
export { RawHashCache, stampOf } from './raw_hashes.ts';
export { type ImportOptions, type ImportReport, importRawFile } from './raw_import.ts';
export { matchRawFiles, type RawMatch, rawNotice } from './raw_match.ts';
export { type RawScan, type ScannedSession, type ScannedSymbol, type ScanOptions, scanRawFile } from './raw_scan.ts';
export { type RecordingSubject, recordingPath, type StoredRecording, storedRecordings } from './recordings.ts';
export { finishedSharesOf, isShareFinished } from './results/finished_shares.ts';
export { type KeptLooks, walkForwardRows } from './results/look_queries.ts';
export { ResultParts } from './results/result_parts.ts';
export {
  evaluationTimes,
  experimentList,
  type FoldRow,
  foldRows,
  type ResultFilter,
  runMetas,
  runRows,
  type SilentRuns,
} from './results/run_queries.ts';
export { sweepSummary, sweepsOnSessions } from './results/sweep_queries.ts';
export { datesWithGone, goneOfSession, storedUnitIds, type UnitSession, unitRow } from './results/unit_queries.ts';
export {
  readUnitSums,
  sumsOfUnit,
  type UnitLists,
  type UnitRange,
  type UnitSums,
  unitSums,
} from './results/unit_sums.ts';
export { type RunningPlan, runningPlans } from './running_plans.ts';
export { cancelSweep, isSweepRunning, readRunningSweeps, readSweepEnds, writeSweepEnd } from './running_sweeps.ts';
export { type ResolvedServing, ServingRegistry, type ServingVersion } from './serving_registry.ts';
export { type ListedSpec, SpecFolder } from './spec_folder.ts';
export {
  type LoadedExperiment,
  type LoadedPipeline,
  type LoadedServing,
  type LoadedSessionsExperiment,
  type LoadedTemplate,
  SpecFiles,
} from './specs.ts';
export { cacheFolder } from './storage/entry_cache.ts';
export { runningFolder, SweepProgressFile, sweepStalledMs } from './sweep_progress.ts';
