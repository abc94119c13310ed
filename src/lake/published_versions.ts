import { basename, join } from 'node:path';
import { formatPublishedServing, type PublishedServingSpec } from '../config/index.ts';
import { SpymasterError } from '../errors.ts';
import { Workspace } from '../files/index.ts';
import type { Lake } from './lake.ts';
import { ServingRegistry } from './serving_registry.ts';

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

/**
 * Puts a version's spec into the bucket unless one of its id is there, of two machines that promote one run the first one's, and takes
 * note of what is there: nothing that a machine knows is missing for the others.
 */
export async function storeVersion(lake: Lake, registry: ServingRegistry, spec: PublishedServingSpec): Promise<void> {
  const { storage } = lake;
  if (storage === null) return;
  const path = `${lake.relative(lake.servingVersions)}/${spec.serving_id}${extension}`;
  await using workspace = await Workspace.create(lake.path(...path.split('/')));
  await workspace.write(basename(path), formatPublishedServing(spec).text);
  await storage.publish(path, join(workspace.path, basename(path)));
  await storage.keep(path);
  registry.adopt(spec.serving_id);
}
