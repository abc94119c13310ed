import { existsSync } from 'node:fs';
import { access, constants, readdir, stat, statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { partPath, readLedger } from '../databento/historical/index.ts';
import { SpymasterError } from '../errors.ts';
import { orphanedTemporaries, sha256File, temporaryPrefix } from '../files/index.ts';
import { plural } from '../format.ts';
import {
  BookCache,
  cacheFolder,
  type DatasetManifest,
  type Lake,
  listDatasets,
  matchRawFiles,
  pipelineIdOf,
  type RawMatch,
  ResultParts,
  ServingRegistry,
  verifyDataset,
} from '../lake/index.ts';
import { type ExamineOptions, type Finding, failed, failure, listed, ok, warning } from './finding.ts';
import { recordings } from './recordings.ts';

/** Free bytes under which a day's recording no longer fits, and under which hardly anything does. */
const littleSpaceBytes = 10e9;
const noSpaceBytes = 500e6;

/** Examines a lake and changes nothing in it but its cache of hashes: layout, permissions, space, checksums, registry, downloads, leftovers. */
export async function examineLake(lake: Lake, { signal, onLook }: ExamineOptions): Promise<Finding[]> {
  if (!existsSync(lake.root)) {
    const remedy = 'run `npx spymaster demo` for one with example data, or give another --lake-root';
    return [warning('lake', `${lake.root} does not exist yet`, remedy), await freeSpace(lake)];
  }
  const findings: Finding[] = [];
  for (const [what, examine] of [
    ['layout', layout],
    ['permissions', permissions],
    ['free space', freeSpace],
    ['leftovers', leftovers],
    ['serving registry', registry],
    ['datasets', datasets],
    ['results', results],
    ['book checkpoints', checkpoints],
    ['downloads', downloads],
    ['recordings', recordings],
  ] as const) {
    signal.throwIfAborted();
    onLook(what);
    findings.push(...[await examine(lake, { signal, onLook })].flat());
  }
  return findings;
}

async function layout(lake: Lake): Promise<Finding> {
  if (!(await stat(lake.root)).isDirectory()) {
    return failure('layout', `${lake.root} is no folder`, 'give the folder of a lake as --lake-root');
  }
  const unknownEntries = (await readdir(lake.root)).filter(
    (name) => !['raw', 'cache', 'research'].includes(name) && !name.startsWith('.'),
  );
  if (unknownEntries.length === 0) return ok('layout', `${lake.root} has the folders of a lake`);
  const found = `${lake.root} also holds ${listed(unknownEntries)}, which no part of Spymaster reads`;
  return warning('layout', found, 'make sure that --lake-root names the right folder');
}

async function permissions(lake: Lake): Promise<Finding> {
  const raw = lake.path('raw');
  const written = [lake.root, raw, lake.bookCache, lake.datasets(), lake.results, lake.ledger, lake.servingVersions];
  const closed: string[] = [];
  for (const folder of written.filter((path) => existsSync(path))) {
    const mode = constants.R_OK | constants.W_OK | constants.X_OK;
    await access(folder, mode).catch((error: NodeJS.ErrnoException) => closed.push(`${folder} (${error.code})`));
  }
  if (closed.length === 0) return ok('permissions', 'the folders of the lake can be read and written');
  return failure('permissions', `cannot use ${listed(closed)}`, 'give your user read and write permission there');
}

async function freeSpace(lake: Lake): Promise<Finding> {
  let existing = lake.root;
  while (!existsSync(existing)) existing = dirname(existing);
  const { bavail, bsize } = await statfs(existing);
  const free = bavail * bsize;
  const found = `${(free / 1e9).toFixed(1)} GB free for ${lake.root}`;
  const remedy = 'make room: `npx spymaster cache prune` frees the cache, old datasets can be made again';
  if (free < noSpaceBytes) return failure('free space', found, remedy);
  return free < littleSpaceBytes ? warning('free space', found, remedy) : ok('free space', found);
}

/** Whether a folder is the cache's own, which clears up after dead processes by itself. */
function isOfCache(lake: Lake, folder: string): boolean {
  return lake.storage !== null && lake.relative(folder).startsWith(`${cacheFolder}/`);
}

/** Files and folders that processes left unfinished: temporary names whose owner holds no lock, and abandoned parts. */
async function leftovers(lake: Lake): Promise<Finding> {
  const entries = await readdir(lake.root, { recursive: true, withFileTypes: true });
  const folders = new Set(
    entries
      .filter(({ name, parentPath }) => name.startsWith(temporaryPrefix) && !isOfCache(lake, parentPath))
      .map(({ parentPath }) => parentPath),
  );
  const orphans: string[] = [];
  for (const folder of folders) {
    for (const name of await orphanedTemporaries(folder)) orphans.push(lake.relative(join(folder, name)));
  }
  const awaited = new Set(
    readLedgerOrNone(lake).flatMap(({ state, jobId }) =>
      state === 'submitted' && jobId !== null ? [partPath(lake, jobId)] : [],
    ),
  );
  const parts = entries
    .map(({ name, parentPath }) => join(parentPath, name))
    .filter((path) => path.endsWith('.part') && path.startsWith(dirname(partPath(lake, ''))) && !awaited.has(path))
    .map((path) => lake.relative(path));
  const all = [...orphans, ...parts].sort();
  if (all.length === 0) return ok('leftovers', 'no interrupted work was left behind');
  return warning(
    'leftovers',
    `interrupted work left ${listed(all)}`,
    'delete them once no other Spymaster process works on this lake',
  );
}

async function registry(lake: Lake): Promise<Finding[]> {
  if (!existsSync(lake.servingRegistry)) return [ok('serving registry', 'nothing was published yet')];
  const findings: Finding[] = [];
  try {
    using open = new ServingRegistry(lake);
    const versions = open.versions();
    for (const { servingId } of versions) {
      try {
        open.resolve(servingId);
      } catch (error) {
        findings.push(failed('serving registry', error));
      }
    }
    const known = new Set(versions.map(({ path }) => path));
    const files = existsSync(lake.servingVersions) ? await readdir(lake.servingVersions) : [];
    const specs = files.filter((name) => name.endsWith('.yaml') && !name.startsWith('.'));
    const unknown = specs.filter((name) => !known.has(lake.relative(join(lake.servingVersions, name))));
    if (unknown.length > 0) {
      const found = `the registry does not know ${listed(unknown)}`;
      findings.push(warning('serving registry', found, 'publish the run again, or delete the files'));
    }
    if (findings.length > 0) return findings;
    const aliases = open.aliases().length;
    return [
      ok(
        'serving registry',
        `${plural(versions.length, 'version')} and ${plural(aliases, 'alias', 'aliases')}, all specs as published`,
      ),
    ];
  } catch (error) {
    return [...findings, failed('serving registry', error)];
  }
}

async function datasets(lake: Lake, { signal, onLook }: ExamineOptions): Promise<Finding[]> {
  const ids = await listDatasets(lake);
  const findings: Finding[] = [];
  const whole: DatasetManifest[] = [];
  for (const id of ids) {
    signal.throwIfAborted();
    onLook(`dataset ${id}`);
    try {
      whole.push(await verifyDataset(lake, id));
    } catch (error) {
      findings.push(failed('datasets', error));
    }
  }
  if (findings.length === 0)
    findings.push(ok('datasets', `${plural(ids.length, 'dataset')}, all files as they were made`));
  return [...findings, ...(await rawFiles(lake, whole, { signal, onLook }))];
}

/** Compares datasets with their raw files; one that was rebuilt from the raw file that is there speaks for its pipeline. */
async function rawFiles(
  lake: Lake,
  manifests: readonly DatasetManifest[],
  { signal, onLook }: ExamineOptions,
): Promise<Finding[]> {
  onLook('raw files');
  const matches = await matchRawFiles(lake, manifests, { hash: true, signal });
  const check = 'raw files';
  const byState = (state: RawMatch['state']) => [...matches].filter(([, match]) => match.state === state);
  const upToDate = new Set(byState('same').map(([id]) => pipelineIdOf(id)));
  const stale = byState('differs');
  const findings = stale.map(([id, { found }]) =>
    upToDate.has(pipelineIdOf(id))
      ? ok(check, `${id} was made from another file, and a dataset of this one is there`)
      : warning(
          check,
          `${id}: ${found}`,
          'run `npx spymaster generate <pipeline.yaml> --rebuild` for a dataset of this file',
        ),
  );
  for (const [id, { found }] of byState('unknown')) {
    findings.push(warning(check, `${id}: ${found}`, 'make the file readable, or download it again'));
  }
  const missing = byState('missing').map(([id]) => id);
  if (missing.length > 0) {
    const found = `no raw file to compare ${plural(missing.length, 'dataset')} with: ${listed(missing)}`;
    findings.push(ok(check, found));
  }
  const same = byState('same').length;
  if (same > 0 || findings.length === 0) {
    findings.unshift(ok(check, `${plural(same, 'dataset')} made from the raw files as they are`));
  }
  return findings;
}

async function results(lake: Lake, { signal, onLook }: ExamineOptions): Promise<Finding[]> {
  const findings: Finding[] = [];
  let count = 0;
  for (const folder of [lake.results, lake.ledger]) {
    const parts = new ResultParts(folder);
    for (const name of parts.names()) {
      count++;
      signal.throwIfAborted();
      onLook(`results ${name}`);
      try {
        parts.verify(name);
      } catch (error) {
        findings.push(failed('results', error));
      }
    }
  }
  return findings.length > 0 ? findings : [ok('results', `${plural(count, 'part')}, all files as they were written`)];
}

async function checkpoints(lake: Lake): Promise<Finding> {
  const entries = await new BookCache(lake, { notice: () => {} }).entries();
  const damaged = entries.filter(({ problem }) => problem !== null);
  if (damaged.length === 0) return ok('book checkpoints', `${plural(entries.length, 'checkpoint')}, all whole`);
  const found = `${damaged.length} of ${plural(entries.length, 'checkpoint')} cannot be used`;
  return warning('book checkpoints', found, 'run `npx spymaster cache prune`; they are made anew when needed');
}

async function downloads(lake: Lake, { signal, onLook }: ExamineOptions): Promise<Finding[]> {
  const findings: Finding[] = [];
  let orders: ReturnType<typeof readLedger>;
  try {
    orders = readLedger(lake);
  } catch (error) {
    return [failed('downloads', error)];
  }
  for (const { path, sha256, state, date, request } of orders) {
    signal.throwIfAborted();
    const file = lake.path(...path.split('/'));
    if (state !== 'placed' || sha256 === null) continue;
    if (!existsSync(file)) {
      const remedy = 'run its download again: while Databento keeps the job this costs nothing';
      findings.push(warning('downloads', `${path} was downloaded and is gone`, remedy));
      continue;
    }
    onLook(`download ${request.symbol} ${date}`);
    if ((await sha256File(file)) === sha256) continue;
    findings.push(
      failure('downloads', `${path} changed since it was downloaded`, 'delete it and run its download again'),
    );
  }
  const open = orders.filter(({ state }) => state === 'intent' || state === 'submitted' || state === 'streaming');
  if (open.length > 0) {
    const found = `${plural(open.length, 'ordered session')} not in the lake yet`;
    findings.push(
      warning('downloads', found, 'run the same download again; `npx spymaster download status` lists them'),
    );
  }
  if (findings.length > 0) return findings;
  return [ok('downloads', `${plural(orders.length, 'order')}, all files as they were downloaded`)];
}

/** The ledger's orders; none when it cannot be read, which `downloads` reports. */
function readLedgerOrNone(lake: Lake): ReturnType<typeof readLedger> {
  try {
    return readLedger(lake);
  } catch (error) {
    if (error instanceof SpymasterError) return [];
    throw error;
  }
}
