import { SpymasterError } from '../errors.ts';
import type { DatasetManifest } from './datasets.ts';

/** The first manifest version whose `bins.parquet` says which sides are missing, instead of a price of 0. */
const sidesVersion = 2;

/** Columns that `bins.parquet` of this dataset must have for its prices to be read. */
export function storedPriceColumns({ manifest_version }: Pick<DatasetManifest, 'manifest_version'>): readonly string[] {
  const prices = ['mid_price', 'spot_ref_price_int', 'best_bid_price_int', 'best_ask_price_int'];
  return manifest_version < sidesVersion ? [...prices, 'book_valid'] : [...prices, 'has_bid', 'has_ask'];
}

/**
 * The bins of a dataset as an SQL FROM clause with `has_bid` and `has_ask`, and with NULL for the prices of a missing side,
 * whichever version wrote them. `read` is the FROM clause of the file itself, `rows` runs a query.
 *
 * The first version wrote 0 for a missing price. Throws DATASET_INVALID where such a dataset has prices at or below 0: which
 * of its zeros are prices cannot be told.
 */
export async function binsWithSides(
  manifest: Pick<DatasetManifest, 'manifest_version' | 'dataset_id'>,
  read: string,
  rows: (sql: string) => Promise<unknown[][]>,
): Promise<string> {
  if (manifest.manifest_version >= sidesVersion) return read;
  const hasBoth = 'best_bid_price_int <> 0 AND best_ask_price_int <> 0';
  const [[firstBin]] = (await rows(
    `SELECT min(bin_seq) FROM ${read} WHERE best_bid_price_int < 0 OR best_ask_price_int < 0
       OR ((mid_price <> 0 OR book_valid) AND NOT (${hasBoth}))`,
  )) as [[bigint | null]];
  if (firstBin !== null) throw ambiguous(manifest.dataset_id, firstBin);
  return `(SELECT * REPLACE (
      if(${hasBoth}, mid_price, NULL) AS mid_price,
      if(${hasBoth}, spot_ref_price_int, NULL) AS spot_ref_price_int,
      nullif(best_bid_price_int, 0) AS best_bid_price_int,
      nullif(best_ask_price_int, 0) AS best_ask_price_int),
    best_bid_price_int <> 0 AS has_bid, best_ask_price_int <> 0 AS has_ask
    FROM ${read})`;
}

function ambiguous(dataset: string, bin: bigint): SpymasterError {
  return new SpymasterError(
    'DATASET_INVALID',
    `Cannot use the dataset ${dataset}: it has prices at or below 0 (first in bin ${bin}), and the version that made it ` +
      'wrote a missing price as 0, so the two cannot be told apart; make it again with `spymaster generate --rebuild`.',
    { dataset, bin: String(bin) },
  );
}
