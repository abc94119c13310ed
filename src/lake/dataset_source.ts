import type { CaptureWindow } from '../config/index.ts';
import { SpymasterError } from '../errors.ts';
import { type DatasetManifest, readManifest } from './datasets.ts';
import type { Lake } from './lake.ts';
import { findRawFile } from './raw.ts';
import { matchRawFile } from './raw_match.ts';

/** The records that a dataset was made from, and the part of its session that it captures. */
export interface DatasetIdentity {
  /** SHA-256 of the records that were used; of the raw file where its manifest is older. */
  readonly records: string;
  readonly capture: CaptureWindow;
}

/** What a dataset was made from, for a replay of it. */
export interface DatasetSource extends DatasetIdentity {
  /** The raw file. */
  readonly path: string;
  /** Session date YYYY-MM-DD. */
  readonly date: string;
}

export function datasetIdentity({ capture, source }: DatasetManifest): DatasetIdentity {
  const { session_start_ns, session_end_ns, start_ns, end_ns } = capture;
  return {
    records: source.records?.sha256 ?? source.sha256,
    capture: {
      sessionStartNs: BigInt(session_start_ns),
      sessionEndNs: BigInt(session_end_ns),
      startNs: BigInt(start_ns),
      endNs: BigInt(end_ns),
    },
  };
}

/**
 * The raw file that a dataset was made from, found in the lake; its records must be those that the dataset was made from, and with
 * `withPrior` those of the sessions before that its features know.
 * @throws FILE_NOT_FOUND, CHECKSUM_MISMATCH, what hashing the file throws, and what `readManifest` throws
 */
export async function datasetSource(
  lake: Lake,
  datasetId: string,
  { withPrior = false }: { readonly withPrior?: boolean } = {},
): Promise<DatasetSource> {
  const manifest = await readManifest(lake, datasetId);
  const { product_type, symbol, dt } = manifest.spec.capture;
  const path = await findRawFile(lake, product_type, symbol, dt);
  const { prior_sources: _, ...ofSession } = manifest;
  const { state, found } = await matchRawFile(lake, withPrior ? manifest : ofSession, { hash: true });
  if (state !== 'same') {
    throw new SpymasterError(
      state === 'differs' ? 'CHECKSUM_MISMATCH' : 'FILE_UNREADABLE',
      `Cannot go back to the raw file of ${datasetId}: ${found}. Put the file back that it was made from, or make a ` +
        'dataset of this one with `spymaster generate <pipeline.yaml> --rebuild`.',
      { path, dataset: datasetId },
    );
  }
  return { path, date: dt, ...datasetIdentity(manifest) };
}
