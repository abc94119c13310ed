import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { contentHash } from '../../config/light.ts';
import { SpymasterError } from '../../errors.ts';
import { isMissing, ObjectStore, parseStorageUrl, readError, writeFileAtomic } from '../../files/light.ts';
import { cacheFolder } from './entry_cache.ts';
import { LakeStorage } from './lake_storage.ts';

/** Says of a folder what it is the cache of, to every thread and process that is given the folder. Holds no secret. */
interface Marker {
  readonly format: 1;
  readonly url: string;
  readonly endpoint: string | null;
}

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
  const { url, endpoint } = parseMarker(text, path);
  return new LakeStorage({ root, url, endpoint, place, maxCacheBytes: maxCacheBytes() });
}

function parseMarker(text: string, path: string): Marker {
  const marker = jsonOf(text) as Partial<Record<string, unknown>> | null;
  const { format, url, endpoint, ...others } = marker ?? {};
  const isWhole = format === 1 && typeof url === 'string' && (endpoint === null || typeof endpoint === 'string');
  if (isWhole && Object.keys(others).length === 0) return { format, url, endpoint };
  throw new SpymasterError(
    'CONFIG_INVALID',
    `Cannot use ${path}: expected format 1, url and endpoint, as this version writes it, got ${JSON.stringify(text.slice(0, 200))}; ` +
      'remove the folder of the cache, which is filled again.',
    { path },
  );
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
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
  const text = `${JSON.stringify({ format: 1, url, endpoint } satisfies Marker)}\n`;
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
