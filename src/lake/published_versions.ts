import { SpymasterError } from '../errors.ts';
import type { Lake } from './lake.ts';
import { ServingRegistry, type ServingVersion } from './serving_registry.ts';

const extension = '.yaml';

/**
 * Opens the registry of a lake. On object storage it is the file of this machine that `--registry` names, or else one that knows ids alone;
 * the versions of the bucket are brought here and noted in it. Throws what `ServingRegistry` and `LakeStorage` throw.
 */
export async function openServingRegistry(lake: Lake): Promise<ServingRegistry> {
  const registry = new ServingRegistry(lake);
  const { storage } = lake;
  if (storage === null) return registry;
  try {
    const folder = lake.relative(lake.servingVersions);
    for (const name of await storage.names(folder)) {
      const isThere = name.endsWith(extension) && (await storage.keep(`${folder}/${name}`));
      if (isThere) registry.adopt(name.slice(0, -extension.length));
    }
    return registry;
  } catch (error) {
    registry.close();
    throw error;
  }
}

/** Throws USAGE where an alias cannot be changed: on object storage without a registry on this machine. */
export function assertChangesAliases(lake: Lake): void {
  if (lake.storage === null || lake.hasRegistryFile) return;
  throw new SpymasterError(
    'USAGE',
    `Cannot change an alias of ${lake.storage.url}: object storage holds no registry; name one on the machine that promotes with --registry FILE.`,
    { key: 'registry' },
  );
}

/** Puts a version's spec into the bucket, where the lake is on object storage. Throws FILE_EXISTS when another has its id there. */
export async function storeVersion(lake: Lake, { servingId, path, sha256 }: ServingVersion): Promise<void> {
  const { storage } = lake;
  if (storage === null || (await storage.publish(path, lake.path(...path.split('/'))))) return;
  const there = (await storage.entry(path))?.files[0]?.sha256;
  if (there === sha256) return;
  throw new SpymasterError(
    'FILE_EXISTS',
    `Cannot publish ${servingId}: ${storage.url} has a version of that id with other content, and versions never change; bring the ` +
      'registries of the machines that promote together, or promote from one of them.',
    { path, servingId },
  );
}
