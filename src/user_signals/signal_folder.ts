import { readdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { Worker } from 'node:worker_threads';
import { assert, SpymasterError } from '../errors.ts';
import { isMissing, readError } from '../files/index.ts';
import type { Lake } from '../lake/index.ts';
import { describedSignalDefinition, replaceUserSignals, type SignalDefinition } from '../signals/index.ts';
import { type DescribedSignal, type DescribeOutcome, describeSignals } from './describe_signals.ts';

/** Where signals are looked for. */
export interface SignalPlaces {
  readonly lake: Lake;
  /** The only folder to look in, given by the user. */
  readonly folder?: string | undefined;
  /** A spec: `signals` beside its folder comes before the lake's. */
  readonly spec?: string | undefined;
}

/** The folders, absolute, the first that holds a signal wins. */
export function signalFolders({ lake, folder, spec }: SignalPlaces): readonly string[] {
  if (folder !== undefined) return [resolve(folder)];
  const beside = spec === undefined ? [] : [join(dirname(dirname(resolve(spec))), 'signals')];
  return [...new Set([...beside, lake.signals])];
}

/** The files of a folder that define signals: `<name>.ts` in itself, tests, types and names that begin with _ aside. */
async function entriesOf(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch((cause: NodeJS.ErrnoException) => {
    if (isMissing(cause)) return [];
    throw readError(folder, cause);
  });
  return names.filter((name) => /^[A-Za-z][A-Za-z0-9_]*\.ts$/.test(name)).sort();
}

/** Every signal of the user by its name. */
export async function readUserSignals(places: SignalPlaces): Promise<Map<string, DescribeOutcome>> {
  const found = new Map<string, DescribeOutcome>();
  for (const folder of signalFolders(places)) {
    const entries = (await entriesOf(folder)).filter((entry) => !found.has(nameOf(entry)));
    if (entries.length === 0) continue;
    for (const [entry, outcome] of await describeSignals(folder, entries)) found.set(nameOf(entry), outcome);
  }
  return found;
}

/**
 * Makes the user's signals, and no others, known to this thread, as descriptions: laid out here, run in workers. Those that cannot be loaded are left
 * out, and given.
 * @throws CONFIG_INVALID for one that has the name of a built-in signal
 */
export async function registerUserSignals(places: SignalPlaces): Promise<ReadonlyMap<string, SpymasterError>> {
  const failures = new Map<string, SpymasterError>();
  const definitions: SignalDefinition[] = [];
  for (const [name, outcome] of await readUserSignals(places)) {
    if (outcome instanceof SpymasterError) failures.set(name, outcome);
    else definitions.push(describedSignalDefinition(outcome.description, outcome.source));
  }
  replaceUserSignals(definitions);
  return failures;
}

/** The user's signal of a name. @throws what `findUserSignalFile` throws, and why it cannot be loaded */
export async function findUserSignal(
  places: SignalPlaces,
  name: string,
  thread?: () => Worker,
): Promise<DescribedSignal> {
  const { folder, path } = await findUserSignalFile(places, name);
  const entry = `${name}.ts`;
  const outcome = (await describeSignals(folder, [entry], thread)).get(entry);
  assert(outcome !== undefined, `${path} is described`);
  if (outcome instanceof SpymasterError) throw outcome;
  return outcome;
}

/** Where the file of a user's signal lies. @throws SPEC_UNKNOWN with the folders looked in */
export async function findUserSignalFile(
  places: SignalPlaces,
  name: string,
): Promise<{ readonly folder: string; readonly path: string }> {
  const folders = signalFolders(places);
  const known: string[] = [];
  for (const folder of folders) {
    const entries = await entriesOf(folder);
    known.push(...entries.map(nameOf));
    if (entries.includes(`${name}.ts`)) return { folder, path: join(folder, `${name}.ts`) };
  }
  const listed =
    known.length === 0 ? 'there is none yet; `spymaster signal new` writes one' : `there are ${known.join(', ')}`;
  throw new SpymasterError(
    'SPEC_UNKNOWN',
    `Cannot find the signal ${JSON.stringify(name)}: expected ${name}.ts in ${folders.join(' or ')}; ${listed}.`,
    { name, known },
  );
}

function nameOf(entry: string): string {
  return entry.replace(/\.ts$/, '');
}
