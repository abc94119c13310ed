import { contentHash } from '../../config/light.ts';
import { type PartManifest, partName } from './part_steps.ts';
import { shareOfPart } from './share_parts.ts';

/** What a part that counts holds. */
export interface HeldPart {
  /** Datasets of its rows, of the table whose rows are of datasets. */
  readonly datasets: ReadonlySet<string>;
  /** Whether it has rows of that table alone, and of one dataset. */
  readonly isOfOne: boolean;
}

/** Parts to be merged into one. */
export interface Merge {
  /** Decided by what is merged. */
  readonly name: string;
  /** The dataset whose rows are merged; null for the rows that are of none. */
  readonly dataset: string | null;
  /** The parts that hold them. */
  readonly from: readonly string[];
  /** Those of them of which no row is left over. */
  readonly replaces: readonly string[];
}

/** A dataset whose shares are to be merged, and nothing else. */
export interface EndedDataset {
  readonly dataset: string;
  readonly shareIds: ReadonlySet<string>;
}

/**
 * The merges after which each dataset has one part, and all that is of no dataset another. A part with rows of several is taken
 * over by the last merge, once all its rows are in parts of their datasets.
 */
export function planMerges(parts: ReadonlyMap<string, HeldPart>): Merge[] {
  const byDataset = new Map<string, string[]>();
  const rest: string[] = [];
  let isMixed = false;
  for (const [name, { datasets, isOfOne }] of parts) {
    for (const dataset of datasets) byDataset.set(dataset, [...(byDataset.get(dataset) ?? []), name]);
    if (isOfOne) continue;
    rest.push(name);
    isMixed ||= datasets.size > 0;
  }
  const isOfOne = (name: string) => parts.get(name)?.isOfOne === true;
  const merges = [...byDataset]
    .filter(([, from]) => from.length > 1 || !from.every(isOfOne))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([dataset, from]) => merge(dataset, from, from.filter(isOfOne)));
  return rest.length > 1 || isMixed ? [...merges, merge(null, rest, rest)] : merges;
}

/** The merge after which the shares of a dataset are one part, and one with what was merged of it before; none when they are. */
export function planEndedMerge(parts: ReadonlyMap<string, PartManifest>, { dataset, shareIds }: EndedDataset): Merge[] {
  const from = [...parts].flatMap(([name, manifest]) => {
    const share = shareOfPart(name);
    return manifest.dataset === dataset || (share !== null && shareIds.has(share.shareId)) ? [name] : [];
  });
  return from.length < 2 ? [] : [merge(dataset, from, from)];
}

function merge(dataset: string | null, from: readonly string[], replaces: readonly string[]): Merge {
  const name = partName(0, contentHash({ dataset, from: [...from].sort() }, 32));
  return { name, dataset, from, replaces };
}
