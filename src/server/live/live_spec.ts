import { type PublishedServingSpec, productRoot } from '../../config/index.ts';
import { SpymasterError } from '../../errors.ts';
import { dayStreamName } from '../../wire/index.ts';

/**
 * What streams a session that is being recorded: the published version as it is, but for the contract, the date, and the end, which is the
 * recording's.
 */
export function liveSpec(
  version: PublishedServingSpec,
  { symbol, date }: { readonly symbol: string; readonly date: string },
): PublishedServingSpec {
  const { end_time: _end, ...snapshot } = version.runtime_snapshot;
  return {
    ...version,
    serving_id: dayStreamName({ of: version.serving_id, date, threshold: null }),
    runtime_snapshot: { ...snapshot, symbol, stream_dt: date },
  };
}

/** @throws USAGE for a contract of another product than the version's: its ticks and scores are those of one product */
export function assertSameRoot({ serving_id, runtime_snapshot }: PublishedServingSpec, symbol: string): void {
  const { product_type: productType, symbol: published } = runtime_snapshot;
  const root = productRoot(productType, published);
  if (productRoot(productType, symbol) === root) return;
  throw new SpymasterError(
    'USAGE',
    `Cannot serve ${symbol} live with ${serving_id}: it was published for ${published}; give a contract of ${root} with --symbol, ` +
      'or another version with --serving.',
    { key: 'symbol', symbol, servingId: serving_id },
  );
}
