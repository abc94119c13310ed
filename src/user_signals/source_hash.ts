import { canonicalJson, sha256Hex } from '../config/index.ts';
import { type SignalDescription, type SignalSource, signalApiVersion } from '../signals/index.ts';
import { usesInexactMath } from './inexact_math.ts';

/**
 * The identity of a source: names and contents of its files, the parameters' defaults, the version of what it builds on, and `node`
 * where the last bits of its numbers depend on the engine. The folder does not count.
 */
export function sourceHash(
  { parameters }: SignalDescription,
  { entry, files }: Pick<SignalSource, 'entry' | 'files'>,
  node: string | null,
): string {
  const defaults = parameters.map(({ name, default: value }) => [name, value]);
  const identity = {
    api: signalApiVersion,
    entry,
    files: Object.fromEntries(Object.entries(files).map(([path, text]) => [path, sha256Hex(text)])),
    defaults: Object.fromEntries(defaults),
    ...(node === null ? {} : { node }),
  };
  return sha256Hex(canonicalJson(identity));
}

/** The version of Node that the numbers of files are tied to; null where they use nothing that differs between engines. */
export function nodeOf(files: Readonly<Record<string, string>>): string | null {
  return Object.values(files).some(usesInexactMath) ? process.version : null;
}
