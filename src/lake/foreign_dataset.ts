import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { sha256Hex } from '../config/index.ts';
import { SpymasterError } from '../errors.ts';
import type { Lake } from './lake.ts';

const tables = ['bins.parquet', 'grid_clean.parquet'];

/**
 * Refuses a folder of datasets that another program made: it has the tables of a dataset, and a manifest without a version or
 * none. `manifest` and `checksums` are the texts of its files, null where there is none. Throws DATASET_INVALID with `foreign`.
 */
export function assertOwnDataset(
  lake: Lake,
  datasetId: string,
  { manifest, checksums }: { readonly manifest: string | null; readonly checksums: string | null },
): void {
  const folder = lake.datasets(datasetId);
  if (!tables.every((name) => existsSync(join(folder, name)))) return;
  const sums = objectIn(checksums);
  if (manifest === null ? sums !== null : !isForeignManifest(manifest, sums?.['manifest.json'])) return;
  const why = manifest === null ? 'it has no manifest.json' : 'its manifest.json has no manifest_version';
  throw new SpymasterError(
    'DATASET_INVALID',
    `Cannot use the dataset ${datasetId}: another program made it (${why}), and its columns may mean other things; it is left ` +
      'as it is. Make a dataset of your own from its raw file with `spymaster generate`, or name its capture in `sessions`.',
    { dataset: datasetId, path: folder, foreign: true },
  );
}

/** A manifest of ours that was changed is damaged, not foreign: its checksum says so. */
function isForeignManifest(text: string, checksum: unknown): boolean {
  const manifest = objectIn(text);
  if (manifest === null || 'manifest_version' in manifest) return false;
  return checksum === undefined || checksum === sha256Hex(text);
}

function objectIn(text: string | null): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text ?? 'null');
    return value !== null && typeof value === 'object' ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}
