import { SpymasterError } from '../errors.ts';
import type { Schema } from './codes.ts';
import type { TimeRange } from './filter.ts';
import type { MappingInterval, Metadata, SymbolMapping } from './metadata.ts';
import { dateOfNs, nsOfDate } from './symbol_map.ts';

/**
 * Metadata of a stream that holds the records of all the others.
 *
 * Times span them all, symbols and mappings are the union, the schema is null where they differ, the limit goes. Throws
 * SCHEMA_MISMATCH when datasets, versions, symbologies or `ts_out` differ, or mappings contradict each other.
 */
export function mergeMetadata(all: readonly [Metadata, ...Metadata[]]): Metadata {
  const [first] = all;
  for (const other of all) {
    for (const key of ['version', 'dataset', 'stypeIn', 'stypeOut', 'tsOut'] as const) {
      if (other[key] === first[key]) continue;
      throw new SpymasterError(
        'SCHEMA_MISMATCH',
        `Cannot merge DBN streams: expected the same ${key}, got ${first[key]} and ${other[key]}.` +
          (key === 'version' ? ' Upgrade the older one first.' : ''),
        { key },
      );
    }
  }
  const union = (key: 'symbols' | 'partial' | 'notFound') =>
    [...new Set(all.flatMap((metadata) => metadata[key]))].sort();
  const symbols = union('symbols');
  const mapped = new Set(all.flatMap((metadata) => metadata.mappings.map(({ rawSymbol }) => rawSymbol)));
  return {
    ...first,
    schema: all.every(({ schema }) => schema === first.schema) ? first.schema : null,
    start: all.reduce((least, { start }) => (start < least ? start : least), first.start),
    end: all.reduce<bigint | null>(
      (most, { end }) => (most === null || end === null ? null : end > most ? end : most),
      first.end,
    ),
    limit: null,
    recordCount: null,
    symbolCstrLen: Math.max(...all.map(({ symbolCstrLen }) => symbolCstrLen)),
    symbols,
    partial: union('partial'),
    notFound: union('notFound').filter((symbol) => !mapped.has(symbol)),
    mappings: mergeMappings(all.flatMap(({ mappings }) => mappings)),
  };
}

function mergeMappings(mappings: readonly SymbolMapping[]): SymbolMapping[] {
  const bySymbol = new Map<string, MappingInterval[]>();
  for (const { rawSymbol, intervals } of mappings) {
    const list = bySymbol.get(rawSymbol);
    if (list === undefined) bySymbol.set(rawSymbol, [...intervals]);
    else list.push(...intervals);
  }
  return [...bySymbol]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([rawSymbol, intervals]) => ({ rawSymbol, intervals: mergeIntervals(rawSymbol, intervals) }));
}

/** Intervals in order of time; those of one symbol that touch or overlap become one. */
function mergeIntervals(rawSymbol: string, intervals: readonly MappingInterval[]): MappingInterval[] {
  const merged: MappingInterval[] = [];
  for (const next of intervals.toSorted((a, b) => a.startDate - b.startDate || a.endDate - b.endDate)) {
    const last = merged.at(-1);
    if (
      last === undefined ||
      next.startDate > last.endDate ||
      (next.startDate === last.endDate && next.symbol !== last.symbol)
    ) {
      merged.push(next);
    } else if (next.symbol === last.symbol) {
      merged[merged.length - 1] = { ...last, endDate: Math.max(last.endDate, next.endDate) };
    } else {
      throw new SpymasterError(
        'SCHEMA_MISMATCH',
        `Cannot merge DBN streams: on ${next.startDate} one maps ${rawSymbol} to ${last.symbol} and another to ${next.symbol}.`,
        { symbol: rawSymbol },
      );
    }
  }
  return merged;
}

/** The rest of a stream. */
export interface Narrowing {
  readonly schema?: Schema | null;
  readonly start?: bigint;
  readonly end?: bigint;
  readonly limit?: bigint;
  /** Names, on the side of the mappings that is no instrument id, that are kept. */
  readonly symbols?: ReadonlySet<string>;
}

/** Metadata of a part of a stream: its times are clipped, its symbol lists and mappings are those of the part. */
export function narrowMetadata(metadata: Metadata, part: Narrowing): Metadata {
  const start = part.start !== undefined && part.start > metadata.start ? part.start : metadata.start;
  const end = part.end !== undefined && (metadata.end === null || part.end < metadata.end) ? part.end : metadata.end;
  const narrowed = {
    ...metadata,
    schema: part.schema === undefined ? metadata.schema : part.schema,
    start,
    end,
    recordCount: null,
  };
  const limited = part.limit === undefined ? narrowed : { ...narrowed, limit: part.limit };
  const { symbols } = part;
  const timed = part.start !== undefined || part.end !== undefined;
  if (symbols === undefined && !timed) return limited;
  const fromId = metadata.stypeOut !== 'instrument_id';
  const keep = (name: string) => symbols === undefined || symbols.has(name);
  const mappings = metadata.mappings
    .filter(({ rawSymbol }) => fromId || keep(rawSymbol))
    .map(({ rawSymbol, intervals }) => ({
      rawSymbol,
      intervals: intervals.filter(
        (interval) => (!fromId || keep(interval.symbol)) && touches(interval, { start, end: end ?? 2n ** 63n }),
      ),
    }))
    .filter(({ intervals }) => intervals.length > 0);
  if (symbols === undefined) return { ...limited, mappings };
  const named = new Set(mappings.map(({ rawSymbol }) => rawSymbol));
  const kept = (list: readonly string[]) => list.filter((symbol) => named.has(symbol) || symbols.has(symbol));
  return {
    ...limited,
    symbols: kept(metadata.symbols),
    partial: kept(metadata.partial),
    notFound: kept(metadata.notFound),
    mappings,
  };
}

function touches(interval: MappingInterval, range: TimeRange): boolean {
  return nsOfDate(interval.startDate) < range.end && nsOfDate(interval.endDate) > range.start;
}

/** The UTC day (YYYYMMDD) and its half-open range of times that holds a time. */
export function dayOf(ts: bigint): { date: number; range: TimeRange } {
  const nsPerDay = 86_400_000_000_000n;
  const start = ts - (ts % nsPerDay);
  return { date: dateOfNs(ts), range: { start, end: start + nsPerDay } };
}
