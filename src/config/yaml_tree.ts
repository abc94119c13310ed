import { type Alias, isAlias, isMap, isScalar, isSeq, type YAMLMap } from 'yaml';
import { formatCount } from '../format.ts';

/** A value of a document and where it stands; aliases lead to the value that they repeat. */
export interface YamlPart {
  readonly value: unknown;
  /** Where it starts in the text. */
  readonly start: number;
  /** Text of a scalar that stands without quotes; null for every other part. */
  readonly written: string | null;
  /** Values below it, itself included, with every alias written out. */
  readonly size: number;
  readonly entries: ReadonlyMap<string, YamlEntry> | null;
  readonly items: readonly YamlPart[] | null;
}

export interface YamlEntry {
  readonly keyStart: number;
  readonly part: YamlPart;
}

/** Ends the reading with a sentence about the text at an offset. */
export type YamlFailure = (sentence: string, offset: number) => never;

/** A document's aliases may write out to this many values; more is an expansion bomb. */
export const maxExpandedValues = 200_000;

const mergeKey = '<<';

/**
 * The values of a composed YAML node. One pass in the order of the text, linear in the number of values: a key that is given
 * twice, an alias without an anchor or within it, a merge of something that is no map, and aliases that write out to more
 * than `maxExpandedValues` end in `fail`. `<<` merges maps as YAML 1.1 says: a map's own keys win, then the first source.
 */
export function yamlTree(root: unknown, fail: YamlFailure): YamlPart {
  /** The last value of each anchor so far; null while it is being read. */
  const anchors = new Map<string, YamlPart | null>();

  const read = (node: unknown, start: number): YamlPart => {
    if (isAlias(node)) return aliased(node);
    const anchor = (node as { anchor?: string } | null)?.anchor;
    if (anchor !== undefined) anchors.set(anchor, null);
    const part = isMap(node) ? mapOf(node) : readPlain(node, start);
    if (anchor !== undefined) anchors.set(anchor, part);
    return part;
  };

  const aliased = (node: Alias): YamlPart => {
    const part = anchors.get(node.source);
    if (part === undefined) fail(`the alias *${node.source} has no anchor &${node.source} before it`, startOf(node));
    if (part === null) fail(`the alias *${node.source} stands within its own anchor`, startOf(node));
    return part;
  };

  const checkedSize = (size: number, start: number): number => {
    if (size <= maxExpandedValues) return size;
    const limit = formatCount(maxExpandedValues);
    return fail(`its aliases expand to too much, to more than ${limit} values; write the values out`, start);
  };

  const readPlain = (node: unknown, start: number): YamlPart => {
    if (isSeq(node)) {
      const at = startOf(node);
      let size = 1;
      const items = node.items.map((item) => {
        const part = read(item, at);
        size = checkedSize(size + part.size, at);
        return part;
      });
      return { value: items.map(({ value }) => value), start: at, written: null, size, entries: null, items };
    }
    const written = isScalar(node) && node.type === 'PLAIN' ? (node.source ?? null) : null;
    const value = isScalar(node) ? node.value : null;
    return { value, start: startOf(node, start), written, size: 1, entries: null, items: null };
  };

  const mapOf = (map: YAMLMap): YamlPart => {
    const at = startOf(map);
    const own = new Set<string>();
    const entries = new Map<string, YamlEntry>();
    let size = 1;
    for (const { key, value } of map.items) {
      if (!isScalar(key) || typeof key.value !== 'string') fail('a key must be a text', startOf(key, at));
      const { value: name, type } = key;
      const keyStart = startOf(key);
      if (own.has(name)) fail(`the key ${JSON.stringify(name)} is given twice`, keyStart);
      own.add(name);
      const part = read(value, keyStart);
      if (name === mergeKey && type === 'PLAIN') {
        for (const source of part.items ?? [part]) {
          if (source.entries === null) fail('"<<" merges maps: give it an alias of one, or a list of them', part.start);
          for (const [merged, entry] of source.entries) if (!entries.has(merged)) entries.set(merged, entry);
          size = checkedSize(size + source.size, at);
        }
      } else {
        entries.set(name, { keyStart, part });
        size = checkedSize(size + part.size, at);
      }
    }
    // Defined, not assigned: a key "__proto__" is a key like others.
    const value: Record<string, unknown> = {};
    const property = { writable: true, enumerable: true, configurable: true };
    for (const [name, entry] of entries) Object.defineProperty(value, name, { ...property, value: entry.part.value });
    return { value, start: at, written: null, size, entries, items: null };
  };

  return read(root, 0);
}

/** The part at `path` and the start of its key (of itself, in a list), or those of the nearest part above it. */
export function findPart(
  root: YamlPart,
  path: readonly PropertyKey[],
): { part: YamlPart; keyStart: number; found: boolean } {
  let part = root;
  let keyStart = root.start;
  for (const step of path) {
    const entry = part.entries?.get(String(step));
    const next = entry?.part ?? part.items?.[Number(step)];
    if (next === undefined) return { part, keyStart: part.start, found: false };
    keyStart = entry?.keyStart ?? next.start;
    part = next;
  }
  return { part, keyStart, found: true };
}

function startOf(node: unknown, otherwise = 0): number {
  return (node as { range?: readonly number[] | null } | null)?.range?.[0] ?? otherwise;
}
