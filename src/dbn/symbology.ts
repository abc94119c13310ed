import { SpymasterError } from '../errors.ts';
import type { Metadata } from './metadata.ts';
import { dateText, namedInstruments } from './symbol_map.ts';

const namesInMessage = 12;

/**
 * The instrument id that `symbol` stood for on a UTC date (`2026-02-06`), by the metadata's mappings; null when the file has
 * no mapping at all.
 *
 * Mappings may go either way: from a symbol to an id, or (stype_in `instrument_id`) from an id to a symbol. Throws
 * SYMBOL_UNKNOWN, listing what the file maps or the several ids that a parent stands for, or DATE_OUTSIDE_FILE when the
 * symbol is mapped on other dates only.
 * Model §1.2.
 */
export function resolveInstrument(metadata: Metadata, symbol: string, date: string): number | null {
  if (metadata.mappings.every((mapping) => mapping.intervals.length === 0)) return null;
  const day = Number(date.replaceAll('-', ''));
  const otherDates: string[] = [];
  const ids = new Set<number>();
  for (const { symbol: name, instrumentId, interval } of namedInstruments(metadata)) {
    if (name !== symbol) continue;
    if (interval.startDate <= day && day < interval.endDate) ids.add(instrumentId);
    else otherDates.push(`${dateText(interval.startDate)} to ${dateText(interval.endDate)} (exclusive)`);
  }
  const [id] = ids;
  if (ids.size > 1) throw severalInstruments(symbol, [...ids].map(String));
  if (id !== undefined) return id;
  if (otherDates.length > 0) {
    throw new SpymasterError(
      'DATE_OUTSIDE_FILE',
      `Cannot resolve ${symbol} on ${date}: the file maps it only from ${shorten(otherDates, ' and ')}. ` +
        'Choose a date inside, or the file of that date.',
      { symbol, date },
    );
  }
  const known = [...new Set(namedInstruments(metadata).map((named) => named.symbol))];
  if (known.length > 0) throw unknownSymbol(symbol, known);
  throw new SpymasterError(
    'SYMBOL_UNKNOWN',
    `Cannot resolve ${symbol}: the file maps ${metadata.stypeIn ?? 'mixed symbols'} to ${metadata.stypeOut}, and neither is an instrument id.`,
    { symbol, known },
  );
}

/** The error of a symbol that the file does not map; `known` are those that it does. */
export function unknownSymbol(symbol: string, known: readonly string[]): SpymasterError {
  const text = `Cannot resolve ${symbol}: the file maps ${shorten(known, ', ')}; give one of these.`;
  return new SpymasterError('SYMBOL_UNKNOWN', text, { symbol, known });
}

/** The error of a symbol that stands for several instruments at once, as a parent does. */
export function severalInstruments(symbol: string, instruments: readonly string[]): SpymasterError {
  return new SpymasterError(
    'SYMBOL_UNKNOWN',
    `Cannot resolve ${symbol}: it stands for several instruments at once, ${shorten(instruments, ', ')}; ` +
      'give the symbol of one of them.',
    { symbol, instruments },
  );
}

function shorten(names: readonly string[], separator: string): string {
  const shown = names.slice(0, namesInMessage).join(separator);
  return names.length > namesInMessage ? `${shown} and ${names.length - namesInMessage} more` : shown;
}
