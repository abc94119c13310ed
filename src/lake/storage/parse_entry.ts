import { z } from 'zod';
import { sha256Hex } from '../../config/light.ts';
import { SpymasterError } from '../../errors.ts';
import { plainNamePattern } from './plain_name.ts';

const plainName = z.string().regex(plainNamePattern);
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
