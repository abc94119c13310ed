export { type AppendedFile, openToAppend } from './appended_file.ts';
export { createAtomicFile, makeFolder, syncFolder, writeFileAtomic, writeFileAtomicSync } from './atomic.ts';
export { allBinColumns, type BinColumn, BinsParquetWriter } from './bins_parquet.ts';
export { type GrowingFile, openToWrite, placeGrownFile, remove, removeEmptyFolder, touch } from './changes.ts';
export { type Clock, preciseNowMs, systemClock } from './clock.ts';
export { chunkColumn, chunksOf, DuckDatabase, quoted, quotedFile } from './duckdb.ts';
export { FeaturesParquetWriter, storedFeatureColumns, tradedColumns } from './features_parquet.ts';
export { type ByteInput, openFileBytes, type TornTail } from './file_bytes.ts';
export { fileChunks, openToRead, readError } from './file_chunks.ts';
export { FileLock } from './file_lock.ts';
export { GridParquetWriter } from './grid_parquet.ts';
export {
  type Growth,
  isBeingRecorded,
  lockRecording,
  noGrowth,
  openGrowingRecords,
  pollingGrowth,
  recordingLockPath,
  type WriterSigns,
  watchedGrowth,
} from './growing_records.ts';
export { type LogFile, openLogFile, readLogEnd } from './log_file.ts';
export { type NpzArray, NpzWriter } from './npz.ts';
export { openRecords } from './open_records.ts';
export type { AtomicFile } from './output_stream.ts';
export { outputTarget, refuseExisting, refuseNoFile, refuseNoFolder } from './output_target.ts';
export { type ParquetFile, ParquetThread, type WrittenFile } from './parquet_thread.ts';
export { buildFile, placeFiles } from './place_files.ts';
export { runSteps, runStepsSync } from './protocol/run_steps.ts';
export { call, type Steps } from './protocol/system_calls.ts';
export { type Owners, removeWhole } from './protocol/temporary_steps.ts';
export { type DbnInput, located, openDbnInput, type RecordSource } from './records.ts';
export { type HashRecordsOptions, hashRecords, RecordsHash, type RecordsIdentity } from './records_hash.ts';
export { sha256File } from './sha256_file.ts';
export { sizeOrNull } from './size_or_null.ts';
export { readSqliteFile, SqliteFile, type SqliteSchema } from './sqlite.ts';
export {
  isStorageUrl,
  type KnownFile,
  ObjectStore,
  parseStorageUrl,
  type StoredObject,
} from './storage/object_store.ts';
export { Pins } from './storage/pins.ts';
export { ReservedFile } from './storage/reserved_file.ts';
export {
  orphanedTemporaries,
  removeStaleTemporaries,
  type Temporary,
  takeTemporary,
  takeTurn,
  threadOwners,
} from './temporaries.ts';
export { temporaryPrefix } from './temporary_names.ts';
export { Turns } from './turns.ts';
export { Workspace } from './workspace.ts';
export { isMissing, lostError, writeError } from './write_error.ts';
export { zstdChunks } from './zstd_chunks.ts';
export { type CompressOptions, compressSeekable, isZstdOf } from './zstd_seekable.ts';
