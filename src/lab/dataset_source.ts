import { join } from 'node:path';
import { SpymasterError } from '../errors.ts';
import { findRawFile, type Lake, readManifest, sha256File } from '../lake/index.ts';
import type { DatasetSource } from './flow_columns.ts';

/**
 * The raw file that a dataset was made from, found in the lake and verified by its SHA-256.
 * @throws FILE_NOT_FOUND, CHECKSUM_MISMATCH, and what `readManifest` throws
 */
export async function datasetSource(lake: Lake, datasetId: string): Promise<DatasetSource> {
  const manifest = await readManifest(lake, datasetId);
  const { product_type, symbol, dt } = manifest.spec.capture;
  const path = await findRawFile(lake, product_type, symbol, dt);
  const actual = await sha256File(path);
  if (actual !== manifest.source.sha256) {
    const named = join(lake.rawFolder(product_type, symbol), manifest.source.file_name);
    throw new SpymasterError(
      'CHECKSUM_MISMATCH',
      `Cannot score the flow of ${datasetId} from ${path}: the dataset was made from another file (${named}, SHA-256 ` +
        `${manifest.source.sha256.slice(0, 12)}…, got ${actual.slice(0, 12)}…). Put that file back, or generate the dataset anew.`,
      { path, dataset: datasetId, expected: manifest.source.sha256, actual },
    );
  }
  const { session_start_ns, session_end_ns, start_ns, end_ns } = manifest.capture;
  return {
    path,
    date: dt,
    capture: {
      sessionStartNs: BigInt(session_start_ns),
      sessionEndNs: BigInt(session_end_ns),
      startNs: BigInt(start_ns),
      endNs: BigInt(end_ns),
    },
  };
}
