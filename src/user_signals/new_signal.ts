import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { refuseExisting, writeFileAtomic } from '../files/index.ts';
import { assertSignalName } from './signal_name.ts';
import { newSignalFiles, signalTemplate, testTemplate, tsconfigTemplate } from './template.ts';

/**
 * Writes a working signal and its test into a folder, and a tsconfig where there is none; gives the files written.
 * @throws USAGE for a name that no signal may have, FILE_EXISTS, LAKE_NOT_WRITABLE
 */
export async function writeNewSignal(folder: string, name: string): Promise<string[]> {
  assertSignalName(name);
  const root = resolve(folder);
  const { signal, test, tsconfig } = newSignalFiles(root, name);
  for (const path of [signal, test]) refuseExisting(path, {});
  const texts: [string, string][] = [
    [signal, signalTemplate(name)],
    [test, testTemplate(name)],
    ...(existsSync(tsconfig) ? [] : ([[tsconfig, tsconfigTemplate(root)]] as [string, string][])),
  ];
  for (const [path, text] of texts) await writeFileAtomic(path, text);
  return texts.map(([path]) => path);
}
