import { formatDurationS, plural } from '../format.ts';
import { DatasetReader } from './dataset_reader.ts';
import type { DatasetManifest } from './datasets.ts';
import type { Lake } from './lake.ts';

/** How long a book may be without a mid or invalid without a word, as a share of the bins and in seconds: openings and auctions. */
const quietShare = 0.05;
const quietS = 600;

/**
 * How long nothing could be traded in a dataset, in sentences without a full stop; empty for a book that stood nearly
 * throughout. Throws DATASET_INVALID where the bins cannot be read.
 */
export async function datasetBookGaps(lake: Lake, manifest: DatasetManifest): Promise<string[]> {
  using reader = await DatasetReader.open(lake, manifest, { threads: 1 });
  const { bins, withMid, tradable } = await reader.bookCounts();
  const binS = manifest.resolved_config.cell_width_ms / 1000;
  const closed = bins - tradable;
  const isLong = closed >= quietShare * bins || closed * binS >= quietS;
  if (closed === 0 || !isLong) return [];
  if (withMid === 0)
    return [`none of ${plural(bins, 'bin')} has a mid, for one side of the book is empty: nothing can fire`];
  const span = (count: number) => formatDurationS(count * binS);
  return [`for ${span(closed)} of ${span(bins)} the book has no mid or is not valid, and nothing can fire`];
}
