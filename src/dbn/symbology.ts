import { SpymasterError } from '../errors.ts';
import type { MappingInterval, Metadata } from './metadata.ts';

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
  for (const { name, instrumentId, interval } of namedInstruments(metadata)) {
    if (name !== symbol) continue;
    if (interval.startDate <= dateYyyymmdd && dateYyyymmdd < interval.endDate) return instrumentId;
    otherDates.push(`${interval.startDate} to ${interval.endDate} (exclusive)`);
  }
  if (otherDates.length > 0) {
    throw new SpymasterError(
      'DATE_OUTSIDE_FILE',
      `Cannot resolve ${symbol} on ${dateYyyymmdd}: the file maps it only from ${shorten(otherDates, '; from ')}. ` +
        'Choose a date inside, or the file of that date.',
      { symbol, date: dateYyyymmdd },
    );
  }
  const known = [...new Set(namedInstruments(metadata).map(({ name }) => name))];
  throw new SpymasterError(
    'SYMBOL_UNKNOWN',
    known.length > 0
      ? `Cannot resolve ${symbol}: the file maps ${shorten(known, ', ')}.`
      : `Cannot resolve ${symbol}: the file maps ${metadata.stypeIn ?? 'mixed symbols'} to ${metadata.stypeOut}, and neither is an instrument id.`,
    { symbol, known },
  );
}

interface NamedInstrument {
  readonly name: string;
  readonly instrumentId: number;
  readonly interval: MappingInterval;
}

/** Every (symbol, instrument id, dates) of the metadata's mappings, whichever way they go. */
function namedInstruments(metadata: Metadata): NamedInstrument[] {
  const found: NamedInstrument[] = [];
  const toId = metadata.stypeOut === 'instrument_id';
  if (!toId && metadata.stypeIn !== 'instrument_id') return found;
  for (const mapping of metadata.mappings) {
    for (const interval of mapping.intervals) {
      if (interval.symbol === '') continue;
      const name = toId ? mapping.rawSymbol : interval.symbol;
      const instrumentId = Number(toId ? interval.symbol : mapping.rawSymbol);
      if (Number.isInteger(instrumentId) && instrumentId >= 0) found.push({ name, instrumentId, interval });
    }
  }
  return found;
}

function shorten(names: readonly string[], separator: string): string {
  const shown = names.slice(0, namesInMessage).join(separator);
  return names.length > namesInMessage ? `${shown} and ${names.length - namesInMessage} more` : shown;
}
