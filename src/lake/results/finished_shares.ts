import { runStepsSync } from '../../files/light.ts';
import type { Lake } from '../lake.ts';
import { type PartManifest, partManifestName, partPrefix } from './part_steps.ts';
import { mergedShares, shareOfPart, finishedShares as sharesOnDisk } from './share_parts.ts';

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

/** Whether a part in the bucket ends a share, by a list of its own parts; null for a lake in a folder. */
export async function isShareFinished(lake: Lake, shareId: string): Promise<boolean | null> {
  if (lake.storage === null) return null;
  const names = await lake.storage.namesLike(lake.relative(lake.results), `${partPrefix}${shareId}-`);
  return names.some((name) => shareOfPart(name)?.isEnd === true);
}
