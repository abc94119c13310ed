import { runStepsSync } from '../../files/index.ts';
import type { Lake } from '../lake.ts';
import { type PartManifest, partManifestName } from './part_steps.ts';
import { mergedShares, finishedShares as sharesOnDisk } from './share_parts.ts';

/** Ids of the shares of which nothing is missing in the results of a lake. In a bucket the manifests tell it: no part is brought. */
export async function finishedSharesOf(lake: Lake): Promise<Set<string>> {
  const { storage } = lake;
  if (storage === null) return runStepsSync(sharesOnDisk(lake.results));
  const entries = await storage.entries(lake.relative(lake.results));
  const parts = new Map<string, PartManifest>();
  for (const [name, { files }] of entries) {
    const { text } = files.find((file) => file.name === partManifestName) ?? {};
    if (text !== undefined) parts.set(name, JSON.parse(text) as PartManifest);
  }
  return new Set(mergedShares(parts));
}
