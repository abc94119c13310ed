import { isStorageUrl } from '../../files/index.ts';
import { Lake } from '../lake.ts';
import { cacheOf } from './storage_marker.ts';

/**
 * The lake in a folder, or on object storage: `s3://bucket/prefix`. No request is made. Throws USAGE, and PACKAGE_MISSING without
 * the S3 client.
 */
export async function openLake(root: string): Promise<Lake> {
  return new Lake(isStorageUrl(root) ? await cacheOf(root) : root);
}
