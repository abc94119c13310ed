import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { canonicalJson } from '../config/index.ts';
import { SpymasterError } from '../errors.ts';
import { isMissing, readError, writeFileAtomic } from '../files/index.ts';
import type { Lake } from '../lake/index.ts';
import {
  describedSignalDefinition,
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

/** Stores the source of a user's signal under its hash; what is there stays as it is. */
export async function storeSource(lake: Lake, { source, ...definition }: SignalDefinition): Promise<void> {
  if (source === undefined) return;
  const { name, about, columns, parameters, thresholds, bound, feelsRadius } = definition;
  const description = { name, about, columns, parameters, thresholds, bound, feelsRadius };
  const path = join(lake.signalVersion(source.hash), 'source.json');
  const { entry, files, folder } = source;
  if ((await readOptional(path)) !== null) return;
  await writeFileAtomic(
    path,
    `${JSON.stringify({ name, entry, folder, node: nodeOf(files), description, files } satisfies StoredSource, null, 2)}\n`,
  );
}

/** Stores what the last check of a source found. */
export async function storeCheck(lake: Lake, hash: string, check: StoredCheck): Promise<void> {
  await writeFileAtomic(join(lake.signalVersion(hash), 'check.json'), `${canonicalJson({ ...check })}\n`);
}

/** What the last check of a source found; null where there was none. */
export async function readCheck(lake: Lake, hash: string): Promise<StoredCheck | null> {
  const text = await readOptional(join(lake.signalVersion(hash), 'check.json'));
  return text === null ? null : (JSON.parse(text) as StoredCheck);
}

/** @throws SIGNAL_UNCHECKED where the present source of a signal has not passed its check */
export async function assertChecked(lake: Lake, { name, hash, folder, entry }: SignalSource): Promise<void> {
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

/** What is stored of a source. @throws FILE_NOT_FOUND where it is gone, CHECKSUM_MISMATCH where it is not what its hash says */
async function readSource(lake: Lake, hash: string): Promise<{ description: SignalDescription; source: SignalSource }> {
  const path = join(lake.signalVersion(hash), 'source.json');
  const text = await readOptional(path);
  if (text === null) {
    const problem = `Cannot read ${path}: the source of a signal that a stored result names is not in the lake; put it back.`;
    throw new SpymasterError('FILE_NOT_FOUND', problem, { path, hash });
  }
  const { description, node, ...rest } = JSON.parse(text) as StoredSource;
  const source = { ...rest, hash };
  if (sourceHash(description, source, node) === hash) return { description, source };
  throw new SpymasterError(
    'CHECKSUM_MISMATCH',
    `Cannot use ${path}: its files are not those that ${hash} names; put it back.`,
    { path, hash },
  );
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

async function readOptional(path: string): Promise<string | null> {
  return await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    if (isMissing(cause)) return null;
    throw readError(path, cause);
  });
}
