import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { canonicalJson } from '../config/index.ts';
import { SpymasterError } from '../errors.ts';
import { isMissing, readError, writeFileAtomic } from '../files/index.ts';
import { type Lake, notesOf } from '../lake/index.ts';
import {
  describedSignalDefinition,
  knowsSource,
  registerSource,
  type SignalDefinition,
  type SignalDescription,
  type SignalSource,
  signalDefinition,
} from '../signals/index.ts';
import { runnableDefinition } from './load_signal.ts';
import { nodeOf, sourceHash } from './source_hash.ts';

/** What a check found, as it is stored. */
export interface StoredCheck {
  readonly passed: boolean;
  /** ISO 8601 in UTC. */
  readonly checked_at_utc: string;
  /** The dataset, or null for the made-up columns. */
  readonly dataset_id: string | null;
  readonly code_version: string;
}

/** A source as it is stored; `node` is the version that its numbers are tied to. */
interface StoredSource extends Omit<SignalSource, 'hash'> {
  readonly node: string | null;
  readonly description: SignalDescription;
}

/** Paths of what is kept of a source, relative to the lake. */
function placesOf(lake: Lake, hash: string): { readonly source: string; readonly check: string } {
  const folder = lake.relative(lake.signalVersion(hash));
  return { source: `${folder}/source.json`, check: `${folder}/check.json` };
}

/** Stores the source of a user's signal under its hash; what is there stays as it is. */
export async function storeSource(lake: Lake, { source, ...definition }: SignalDefinition): Promise<void> {
  if (source === undefined) return;
  const { name, about, columns, parameters, thresholds, bound, feelsRadius, trained, imported, series } = definition;
  const described = { name, about, columns, parameters, thresholds, bound, feelsRadius };
  const fitted = { ...(trained && { trained }), ...(imported && { imported }) };
  const description = { ...described, ...fitted, ...(series && { series }) };
  const place = placesOf(lake, source.hash).source;
  const { entry, files, folder } = source;
  if ((await readStored(lake, place)) !== null) return;
  const stored: StoredSource = { name, entry, folder, node: nodeOf(files), description, files };
  const path = lake.path(place);
  await writeFileAtomic(path, `${JSON.stringify(stored, null, 2)}\n`);
  await lake.storage?.publish(place, path);
}

/** Text of what is stored at a path of the lake, brought here from object storage; null where there is none. */
async function readStored(lake: Lake, place: string): Promise<string | null> {
  const path = lake.path(place);
  if (lake.storage === null) return await readOptional(path);
  const hold = await lake.storage.hold(place);
  if (hold === null) return null;
  using _hold = hold;
  return await readOptional(path);
}

/** Stores what the last check of a source found. */
export async function storeCheck(lake: Lake, hash: string, check: StoredCheck): Promise<void> {
  await notesOf(lake).write(placesOf(lake, hash).check, `${canonicalJson({ ...check })}\n`);
}

/** What the last check of a source found; null where there was none. */
export async function readCheck(lake: Lake, hash: string): Promise<StoredCheck | null> {
  const text = await notesOf(lake).read(placesOf(lake, hash).check);
  return text === null ? null : (JSON.parse(text) as StoredCheck);
}

/**
 * A built-in signal needs no check, and imported scores cannot be checked.
 * @throws SIGNAL_UNCHECKED where the present source of a user's signal has not passed its check
 */
export async function assertChecked(
  lake: Lake,
  { source, imported }: Pick<SignalDefinition, 'source' | 'imported'>,
): Promise<void> {
  if (source === undefined || imported !== undefined) return;
  const { name, hash, folder, entry } = source;
  const check = await readCheck(lake, hash);
  if (check?.passed) return;
  const why =
    check === null
      ? `${folder}/${entry} as it is now has not been checked`
      : `${folder}/${entry} as it is now did not pass its check of ${check.checked_at_utc}`;
  throw new SpymasterError(
    'SIGNAL_UNCHECKED',
    `Cannot use the signal ${name}: ${why}; run \`npx spymaster signal check ${name} --signals ${folder}\`.`,
    {
      signal: name,
      hash,
    },
  );
}

/** What is stored of a source, and the version of Node that its numbers are tied to. */
interface ReadSource {
  readonly description: SignalDescription;
  readonly source: SignalSource;
  readonly node: string | null;
}

/** @throws FILE_NOT_FOUND where the source is gone, CHECKSUM_MISMATCH where it is not what its hash says */
async function readSource(lake: Lake, hash: string): Promise<ReadSource> {
  const place = placesOf(lake, hash).source;
  const path = lake.path(place);
  const text = await readStored(lake, place);
  if (text === null) {
    const problem = `Cannot read ${path}: the source of a signal that a stored result names is not in the lake; put it back.`;
    throw new SpymasterError('FILE_NOT_FOUND', problem, { path, hash });
  }
  const damaged = new SpymasterError(
    'CHECKSUM_MISMATCH',
    `Cannot use ${path}: its files are not those that ${hash} names; put it back.`,
    { path, hash },
  );
  let stored: StoredSource;
  try {
    stored = JSON.parse(text) as StoredSource;
  } catch {
    throw damaged;
  }
  const { description, node, ...rest } = stored;
  const source = { ...rest, hash };
  if (sourceHash(description, source, node) !== hash) throw damaged;
  return { description, source, node };
}

/** A source as a result names it, and whether the files that it was read from are still those. */
export interface ShownSource {
  readonly source: SignalSource;
  readonly now: 'same' | 'changed' | 'gone';
}

/** What is stored of a source, to be shown. @throws as `storedDescription` */
export async function shownSource(lake: Lake, hash: string): Promise<ShownSource> {
  const { source } = await readSource(lake, hash);
  const present = await Promise.all(Object.keys(source.files).map((path) => readOptional(join(source.folder, path))));
  const texts = Object.values(source.files);
  if (present[Object.keys(source.files).indexOf(source.entry)] === null) return { source, now: 'gone' };
  return { source, now: present.every((text, at) => text === texts[at]) ? 'same' : 'changed' };
}

/** The signal of a stored result: the user's as it was, ready to run in this thread, where the result names its source. */
export async function storedSignal(lake: Lake, name: string, hash: string | undefined): Promise<SignalDefinition> {
  if (hash === undefined) return signalDefinition(name);
  return await runnableDefinition((await readSource(lake, hash)).source);
}

/** The same where nothing of it has to run. */
export async function storedDescription(lake: Lake, name: string, hash: string | undefined): Promise<SignalDefinition> {
  if (hash === undefined) return signalDefinition(name);
  const { description, source } = await readSource(lake, hash);
  return describedSignalDefinition(description, source);
}

/**
 * Makes the stored source of a user's signal known to this thread, for what names it: laid out here, run in workers.
 * @throws what `storedDescription` throws; SIGNAL_FAILED where its numbers are tied to another version of Node
 */
export async function knowStoredSignal(lake: Lake, name: string, hash: string): Promise<void> {
  if (knowsSource(hash)) return;
  const { description, source, node } = await readSource(lake, hash);
  if (node !== null && node !== process.version) {
    throw new SpymasterError(
      'SIGNAL_FAILED',
      `Cannot run the signal ${name}: its source ${hash.slice(0, 12)} uses functions of Math whose last bits differ between engines, so its ` +
        `numbers are those of Node ${node}, and this is ${process.version}; run it with that version, or use those of spymaster/signal.`,
      { signal: name, hash },
    );
  }
  registerSource(describedSignalDefinition(description, source));
}

async function readOptional(path: string): Promise<string | null> {
  return await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    if (isMissing(cause)) return null;
    throw readError(path, cause);
  });
}
