import { existsSync, readFileSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { type CaptureWindow, canonicalJson, type PublishedServingSpec, type RuntimeConfig } from '../config/index.ts';
import { gridColumns } from '../engine/index.ts';
import { SpymasterError } from '../errors.ts';
import { allBinColumns, refuseNoFolder, sha256File, Workspace } from '../files/index.ts';
import { findRawFile, type Lake } from '../lake/index.ts';
import { snakeCaseKeys } from '../name_case.ts';
import { defaultSignal } from '../signals/index.ts';

import { openSession, type Session, type SessionWatcher } from './session.ts';
import { writeSessionFiles } from './session_files.ts';

/** The session to replay: a serving version's or a pipeline's. */
export interface OutputRequest {
  /** Source of the frames, for the manifest: a serving id or a dataset id. */
  readonly name: string;
  readonly runtime: RuntimeConfig;
  /** Session date YYYY-MM-DD. */
  readonly date: string;
  readonly capture: CaptureWindow;
  readonly signal: PublishedServingSpec['signal'];
  /** Bins that end in (fromNs, toNs] are stored, UNIX nanoseconds; null: no bound. What they hold does not depend on it. */
  readonly fromNs: bigint | null;
  readonly toNs: bigint | null;
}

export interface StoredOutput {
  readonly folder: string;
  readonly bins: number;
  readonly gridRows: number;
  /** False when the same output was there already. */
  readonly isNew: boolean;
}

/** Identity of an output; two are equal when their JSON is. */
interface OutputIdentity {
  readonly name: string;
  readonly date: string;
  readonly start_ns: string;
  readonly from_ns: string | null;
  readonly to_ns: string | null;
  readonly runtime: RuntimeConfig;
  readonly signal: NonNullable<OutputRequest['signal']> | null;
  readonly source: { readonly file_name: string; readonly sha256: string };
}

/** Version 1 had 0 for the prices of a missing side. */
const manifestVersion = 2;
const files = { bins: 'bins.parquet', grid: 'grid.parquet', manifest: 'manifest.json' } as const;

/**
 * Runs a session from its start and stores the bins and dense grids of a window in `folder`, with a manifest: the very
 * values that are streamed. The folder appears whole or not at all.
 *
 * Throws FILE_EXISTS when `folder` holds anything but this output, LAKE_NOT_WRITABLE, and what `findRawFile`, `openSession`
 * and its `run` throw; DATE_OUTSIDE_FILE when no bin lies in the window.
 */
export async function storeOutput(
  lake: Lake,
  request: OutputRequest,
  folder: string,
  watcher: Omit<SessionWatcher, 'onBin'> & { readonly codeVersion: string },
): Promise<StoredOutput> {
  const { runtime, date, capture, signal } = request;
  refuseNoFolder(folder);
  const path = await findRawFile(lake, runtime.product_type, runtime.symbol, date);
  const identity = identityOf(request, { file_name: basename(path), sha256: await sha256File(path) });
  const there = await sameOutput(folder, identity);
  if (there !== null) return { folder, ...there, isNew: false };
  await using session = await openSession({
    path,
    runtime,
    date,
    capture,
    ...(signal === undefined ? {} : { signal }),
  });
  await using workspace = await Workspace.create(folder);
  const stored = { bins: 0 };
  const summary = await writeSessionFiles(
    windowed(session, request, stored),
    {
      binsPath: join(workspace.path, files.bins),
      binColumns: allBinColumns,
      gridPath: join(workspace.path, files.grid),
      gridColumns: gridColumns.map(([name]) => name),
      omitZeroRows: false,
      signalName: signal?.name ?? defaultSignal.name,
      featuresPath: null,
    },
    watcher,
  );
  if (stored.bins === 0) throw emptyWindow(request);
  const { counters, startsFromKnownBook, gridRows, binsFile, gridFile } = summary;
  const manifest = {
    manifest_version: manifestVersion,
    ...identity,
    bins: stored.bins,
    grid_rows: gridRows,
    starts_whole: startsFromKnownBook,
    counters: snakeCaseKeys({ ...counters }),
    code_version: watcher.codeVersion,
    sha256: { [files.bins]: binsFile.sha256, [files.grid]: gridFile.sha256 },
    file_bytes: { [files.bins]: binsFile.fileBytes, [files.grid]: gridFile.fileBytes },
  };
  workspace.add(files.bins, binsFile);
  workspace.add(files.grid, gridFile);
  await workspace.write(files.manifest, `${JSON.stringify(manifest, null, 2)}\n`);
  if (!(await workspace.publish())) throw somethingElse(folder);
  return { folder, bins: stored.bins, gridRows, isNew: true };
}

function identityOf(request: OutputRequest, source: OutputIdentity['source']): OutputIdentity {
  const { name, date, capture, fromNs, toNs, runtime, signal } = request;
  return {
    name,
    date,
    start_ns: String(capture.startNs),
    from_ns: fromNs === null ? null : String(fromNs),
    to_ns: toNs === null ? null : String(toNs),
    runtime,
    signal: signal ?? null,
    source,
  };
}

/** A session that hands on only the bins of the window; the others are computed all the same. */
function windowed(session: Session, { fromNs, toNs }: OutputRequest, stored: { bins: number }): Session {
  const { sessionStartNs } = session.capture;
  const from = fromNs === null ? Number.NEGATIVE_INFINITY : Number(fromNs - sessionStartNs);
  const to = toNs === null ? Number.POSITIVE_INFINITY : Number(toNs - sessionStartNs);
  return {
    ...session,
    run: (watcher) =>
      session.run({
        ...watcher,
        onBin: (bin, frame, features) => {
          if (bin.endNs <= from || bin.endNs > to) return undefined;
          stored.bins++;
          return watcher.onBin(bin, frame, features);
        },
      }),
  };
}

/**
 * Sizes of the output that a folder holds, when it is this one; null when there is no folder. Throws FILE_EXISTS for
 * anything else, CHECKSUM_MISMATCH when one of its files is missing or has another size than it was written with.
 */
async function sameOutput(
  folder: string,
  identity: OutputIdentity,
): Promise<{ bins: number; gridRows: number } | null> {
  if (!existsSync(folder)) return null;
  let manifest: OutputIdentity & {
    readonly manifest_version: number;
    readonly bins: number;
    readonly grid_rows: number;
    /** Outputs stored before this was noted have none. */
    readonly file_bytes?: Readonly<Record<string, number>>;
  };
  try {
    manifest = JSON.parse(readFileSync(join(folder, files.manifest), 'utf8'));
  } catch {
    // No manifest of ours: whatever the folder holds, it is something else.
    throw somethingElse(folder);
  }
  const said = Object.fromEntries(Object.keys(identity).map((key) => [key, manifest[key as keyof OutputIdentity]]));
  if (manifest.manifest_version !== manifestVersion || canonicalJson(said) !== canonicalJson({ ...identity })) {
    throw somethingElse(folder);
  }
  for (const name of [files.bins, files.grid]) {
    const bytes = (await stat(join(folder, name)).catch(() => null))?.size ?? null;
    if (bytes !== null && bytes > 0 && bytes === (manifest.file_bytes?.[name] ?? bytes)) continue;
    throw new SpymasterError(
      'CHECKSUM_MISMATCH',
      `Cannot use the output in ${folder}: ${name} ${bytes === null ? 'is missing' : 'changed since it was made'}; ` +
        'delete the folder and store the output again.',
      { path: join(folder, name) },
    );
  }
  return { bins: manifest.bins, gridRows: manifest.grid_rows };
}

function somethingElse(folder: string): SpymasterError {
  return new SpymasterError(
    'FILE_EXISTS',
    `Cannot store the output in ${folder}: it exists and holds something else; give another --out, or delete it.`,
    { path: folder },
  );
}

function emptyWindow({ date, fromNs, toNs }: OutputRequest): SpymasterError {
  return new SpymasterError(
    'DATE_OUTSIDE_FILE',
    `Cannot store the output of ${date}: no bin ends in the window; give one inside the capture.`,
    { fromNs: String(fromNs), toNs: String(toNs) },
  );
}
