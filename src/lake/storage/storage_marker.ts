import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { contentHash } from '../../config/index.ts';
import { SpymasterError } from '../../errors.ts';
import { isMissing, ObjectStore, parseStorageUrl, readError, writeFileAtomic } from '../../files/index.ts';
import { cacheFolder } from './entry_cache.ts';
import { LakeStorage } from './lake_storage.ts';

/** Says of a folder what it is the cache of, to every thread and process that is given the folder. Holds no secret. */
const marker = z.strictObject({
  format: z.literal(1),
  url: z.string(),
  endpoint: z.string().nullable(),
});

const defaultCacheGb = 20;

/** The storage that a folder is a cache of; null when it is none. Throws CONFIG_INVALID for a limit that is no number. */
export function storageOf(root: string, place: (path: string) => string): LakeStorage | null {
  const path = join(root, cacheFolder, 'storage.json');
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    if (isMissing(cause) || (cause as NodeJS.ErrnoException).code === 'ENOTDIR') return null;
    throw readError(path, cause);
  }
  const { url, endpoint } = marker.parse(JSON.parse(text));
  return new LakeStorage({ root, url, endpoint, place, maxCacheBytes: maxCacheBytes() });
}

/**
 * The folder on this machine for a lake on object storage: one for each address and endpoint below SPYMASTER_CACHE, by default
 * the user's folder of caches. Throws USAGE, PACKAGE_MISSING, LAKE_NOT_WRITABLE.
 */
export async function cacheOf(address: string): Promise<string> {
  const { bucket } = parseStorageUrl(address);
  const { SPYMASTER_CACHE, XDG_CACHE_HOME } = process.env;
  const caches = SPYMASTER_CACHE || join(XDG_CACHE_HOME || join(homedir(), '.cache'), 'spymaster');
  using store = await ObjectStore.open(address);
  const { url, endpoint } = store;
  const root = join(caches, `${bucket}-${contentHash({ url, endpoint }, 12)}`);
  const text = `${JSON.stringify({ format: 1, url, endpoint } satisfies z.infer<typeof marker>)}\n`;
  const path = join(root, cacheFolder, 'storage.json');
  if (storageOf(root, (name) => name) === null) await writeFileAtomic(path, text);
  return root;
}

function maxCacheBytes(): number {
  const text = process.env.SPYMASTER_CACHE_GB;
  if (!text) return defaultCacheGb * 1e9;
  const gigabytes = Number(text);
  if (gigabytes > 0) return gigabytes * 1e9;
  throw new SpymasterError(
    'CONFIG_INVALID',
    `Cannot use SPYMASTER_CACHE_GB=${text}: expected gigabytes above 0, for example 50.`,
    { key: 'SPYMASTER_CACHE_GB' },
  );
}
