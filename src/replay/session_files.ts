import type { ColumnName } from '../engine/index.ts';
import {
  type BinColumn,
  BinsParquetWriter,
  GridParquetWriter,
  ParquetThread,
  type WrittenFile,
} from '../files/index.ts';
import { gridUpdate } from '../wire/index.ts';

import type { Session, SessionSummary, SessionWatcher } from './session.ts';

/** Which columns of a session are kept, and under which temporary names; the names must not exist. */
export interface SessionFiles {
  readonly binsPath: string;
  readonly binColumns: readonly BinColumn[];
  readonly gridPath: string;
  readonly gridColumns: readonly ColumnName[];
  /** Whether grid rows whose every value besides k is zero are left out. */
  readonly omitZeroRows: boolean;
  readonly signalName: string;
}

export interface SessionFilesSummary extends SessionSummary {
  readonly gridRows: number;
  readonly binsFile: WrittenFile;
  readonly gridFile: WrittenFile;
}

/**
 * Runs a session and writes its bins and grids as Parquet, on a thread of its own; both files are durable at the end.
 * When it throws (LAKE_NOT_WRITABLE, or what `Session.run` throws) they are not whole, for the caller to remove.
 */
export async function writeSessionFiles(
  session: Session,
  files: SessionFiles,
  watcher: Omit<SessionWatcher, 'onBin'>,
): Promise<SessionFilesSummary> {
  const { sessionStartNs } = session.capture;
  await using thread = new ParquetThread();
  const bins = new BinsParquetWriter(thread, files.binsPath, files.binColumns);
  const grid = await GridParquetWriter.create(thread, files.gridPath, {
    frameRows: session.frameRows,
    columns: files.gridColumns,
    omitZeroRows: files.omitZeroRows,
  });
  const summary = await session.run({
    ...watcher,
    onBin: (bin, frame) => {
      const binsWait = bins.append(gridUpdate(bin, sessionStartNs, files.signalName));
      const gridWait = grid.append(bin.seq, frame);
      if (binsWait === undefined) return gridWait;
      return gridWait === undefined ? binsWait : Promise.all([binsWait, gridWait]).then(() => {});
    },
  });
  const [binsFile, gridFile] = await Promise.all([bins.finish(), grid.finish()]);
  return { ...summary, gridRows: grid.rows, binsFile, gridFile };
}
