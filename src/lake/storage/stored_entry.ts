import type { StoredEntry, StoredFile } from './parse_entry.ts';

/*
 * The layout of a lake in a bucket. What is published at one stroke is an entry: a dataset, a part of results, a raw file. Its
 * path is that in a lake on disk.
 *
 *   manifests/<path>.json                what the entry consists of; written last, and an entry without it does not exist
 *   notes/<path>                         what workers leave each other, and may be replaced and removed
 *   data/<path>/<sha256>/<file name>     its files, named by their content
 *
 * Small files of text are in the manifest itself, so that a lake can be listed and described by reading manifests alone.
 */

/** No manifest of ours comes near this size. */
export const maxManifestBytes = 8 << 20;
/** Text files up to this size are stored in the manifest. */
export const maxInlineBytes = 128 << 10;

export const manifestsPrefix = 'manifests/';
/** What may be replaced and removed, and is no entry (`LakeNotes`). */
export const notesPrefix = 'notes/';
/** Notes are of a few lines. */
export const maxNoteBytes = 1 << 20;

export function manifestKey(path: string): string {
  return `${manifestsPrefix}${path}.json`;
}

export function dataKey(path: string, { sha256, name }: StoredFile): string {
  return `${dataPrefix(path)}${sha256}/${name}`;
}

export function dataPrefix(path: string): string {
  return `data/${path}/`;
}

export function formatEntry(entry: StoredEntry): string {
  return `${JSON.stringify(entry)}\n`;
}
