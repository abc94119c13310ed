import type { Metadata } from './metadata.ts';
import { NumberText } from './number_text.ts';
import { dateText } from './symbol_map.ts';

/**
 * Metadata as the JSON value that Databento's tools print; times and dates as UNIX nanoseconds and YYYYMMDD, or pretty
 * as ISO 8601. 64-bit integers are strings.
 */
export function metadataJson(metadata: Metadata, prettyTimes: boolean): Record<string, unknown> {
  const numbers = new NumberText(false, prettyTimes);
  const time = (ts: bigint): string | null => numbers.timestamp(Number(ts & 0xffff_ffffn), Number(ts >> 32n)) || null;
  const date = (yyyymmdd: number): string | number => (prettyTimes ? dateText(yyyymmdd) : yyyymmdd);
  return {
    version: metadata.version,
    dataset: metadata.dataset,
    schema: metadata.schema,
    start: time(metadata.start),
    end: metadata.end === null ? null : time(metadata.end),
    limit: metadata.limit === null ? null : metadata.limit.toString(),
    stype_in: metadata.stypeIn,
    stype_out: metadata.stypeOut,
    ts_out: metadata.tsOut,
    symbol_cstr_len: metadata.symbolCstrLen,
    symbols: metadata.symbols,
    partial: metadata.partial,
    not_found: metadata.notFound,
    mappings: metadata.mappings.map(({ rawSymbol, intervals }) => ({
      raw_symbol: rawSymbol,
      intervals: intervals.map(({ startDate, endDate, symbol }) => ({
        start_date: date(startDate),
        end_date: date(endDate),
        symbol,
      })),
    })),
  };
}
