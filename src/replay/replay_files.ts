import { join } from 'node:path';
import { gridColumns } from '../engine/index.ts';
import {
  allBinColumns,
  makeFolder,
  outputTarget,
  placeFiles,
  removeEmptyFolder,
  removeStaleTemporaries,
  takeTemporary,
  writeError,
} from '../files/index.ts';
import { defaultSignal } from '../signals/index.ts';

import type { Session, SessionWatcher } from './session.ts';
import { type SessionFilesSummary, writeSessionFiles } from './session_files.ts';

/** A replay that was written. */
export interface ReplayFiles extends SessionFilesSummary {
  readonly binsPath: string;
  readonly gridPath: string;
}

/**
 * Runs a session and writes `bins.parquet` (the fields of `grid_update`) and `grid.parquet` (bin_seq, k and all columns of
 * the stream, dense) to `folder`, which is made when it is missing. Both appear whole, in place of older ones, or not at
 * all; a device or FIFO of that name is written through. Throws LAKE_NOT_WRITABLE, FILE_EXISTS for a symbolic link, and what `Session.run` throws.
 */
export async function writeReplayFiles(
  session: Session,
  folder: string,
  watcher: Omit<SessionWatcher, 'onBin'>,
): Promise<ReplayFiles> {
  const binsPath = join(folder, 'bins.parquet');
  const gridPath = join(folder, 'grid.parquet');
  for (const path of [binsPath, gridPath]) outputTarget(path);
  let made: string | null;
  try {
    made = makeFolder(folder);
    await removeStaleTemporaries(folder);
  } catch (cause) {
    throw writeError(folder, cause);
  }
  const temporary = { bins: takeTemporary(binsPath), grid: takeTemporary(gridPath) };
  try {
    const summary = await writeSessionFiles(
      session,
      {
        binsPath: temporary.bins.path,
        binColumns: allBinColumns,
        gridPath: temporary.grid.path,
        gridColumns: gridColumns.map(([name]) => name),
        omitZeroRows: false,
        signalName: defaultSignal.name,
        featuresPath: null,
      },
      watcher,
    );
    const { signal } = watcher;
    await placeFiles(
      [
        { temporaryPath: temporary.bins.path, path: binsPath, written: summary.binsFile },
        { temporaryPath: temporary.grid.path, path: gridPath, written: summary.gridFile },
      ],
      signal === undefined ? {} : { signal },
    );
    return { ...summary, binsPath, gridPath };
  } catch (error) {
    await temporary.bins.discard();
    await temporary.grid.discard();
    throw error;
  } finally {
    temporary.bins.release();
    temporary.grid.release();
    // A folder that was made for this is of no use; one that holds something stays.
    if (made !== null) await removeEmptyFolder(folder);
  }
}
