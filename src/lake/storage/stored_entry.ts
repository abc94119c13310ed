import { z } from 'zod';
import { sha256Hex } from '../../config/index.ts';
import { SpymasterError } from '../../errors.ts';

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

const plainName = z.string().regex(/^(?!\.)[\w.=@+-]{1,255}$/);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

const storedFile = z.strictObject({
  name: plainName,
  bytes: z.int().nonnegative(),
  sha256,
  /** The whole file, where it is small and text. */
  text: z.string().optional(),
});

const storedEntry = z.strictObject({
  format: z.literal(1),
  /** A `file` has the entry's path itself, the files of a `folder` lie in it. */
  kind: z.enum(['file', 'folder']),
  files: z.array(storedFile).min(1),
});

export type StoredFile = z.infer<typeof storedFile>;
export type StoredEntry = z.infer<typeof storedEntry>;

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

/** Whether a name is one that an entry, or a file of one, may have: it leads nowhere else. */
export function isPlainName(name: string): boolean {
  return plainName.safeParse(name).success;
}

export function formatEntry(entry: StoredEntry): string {
  return `${JSON.stringify(entry)}\n`;
}

/** Reads the manifest of an entry; `origin` names it in errors. Throws CHECKSUM_MISMATCH. */
export function parseEntry(text: string, origin: string): StoredEntry {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw damaged(origin, 'it is not JSON');
  }
  const parsed = storedEntry.safeParse(value);
  if (!parsed.success) throw damaged(origin, z.prettifyError(parsed.error).replaceAll('\n', ' '));
  const { files, kind } = parsed.data;
  for (const { name, text, sha256: expected } of files) {
    if (text !== undefined && sha256Hex(text) !== expected) throw damaged(origin, `the text of ${name} was changed`);
  }
  if (new Set(files.map(({ name }) => name)).size < files.length) throw damaged(origin, 'a file is named twice');
  if (kind === 'file' && files.length > 1) throw damaged(origin, 'a file consists of several');
  return parsed.data;
}

function damaged(origin: string, why: string): SpymasterError {
  return new SpymasterError(
    'CHECKSUM_MISMATCH',
    `Cannot use ${origin}: ${why}; it was not written by this version. Restore it from a backup, or remove it and make again what it names.`,
    { path: origin },
  );
}
