import { realpathSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { type ProductType, productRoot } from '../config/light.ts';
import { SpymasterError } from '../errors.ts';
import { isStorageUrl } from '../files/light.ts';
import type { LakeStorage } from './storage/lake_storage.ts';
import { storageOf } from './storage/storage_marker.ts';

/** Kinds of specs that are found by name. */
export type SpecKind = 'pipelines' | 'serving' | 'experiments' | 'gold_campaigns';

/**
 * The folder that holds all data (product.md, "Data lake"): knows where everything is, touches nothing by itself.
 * A path that would leave it, by `..`, an absolute name or a symbolic link, is refused with LAKE_NOT_WRITABLE. Files in a
 * folder of raw files may be symbolic links to recordings elsewhere: they are only read, and nothing is written over one.
 *
 * The folder may be what this machine has of a lake on object storage (`openLake`): then it holds what was asked for, and
 * `storage` brings more.
 */
export class Lake {
  /** Absolute path of the lake. */
  readonly root: string;

  #storage: LakeStorage | null | undefined;

  constructor(root: string) {
    if (isStorageUrl(root)) {
      throw new SpymasterError(
        'USAGE',
        `Cannot use ${root} here: this command works on a lake in a folder; \`--help\` of a command says where it works on object storage.`,
        { key: 'lake-root' },
      );
    }
    this.root = resolve(root);
  }

  /** The object storage that this folder is a cache of; null for a lake that is the folder itself. */
  get storage(): LakeStorage | null {
    this.#storage ??= storageOf(this.root, (path) => this.path(path));
    return this.#storage;
  }

  /** Folder of the replay files of an instrument; for futures that of the product root. */
  rawFolder(productType: ProductType, symbol: string): string {
    return this.path(
      'raw',
      'source=databento',
      `product_type=${productType}`,
      `symbol=${productRoot(productType, symbol)}`,
      'table=market_by_order_dbn',
    );
  }

  get bookCache(): string {
    return this.path('cache', 'vp_book');
  }

  get rawHashCache(): string {
    return this.path('cache', 'raw_hashes');
  }

  /** Folder of all datasets, or of one. */
  datasets(datasetId?: string): string {
    const parts = ['research', 'vp_immutable'];
    return datasetId === undefined ? this.path(...parts) : this.path(...parts, oneName(datasetId));
  }

  /** Folder of the bundle of a dataset, published by itself or by a campaign. */
  published(datasetId: string, campaign?: string): string {
    const parts = campaign === undefined ? [] : [oneName(campaign)];
    return this.path('research', 'vp_published', ...parts, oneName(datasetId));
  }

  /** What a campaign made. */
  campaignIndex(name: string): string {
    return this.path('research', 'vp_harness', 'campaigns', oneName(name), 'index.json');
  }

  /** Folder of the specs of a kind. */
  specs(kind: SpecKind): string {
    return this.path('research', 'vp_harness', 'configs', kind);
  }

  /** Folder of the user's own signals. */
  get signals(): string {
    return this.path('research', 'vp_harness', 'configs', 'signals');
  }

  /** The rules of alerts. */
  get alerts(): string {
    return this.path('research', 'vp_harness', 'configs', 'alerts.yaml');
  }

  /** Folder of what is kept of one source of a user's signal. */
  signalVersion(hash: string): string {
    return this.path('research', 'vp_harness', 'signal_versions', oneName(hash));
  }

  /** Folder of the immutable published serving specs. */
  get servingVersions(): string {
    return this.path('research', 'vp_harness', 'configs', 'serving_versions');
  }

  get results(): string {
    return this.path('research', 'vp_harness', 'results');
  }

  /** Folder of all plans of a fleet, or of one, by its hash. */
  plans(hash?: string): string {
    const parts = ['research', 'vp_harness', 'plans'];
    return hash === undefined ? this.path(...parts) : this.path(...parts, oneName(hash));
  }

  /** What `execute` found of a run, as JSON, and its orders, as Parquet. */
  executed(runId: string): { readonly json: string; readonly orders: string } {
    const folder = this.path('research', 'vp_harness', 'executions');
    return { json: join(folder, `${oneName(runId)}.json`), orders: join(folder, `${oneName(runId)}.parquet`) };
  }

  /** Folder of all kept passes of our orders through sessions' books, or of those with one key. */
  passes(key?: string): string {
    const parts = ['research', 'vp_harness', 'passes'];
    return key === undefined ? this.path(...parts) : this.path(...parts, oneName(key));
  }

  /** What was tried and looked at; beside the results, for it outlives them. */
  get ledger(): string {
    return this.path('research', 'vp_harness', 'ledger');
  }

  /** Folder of the report on a dataset. */
  analysis(datasetId: string): string {
    return this.path('research', 'vp_harness', 'analysis', oneName(datasetId));
  }

  /** The registry's file: in the lake, and for one on object storage on this machine, as SPYMASTER_REGISTRY or `openLake` says. */
  get servingRegistry(): string {
    if (this.hasRegistryFile) return resolve(process.env.SPYMASTER_REGISTRY ?? '');
    return this.path('research', 'vp_harness', 'serving_registry.sqlite');
  }

  /** Whether a lake on object storage has a registry on this machine, and with it aliases. */
  get hasRegistryFile(): boolean {
    return this.storage !== null && (process.env.SPYMASTER_REGISTRY ?? '') !== '';
  }

  /** Absolute path of something in the lake; throws LAKE_NOT_WRITABLE if it would lie elsewhere. */
  path(...segments: string[]): string {
    const joined = join(this.root, ...segments);
    const inside = segments.every((segment) => !isAbsolute(segment) && !segment.includes('\0'));
    if (!inside || !isWithin(this.root, joined) || !isWithin(realPath(this.root), realPath(joined))) {
      throw new SpymasterError(
        'LAKE_NOT_WRITABLE',
        `Cannot use ${segments.join(sep)}: it lies outside the lake ${this.root}; use a name inside it.`,
        { path: joined, root: this.root },
      );
    }
    return joined;
  }

  /** A path in the lake as it is stored: relative to the root, with forward slashes. */
  relative(path: string): string {
    return relative(this.root, path).split(sep).join('/');
  }
}

function oneName(name: string): string {
  if (name !== '' && basename(name) === name && name !== '..' && name !== '.') return name;
  throw new SpymasterError('LAKE_NOT_WRITABLE', `Cannot use ${JSON.stringify(name)}: expected a plain name.`, {
    path: name,
  });
}

function isWithin(folder: string, path: string): boolean {
  const between = relative(folder, path);
  return between === '' || (!between.startsWith(`..${sep}`) && between !== '..' && !isAbsolute(between));
}

/** Where a path leads once the symbolic links of its existing part are followed. */
function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    const parent = dirname(path);
    return parent === path ? path : join(realPath(parent), basename(path));
  }
}
