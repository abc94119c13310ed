import { noGrowth, openGrowingRecords } from './growing_records.ts';
import { openWholeRecords, type RecordSource, type RecordsOptions } from './records.ts';

/**
 * Opens a DBN file, plain, zstd or DBZ (told by its first bytes, not its name; any number of frames), and reads its metadata.
 *
 * Memory does not grow with the file. A file that was cut delivers its whole records, then throws; a plain live recording, whose
 * metadata has no schema, ends at its last whole record instead: it may still grow, and `tornTail` then tells what was left
 * out. Throws FILE_NOT_FOUND, FILE_UNREADABLE, and what `openDbn` does, with path and byte offset.
 */
export async function openRecords(path: string, options: RecordsOptions = {}): Promise<RecordSource> {
  const source = await openWholeRecords(path, options);
  if (source.container !== 'dbn' || source.metadata.schema !== null) return source;
  await source.close();
  return await openGrowingRecords(path, noGrowth, options);
}
