import { SpymasterError } from '../errors.ts';
import {
  checkedUserSignal,
  placeInSource,
  type RunningBin,
  registerSignal,
  type SignalDefinition,
  type SignalSource,
  type UserSignal,
  userSignalDefinition,
} from '../signals/index.ts';
import { serveSignalFiles, signalUrl } from './hooks.ts';

/** Length of the hash in the address of a source's files. */
const hostLength = 32;

/**
 * Runs a source in this thread and gives its definition; the file on disk is not looked at.
 * @throws SIGNAL_FAILED with file and line for what cannot be loaded, or is no definition
 */
export async function importSignal(source: SignalSource): Promise<UserSignal> {
  const host = source.hash.slice(0, hostLength);
  serveSignalFiles(host, {
    text(path) {
      const text = source.files[path];
      if (text !== undefined) return text;
      const problem = `Cannot load ${source.folder}/${path}: it was not among the files of ${source.name} when it was taken up.`;
      throw new SpymasterError('SIGNAL_FAILED', problem, { path });
    },
  });
  return await importDefinition(host, source.folder, source.entry, source.name);
}

/**
 * Makes a source's signal known to this thread, ready to run; another thread sees by `running` what it is at.
 * @throws what `importSignal` throws
 */
export async function loadSignal(source: SignalSource, running?: RunningBin): Promise<void> {
  if (running !== undefined) Atomics.store(running, 0, -1);
  registerSignal(await runnableDefinition(source, running));
  if (running !== undefined) Atomics.store(running, 0, 0);
}

/** A source's signal, ready to run in this thread. @throws what `importSignal` throws */
export async function runnableDefinition(source: SignalSource, running?: RunningBin): Promise<SignalDefinition> {
  return userSignalDefinition(await importSignal(source), source, running);
}

/** The default export of a served file, checked. */
export async function importDefinition(host: string, folder: string, entry: string, name: string): Promise<UserSignal> {
  const path = `${folder}/${entry}`;
  let exported: { readonly default?: unknown };
  try {
    exported = await import(signalUrl(host, entry));
  } catch (error) {
    throw loadFailure(error, folder, path);
  }
  return checkedUserSignal(exported.default, name, path);
}

function loadFailure(error: unknown, folder: string, path: string): SpymasterError {
  if (error instanceof SpymasterError) return error;
  const place = placeInSource(error);
  const text = error instanceof Error ? error.message.split('\n')[0] : String(error);
  const hint = /strip-only|Unsupported/i.test(String(text))
    ? ' Write TypeScript whose types can be erased: no enum, namespace or parameter property'
    : '';
  return new SpymasterError(
    'SIGNAL_FAILED',
    `Cannot load ${place === null ? path : `${folder}/${place}`}: ${String(text).replace(/\.$/, '')}.${hint === '' ? '' : `${hint}.`}`,
    { path },
    error,
  );
}
