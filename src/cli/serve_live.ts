import { resolve } from 'node:path';
import type { ProductType } from '../config/index.ts';
import { SpymasterError } from '../errors.ts';
import type { Lake } from '../lake/index.ts';
import type { LiveOptions } from '../server/index.ts';
import { liveAccess } from './live_access.ts';
import type { Output } from './output.ts';

/** Options of `serve` that only make sense with `--live`. */
export interface ServeLiveFlags {
  readonly live?: true;
  readonly serving?: string;
  readonly symbol?: string;
  readonly dataset?: string;
  readonly gateway?: string;
  readonly start?: 'now' | 'session';
}

/** What `serve --live` records, and for whom. */
export interface LiveRequest {
  /** Alias or id of the version. */
  readonly serving: string;
  readonly symbol?: string;
  readonly dataset?: string;
  /** `host:port`. */
  readonly gateway?: string;
  readonly start: 'now' | 'session';
  /** One file instead of the lake. */
  readonly file?: string;
}

/** What the flags ask for; null without `--live`. @throws USAGE for flags that need another */
export function liveRequest(flags: ServeLiveFlags): LiveRequest | null {
  const { live, serving, symbol, dataset, gateway, start } = flags;
  if (live !== true) {
    const given = Object.entries({ serving, symbol, dataset, gateway, start }).find(
      ([, value]) => value !== undefined,
    )?.[0];
    if (given === undefined) return null;
    throw new SpymasterError('USAGE', `--${given} says what to serve live: add --live, or leave it out.`, {
      key: given,
    });
  }
  if (serving === undefined) {
    throw new SpymasterError(
      'USAGE',
      '--live needs the published version to show the market with: add --serving <alias>; `spymaster list servings` lists them.',
      { key: 'serving' },
    );
  }
  return {
    ...{ serving, start: start ?? 'now' },
    ...(symbol !== undefined && { symbol }),
    ...(dataset !== undefined && { dataset }),
    ...(gateway !== undefined && { gateway }),
  };
}

/**
 * The live part of a server. `failed` rejects when nothing was recorded and nothing will be; a recorder that gives up later is noted,
 * and what it recorded is served on.
 *
 * @throws SERVING_UNKNOWN, API_KEY_MISSING, and USAGE for a product whose dataset must be named
 */
export async function liveOptions(
  lake: Lake,
  request: LiveRequest,
  output: Pick<Output, 'note'>,
): Promise<{ readonly options: LiveOptions; readonly failed: Promise<never> }> {
  const { ServingRegistry } = await import('../lake/index.ts');
  const { recorderFor } = await import('../server/index.ts');
  using registry = new ServingRegistry(lake);
  const { product_type: productType } = registry.resolve(request.serving).spec.runtime_snapshot;
  const dataset = request.dataset ?? defaultDataset(productType);
  const access = await liveAccess(dataset, request.gateway);
  const { promise: failed, reject } = Promise.withResolvers<never>();
  failed.catch(() => {});
  const record = recorderFor({
    target: request.file === undefined ? { lakeRoot: lake.root } : { file: resolve(request.file) },
    access,
    start: request.start === 'now' ? 'snapshot' : 'session',
    notice: (text) => output.note(text),
    onFailed: (error, hasBegun) => {
      if (!hasBegun) reject(error);
      else output.note(`Nothing is recorded any more; what was is served on. ${error.message}`);
    },
  });
  const { serving, symbol } = request;
  return { options: { serving, ...(symbol !== undefined && { symbol }), record }, failed };
}

function defaultDataset(productType: ProductType): string {
  if (productType === 'future_mbo') return 'GLBX.MDP3';
  throw new SpymasterError(
    'USAGE',
    'Cannot tell where the equity is to be recorded: name the dataset with --dataset, such as XNAS.ITCH.',
    { key: 'dataset' },
  );
}
