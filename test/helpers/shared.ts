import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { zstdDecompressSync } from 'node:zlib';

/** Inputs of tests that are in the repository; its README says where each comes from. */
const fixtureFolder = resolve(import.meta.dirname, '../fixtures');

/** Market data that may not be in the repository stands beside the checkout. */
const sharedFolder = resolve(import.meta.dirname, '../../../shared');

/** Reason to skip a test that needs market data beside the checkout; false where it is. */
export const missingShared = existsSync(sharedFolder)
  ? false
  : 'they need market data beside the checkout; see test/fixtures/README.md';

/** Path of an input: in the repository if it is there, otherwise beside the checkout. */
export function sharedPath(...path: string[]): string {
  const fixture = join(fixtureFolder, ...path);
  return existsSync(fixture) ? fixture : join(sharedFolder, ...path);
}

/** Bytes of an input, decompressed. */
export function readShared(...path: string[]): Buffer {
  const bytes = readFileSync(sharedPath(...path));
  return path.at(-1)?.endsWith('.zst') ? zstdDecompressSync(bytes) : bytes;
}

/** Names in a folder of inputs, of the repository and beside the checkout alike. */
export function sharedNames(folder: string): string[] {
  const folders = [join(fixtureFolder, folder), join(sharedFolder, folder)].filter((path) => existsSync(path));
  return [...new Set(folders.flatMap((path) => readdirSync(path)))].sort();
}

/** Names of the MBO sessions: the synthetic one of the repository, and real ones beside the checkout. */
export const sessionFiles = sharedNames('data').filter((name) => name.endsWith('.mbo.dbn.zst'));
