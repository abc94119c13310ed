export { type AppendedFile, openToAppend } from './appended_file.ts';
export { createAtomicFile, syncFolder, writeFileAtomicSync } from './atomic.ts';
export { allBinColumns, type BinColumn, BinsParquetWriter } from './bins_parquet.ts';
export { type GrowingFile, openToWrite, removeEmptyFolder } from './changes.ts';
export { preciseNowMs } from './clock.ts';
export { chunkColumn, chunksOf, quotedFile } from './duckdb.ts';
export { FeaturesParquetWriter, storedFeatureColumns, tradedColumns } from './features_parquet.ts';
export { type ByteInput, openFileBytes, type TornTail } from './file_bytes.ts';
export { fileChunks, openToRead } from './file_chunks.ts';
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
export * from './light.ts';
export { type LogFile, openLogFile, readLogEnd } from './log_file.ts';
export { type NpzArray, NpzWriter } from './npz.ts';
export { openRecords } from './open_records.ts';
export type { AtomicFile } from './output_stream.ts';
export { outputTarget, refuseExisting, refuseNoFile, refuseNoFolder } from './output_target.ts';
export { type ParquetFile, ParquetThread, type WrittenFile } from './parquet_thread.ts';
export { buildFile, placeFiles } from './place_files.ts';
export { type DbnInput, located, openDbnInput, type RecordSource } from './records.ts';
export { type HashRecordsOptions, hashRecords, RecordsHash, type RecordsIdentity } from './records_hash.ts';
export { readSqliteFile, SqliteFile, type SqliteSchema } from './sqlite.ts';
export type { KnownFile, StoredObject } from './storage/object_store.ts';
export { orphanedTemporaries, type Temporary, takeTemporary, takeTurn } from './temporaries.ts';
export { temporaryPrefix } from './temporary_names.ts';
export { Turns } from './turns.ts';
export { zstdChunks } from './zstd_chunks.ts';
export { type CompressOptions, compressSeekable, isZstdOf } from './zstd_seekable.ts';
