export { createAtomicFile, makeFolder, writeFileAtomic } from './atomic.ts';
export { allBinColumns, type BinColumn, BinsParquetWriter } from './bins_parquet.ts';
export {
  BookCache,
  type BookCacheEntry,
  type BookCacheOptions,
  type BookCheckpoint,
  type BookCheckpointKey,
} from './book_cache.ts';
export {
  type CampaignPlan,
  type CampaignReport,
  type DatasetOutcome,
  fittingWorkers,
  type Measured,
  measureCampaign,
  type PlannedDataset,
  planCampaign,
  runCampaign,
  variantRow,
} from './campaign/index.ts';
export { conditionPath, conditionSentence, readCondition } from './condition.ts';
export {
  instrumentPath,
  readConfigText,
  readInstrument,
  readReplayConfig,
  readYamlFile,
} from './config_files.ts';
export { type Coverage, type CoverageSubject, CoverageWatch, describeCoverage, endsEarlyNs } from './coverage.ts';
export { binsWithSides, storedPriceColumns } from './dataset_bins.ts';
export { type ChosenDataset, chooseDataset } from './dataset_choice.ts';
export {
  type DatasetManifest,
  datasetColumns,
  datasetFiles,
  describeDatasetCoverage,
  findDataset,
  listDatasets,
  readManifest,
  verifyDataset,
} from './datasets.ts';
export { type ExamineOptions, examineLake, type Finding } from './doctor.ts';
export {
  DatabentoApi,
  DatabentoHttp,
  type DownloadedSession,
  type DownloadOptions,
  type DownloadPlan,
  type DownloadProgress,
  type DownloadRequest,
  type DownloadResult,
  type DownloadTiming,
  defaultTiming,
  downloadSchemas,
  downloadSessions,
  type FailedSession,
  JobLedger,
  keptDays,
  type Order,
  type PlannedSession,
  partBytes,
  planDownload,
  readLedger,
  type SessionState,
} from './download/index.ts';
export { fileChunks, openToRead } from './file_chunks.ts';
export { type GeneratedDataset, generateDataset } from './generate_dataset.ts';
export { type GridParquetOptions, GridParquetWriter } from './grid_parquet.ts';
export { Lake, type SpecKind } from './lake.ts';
export { type OutputRequest, type StoredOutput, storeOutput } from './output.ts';
export type { AtomicFile } from './output_stream.ts';
export { refuseExisting, type TargetOptions } from './output_target.ts';
export { type ParquetFile, type ParquetFileOptions, ParquetThread, type WrittenFile } from './parquet_thread.ts';
export { buildFile } from './place_files.ts';
export {
  type BundleManifest,
  type PublishedBundle,
  type PublishPhase,
  publishDataset,
} from './publish/index.ts';
export { type FileIdentity, fileIdentity, findRawFile, latestRawDate } from './raw.ts';
export { matchRawFile, matchRawFiles, type RawMatch, rawNotice } from './raw_match.ts';
export { type OpenRecordsOptions, openRecords, type RecordSource } from './records.ts';
export { type ReplayFiles, writeReplayFiles } from './replay_files.ts';
export { ResultsStore } from './results.ts';
export type { ResultRow, ResultRows, ResultTable } from './results_tables.ts';
export {
  type ResolvedServing,
  type ServingEvent,
  ServingRegistry,
  type ServingVersion,
} from './serving_registry.ts';
export { openSession, type Session, type SessionOptions, type SessionSummary, type SessionWatcher } from './session.ts';
export { sha256File } from './sha256_file.ts';
export { type LoadedExperiment, type LoadedPipeline, type LoadedServing, SpecFiles } from './specs.ts';
export { readSweepProgress, SweepProgressFile, sweepStalledMs } from './sweep_progress.ts';
export { removeStaleTemporaries } from './temporaries.ts';
export { temporaryPrefix } from './temporary_names.ts';
export { firstReaching, type WarmedBook, type WarmRequest } from './warm_book.ts';
export { type WarmOptions, warmBooks } from './warm_books.ts';
export { writeError } from './write_error.ts';
export { zstdChunks } from './zstd_chunks.ts';
