import { SpymasterError } from '../errors.ts';
import type { Metadata } from './metadata.ts';
import { namedInstruments } from './symbol_map.ts';

const namesInMessage = 12;

/**
 * The instrument id that `symbol` stood for on a date (YYYYMMDD), by the metadata's mappings; null when the file has no
 * mapping at all.
 *
 * Mappings may go either way: from a symbol to an id, or (stype_in `instrument_id`) from an id to a symbol. Throws
 * SYMBOL_UNKNOWN, listing what the file maps, or DATE_OUTSIDE_FILE when the symbol is mapped on other dates only.
 * Model §1.2.
 */
export function resolveInstrument(metadata: Metadata, symbol: string, dateYyyymmdd: number): number | null {
  if (metadata.mappings.every((mapping) => mapping.intervals.length === 0)) return null;
  const otherDates: string[] = [];
  for (const { symbol: name, instrumentId, interval } of namedInstruments(metadata)) {
    if (name !== symbol) continue;
    if (interval.startDate <= dateYyyymmdd && dateYyyymmdd < interval.endDate) return instrumentId;
    otherDates.push(`${interval.startDate} to ${interval.endDate} (exclusive)`);
  }
  if (otherDates.length > 0) {
    throw new SpymasterError(
      'DATE_OUTSIDE_FILE',
      `Cannot resolve ${symbol} on ${dateYyyymmdd}: the file maps it only from ${shorten(otherDates, ' and ')}. ` +
        'Choose a date inside, or the file of that date.',
      { symbol, date: dateYyyymmdd },
    );
  }
  const known = [...new Set(namedInstruments(metadata).map((named) => named.symbol))];
  throw new SpymasterError(
    'SYMBOL_UNKNOWN',
    known.length > 0
      ? `Cannot resolve ${symbol}: the file maps ${shorten(known, ', ')}.`
      : `Cannot resolve ${symbol}: the file maps ${metadata.stypeIn ?? 'mixed symbols'} to ${metadata.stypeOut}, and neither is an instrument id.`,
    { symbol, known },
  );
}

function shorten(names: readonly string[], separator: string): string {
  const shown = names.slice(0, namesInMessage).join(separator);
  return names.length > namesInMessage ? `${shown} and ${names.length - namesInMessage} more` : shown;
}
