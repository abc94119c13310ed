import type { PublishedServingSpec } from './published_serving.ts';

/** A field in which two versions differ, by its place in the spec; a side that lacks it is undefined. */
export interface ServingDifference {
  readonly field: string;
  readonly before: unknown;
  readonly after: unknown;
}

/** The blocks of a version: what streams first, then what was known of it, then where it comes from. */
const blocks: readonly (keyof PublishedServingSpec)[] = [
  'signal',
  'firing',
  'runtime_snapshot',
  'projection',
  'evidence',
  'source',
  'description',
];

/** The fields in which two published versions differ, what streams first; their ids aside. */
export function servingDifferences(before: PublishedServingSpec, after: PublishedServingSpec): ServingDifference[] {
  return blocks.flatMap((block) => {
    const [a, b] = [fieldsOf(block, before[block]), fieldsOf(block, after[block])];
    return [...new Set([...a.keys(), ...b.keys()])]
      .filter((field) => JSON.stringify(a.get(field)) !== JSON.stringify(b.get(field)))
      .map((field) => ({ field, before: a.get(field), after: b.get(field) }));
  });
}

/** The values in a block by their places; lists are values. */
function fieldsOf(place: string, value: unknown): Map<string, unknown> {
  if (value === undefined) return new Map();
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return new Map([[place, value]]);
  return new Map(Object.entries(value).flatMap(([key, inner]) => [...fieldsOf(`${place}.${key}`, inner)]));
}
