import type { TimeRange } from './filter.ts';
import type { DbnRecord } from './layouts/index.ts';
import type { MappingInterval, Metadata } from './metadata.ts';

/** UTC date (YYYYMMDD) of a UNIX time in nanoseconds. */
export function dateOfNs(ts: bigint): number {
  const date = new Date(Number(ts / 1_000_000n));
  return date.getUTCFullYear() * 10_000 + (date.getUTCMonth() + 1) * 100 + date.getUTCDate();
}

/** Start of a UTC date (YYYYMMDD), UNIX nanoseconds. */
export function nsOfDate(date: number): bigint {
  return BigInt(Date.UTC(Math.floor(date / 10_000), (Math.floor(date / 100) % 100) - 1, date % 100)) * 1_000_000n;
}

/** A UTC date (YYYYMMDD) as ISO 8601 writes it. */
export function dateText(date: number): string {
  return String(date).replace(/^(\d{4})(\d\d)(\d\d)$/, '$1-$2-$3');
}

/** A name that an instrument id has during some dates. */
export interface NamedInstrument {
  readonly symbol: string;
  readonly instrumentId: number;
  readonly interval: MappingInterval;
}

/**
 * Every (symbol, instrument id, dates) of the metadata's mappings, whether they go from symbols to ids or (stype_in
 * `instrument_id`) from ids to symbols. Empty when neither side is an instrument id.
 */
export function namedInstruments(metadata: Metadata): NamedInstrument[] {
  const found: NamedInstrument[] = [];
  const toId = metadata.stypeOut === 'instrument_id';
  if (!toId && metadata.stypeIn !== 'instrument_id') return found;
  for (const mapping of metadata.mappings) {
    for (const interval of mapping.intervals) {
      if (interval.symbol === '') continue;
      const symbol = toId ? mapping.rawSymbol : interval.symbol;
      const instrumentId = Number(toId ? interval.symbol : mapping.rawSymbol);
      if (Number.isInteger(instrumentId) && instrumentId >= 0) found.push({ symbol, instrumentId, interval });
    }
  }
  return found;
}

/** Which symbol an instrument id had on each date: the metadata's mappings as a time series. */
export class TsSymbolMap {
  readonly #ofInstrument = new Map<number, NamedInstrument[]>();

  constructor(metadata: Metadata) {
    for (const named of namedInstruments(metadata)) {
      const list = this.#ofInstrument.get(named.instrumentId);
      if (list === undefined) this.#ofInstrument.set(named.instrumentId, [named]);
      else list.push(named);
    }
  }

  /** True when the file maps no instrument at all. */
  get isEmpty(): boolean {
    return this.#ofInstrument.size === 0;
  }

  /** Every symbol that some instrument has on some date. */
  get symbols(): Set<string> {
    return new Set([...this.#ofInstrument.values()].flatMap((list) => list.map(({ symbol }) => symbol)));
  }

  /** The symbol of an instrument on a date (YYYYMMDD), or undefined. */
  get(instrumentId: number, date: number): string | undefined {
    // Where two mappings hold at once, the later one of the file wins, as in the official clients.
    return this.#ofInstrument
      .get(instrumentId)
      ?.findLast(({ interval }) => interval.startDate <= date && date < interval.endDate)?.symbol;
  }

  /** The symbol of a record's instrument on the record's own date: that of `tsRecv`, or `tsEvent` where there is none. */
  ofRecord(record: DbnRecord): string | undefined {
    return this.get(record.instrumentId, dateOfNs('tsRecv' in record ? record.tsRecv : record.tsEvent));
  }

  /** The instruments that `symbols` stood for, and when: what `RecordFilter` takes. */
  instrumentsOf(symbols: ReadonlySet<string>): Map<number, TimeRange[]> {
    const found = new Map<number, TimeRange[]>();
    for (const [instrumentId, list] of this.#ofInstrument) {
      const ranges = list
        .filter(({ symbol }) => symbols.has(symbol))
        .map(({ interval }) => ({ start: nsOfDate(interval.startDate), end: nsOfDate(interval.endDate) }));
      if (ranges.length > 0) found.set(instrumentId, ranges);
    }
    return found;
  }
}

/** Which symbol an instrument id has now: the mappings of one date, kept current by a live stream's mapping records. */
export class PitSymbolMap {
  readonly #symbols = new Map<number, string>();

  /** The mappings that hold on `date` (YYYYMMDD); without metadata the map starts empty. */
  constructor(metadata?: Metadata, date?: number) {
    if (metadata === undefined || date === undefined) return;
    for (const { symbol, instrumentId, interval } of namedInstruments(metadata)) {
      if (interval.startDate <= date && date < interval.endDate) this.#symbols.set(instrumentId, symbol);
    }
  }

  get size(): number {
    return this.#symbols.size;
  }

  get(instrumentId: number): string | undefined {
    return this.#symbols.get(instrumentId);
  }

  /** Takes in a record of the stream; all but symbol mappings are ignored. */
  onRecord(record: DbnRecord): void {
    if (record.layout === 'symbolMappingV1' || record.layout === 'symbolMappingV2') {
      this.#symbols.set(record.instrumentId, record.stypeOutSymbol);
    }
  }
}
