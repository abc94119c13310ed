import { resolve } from 'node:path';
import { SpymasterError } from '../../errors.ts';
import { isStorageUrl } from '../../files/light.ts';
import { Lake } from '../lake.ts';
import { cacheOf } from './storage_marker.ts';

/**
 * The lake in a folder, or on object storage: `s3://bucket/prefix`. No request is made. `registry` is the file of serving aliases of a lake on
 * object storage, for this process and those that it starts. Throws USAGE, and PACKAGE_MISSING without the S3 client.
 */
export async function openLake(root: string, registry?: string): Promise<Lake> {
  const lake = new Lake(isStorageUrl(root) ? await cacheOf(root) : root);
  if (registry === undefined) return lake;
  if (lake.storage === null) {
    throw new SpymasterError(
      'USAGE',
      `Cannot use --registry with the lake ${root}: a lake in a folder has its registry in it; leave it out.`,
      { key: 'registry' },
    );
  }
  process.env.SPYMASTER_REGISTRY = resolve(registry);
  return lake;
}
