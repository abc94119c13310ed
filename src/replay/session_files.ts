import type { ColumnName } from '../engine/index.ts';
import { notNull } from '../errors.ts';
import {
  type BinColumn,
  BinsParquetWriter,
  FeaturesParquetWriter,
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
  /** Null: none; else the session makes features. */
  readonly featuresPath: string | null;
}

export interface SessionFilesSummary extends SessionSummary {
  readonly gridRows: number;
  readonly binsFile: WrittenFile;
  readonly gridFile: WrittenFile;
  readonly featuresFile: WrittenFile | null;
}

/**
 * Runs a session and writes its bins and grids as Parquet, on a thread of its own; all files are durable at the end.
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
  const { featuresPath } = files;
  const features = featuresPath === null ? null : new FeaturesParquetWriter(thread, featuresPath, sessionStartNs);
  const summary = await session.run({
    ...watcher,
    onBin: (bin, frame, made) => {
      const binsWait = bins.append(gridUpdate(bin, sessionStartNs, files.signalName));
      const gridWait = grid.append(bin.seq, frame);
      const featuresWait = features?.append(bin.seq, bin.endNs, notNull(made));
      const waits = [binsWait, gridWait, featuresWait].filter((wait) => wait !== undefined);
      return waits.length === 0 ? undefined : Promise.all(waits).then(() => {});
    },
  });
  const [binsFile, gridFile, featuresFile] = await Promise.all([
    bins.finish(),
    grid.finish(),
    features?.finish() ?? null,
  ]);
  return { ...summary, gridRows: grid.rows, binsFile, gridFile, featuresFile };
}
