import { rename, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { gridColumns } from '../engine/index.ts';
import { makeFolder, removeStaleTemporaries, syncFolder, temporaryName, writeError } from './atomic.ts';
import { allBinColumns } from './bins_parquet.ts';
import type { Session, SessionWatcher } from './session.ts';
import { type SessionFilesSummary, writeSession } from './session_files.ts';

/** A replay that was written. */
export interface ReplayFiles extends SessionFilesSummary {
  readonly binsPath: string;
  readonly gridPath: string;
}

/**
 * Runs a session and writes `bins.parquet` (the fields of `grid_update`) and `grid.parquet` (bin_seq, k and all columns of
 * the stream, dense) to `folder`, which is made when it is missing. Both appear whole, in place of older ones, or not at
 * all. Throws LAKE_NOT_WRITABLE and what `Session.run` throws.
 */
export async function writeReplayFiles(
  session: Session,
  folder: string,
  watcher: Omit<SessionWatcher, 'onBin'>,
): Promise<ReplayFiles> {
  const binsPath = join(folder, 'bins.parquet');
  const gridPath = join(folder, 'grid.parquet');
  const temporary = { bins: temporaryName(binsPath), grid: temporaryName(gridPath) };
  let made: string | null;
  try {
    made = makeFolder(folder);
    await removeStaleTemporaries(folder, Date.now());
  } catch (cause) {
    throw writeError(folder, cause);
  }
  try {
    const summary = await writeSession(
      session,
      {
        binsPath: temporary.bins,
        binColumns: allBinColumns,
        gridPath: temporary.grid,
        gridColumns: gridColumns.map(([name]) => name),
        omitZeroRows: false,
        signalName: 'derivative',
      },
      watcher,
    );
    try {
      await rename(temporary.bins, binsPath);
      await rename(temporary.grid, gridPath);
      await syncFolder(folder);
    } catch (cause) {
      throw writeError(folder, cause);
    }
    return { ...summary, binsPath, gridPath };
  } catch (error) {
    await rm(temporary.bins, { force: true });
    await rm(temporary.grid, { force: true });
    // A folder that was made for this is of no use; one that holds something stays.
    if (made !== null) await rmdir(folder).catch(() => {});
    throw error;
  }
}
