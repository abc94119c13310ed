import { type ProductType, productRoot, productTypeOf } from '../config/index.ts';
import {
  action,
  dateOfNs,
  flag,
  type Metadata,
  mboWord,
  nsOfDate,
  type RecordBatch,
  RecordReader,
  rtype,
  rtypeMbo,
  streamMappings,
  TsSymbolMap,
  tsOfWords,
  undefinedTimestamp,
} from '../dbn/index.ts';
import { SpymasterError } from '../errors.ts';
import { openRecords } from '../files/index.ts';
import { type DefinedInstrument, definedInstrument } from './defined_instrument.ts';
import { indexTimeWord } from './raw_time.ts';

/** MBO records of one symbol on one UTC day. */
export interface ScannedSymbol {
  readonly symbol: string;
  readonly records: number;
  readonly trades: number;
  /** Trades by minute of the UTC day, 1,440 numbers; null without a trade. */
  readonly tradesByMinute: Uint32Array | null;
  /** The minute of the first record that is no snapshot's; null without one. */
  readonly firstMinute: number | null;
  /** The largest step of which all prices of added orders are multiples, in 1e-9; 0 without an order. */
  readonly priceStepInt: number;
  readonly orders: number;
}

/** MBO records of one product on one UTC day: what a file of the lake holds. */
export interface ScannedSession {
  /** The product root of futures, else the symbol. */
  readonly root: string;
  /** YYYY-MM-DD. */
  readonly date: string;
  /** Most trades first. */
  readonly symbols: readonly ScannedSymbol[];
  readonly records: number;
}

/** Content of a DBN file as the lake sees it. */
export interface RawScan {
  readonly path: string;
  readonly container: string;
  readonly metadata: Metadata;
  readonly productType: ProductType;
  readonly records: number;
  /** Uncompressed bytes of all records. */
  readonly recordBytes: number;
  /** By date, then root. */
  readonly sessions: readonly ScannedSession[];
  /** MBO records whose instrument has no symbol on their date. */
  readonly unnamed: number;
  readonly definitions: ReadonlyMap<string, DefinedInstrument>;
}

export interface ScanOptions {
  /** Symbol of the instrument of a file that names none. */
  readonly symbol?: string | undefined;
  /** Needed where the dataset does not tell. */
  readonly productType?: ProductType | undefined;
  readonly onProgress?: ((bytesRead: number, sizeBytes: number, records: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Reads a DBN file to its end and counts what it holds by product and UTC day, the day of `ts_recv` as Databento cuts files.
 *
 * Throws what `openRecords` and iterating it throw, so that a file that passes decodes as a whole; FILE_EMPTY and
 * SCHEMA_MISMATCH for one without MBO records, SYMBOL_UNKNOWN for one that names no instrument, USAGE where the kind of product must be given.
 */
export async function scanRawFile(path: string, options: ScanOptions = {}): Promise<RawScan> {
  await using source = await openRecords(path);
  const { metadata, container } = source;
  const productType = options.productType ?? productTypeOf(metadata.dataset);
  if (productType === null) {
    throw new SpymasterError(
      'USAGE',
      `Cannot tell what ${path} holds: its dataset is ${JSON.stringify(metadata.dataset)}; give --product-type future_mbo or ` +
        'equity_mbo.',
      { path, dataset: metadata.dataset },
    );
  }
  const counter = new SessionCounter(metadata, options.symbol);
  for await (const batch of source) {
    counter.add(batch);
    options.onProgress?.(source.bytesRead, source.sizeBytes, counter.records);
    options.signal?.throwIfAborted();
  }
  if (source.tornTail !== null) {
    const { byteOffset, bytes } = source.tornTail;
    throw new SpymasterError(
      'DBN_TRUNCATED',
      `Cannot use ${path}: the recording ends in ${bytes} bytes at byte ${byteOffset} that are no whole record; let its recorder ` +
        'finish it first.',
      { path, byteOffset },
    );
  }
  if (counter.records === 0) {
    throw new SpymasterError('FILE_EMPTY', `Cannot use ${path}: it holds no records; check what was requested.`, {
      path,
    });
  }
  if (counter.mboRecords === 0) {
    const schema = metadata.schema ?? 'mixed';
    throw new SpymasterError(
      'SCHEMA_MISMATCH',
      `Cannot use ${path}: expected MBO records, which a book is made of, got none (its schema is ${schema}); request the schema mbo.`,
      { path, schema },
    );
  }
  const sessions = counter.sessions(productType);
  if (sessions.length === 0) {
    throw new SpymasterError(
      'SYMBOL_UNKNOWN',
      `Cannot tell what ${path} holds: it names none of its instruments; give --symbol with the name of its only one.`,
      { path },
    );
  }
  const { records, recordBytes, unnamed, definitions } = counter;
  return { path, container, metadata, productType, records, recordBytes, sessions, unnamed, definitions };
}

/** Counts of a symbol and day while a file is read. */
interface Counts {
  readonly symbol: string | undefined;
  readonly date: number;
  records: number;
  trades: number;
  orders: number;
  stepInt: number;
  byMinute: Uint32Array | null;
  firstMinute: number | null;
}

class SessionCounter {
  records = 0;
  recordBytes = 0;
  mboRecords = 0;
  readonly definitions = new Map<string, DefinedInstrument>();
  readonly #names: InstrumentNames;
  readonly #reader: RecordReader;
  /** By UTC date, then instrument. */
  readonly #days = new Map<number, Map<number, Counts>>();
  #day: Map<number, Counts> | null = null;
  #date = 0;
  /** The day's first nanosecond, in two words. */
  #startLo = 0;
  #startHi = 0;

  constructor(metadata: Metadata, symbol: string | undefined) {
    this.#names = new InstrumentNames(metadata, symbol);
    this.#reader = new RecordReader({ tsOut: metadata.tsOut });
  }

  add(batch: RecordBatch): void {
    this.records += batch.count;
    this.recordBytes += batch.bytes.length;
    this.#names.add(batch);
    if (batch.rtype === rtype.definition) this.#define(batch);
    if (batch.rtype !== rtypeMbo) return;
    this.mboRecords += batch.count;
    const { words, count } = batch;
    const stride = batch.recordBytes >>> 2;
    let id = -1;
    let counts: Counts | null = null;
    for (let i = 0, at = 0; i < count; i++, at += stride) {
      const timeAt = indexTimeWord(words, at);
      const day = this.#day;
      let ns = this.#sinceStart(words, timeAt);
      if (!(ns >= 0 && ns < 86_400e9) && this.#enter(words, timeAt)) ns = this.#sinceStart(words, timeAt);
      const instrumentId = words[at + mboWord.instrumentId] as number;
      if (counts === null || instrumentId !== id || this.#day !== day) {
        id = instrumentId;
        counts = this.#countsOf(instrumentId);
      }
      count1(counts, words, at, ns);
    }
  }

  /** Products by day, most traded symbols first. */
  sessions(productType: ProductType): ScannedSession[] {
    const named = [...this.#days].flatMap(([date, day]) =>
      [...day.values()].flatMap((counts) =>
        counts.symbol === undefined ? [] : [{ ...counts, symbol: counts.symbol, date }],
      ),
    );
    const rootOf = roots(
      productType,
      named.map(({ symbol }) => symbol),
    );
    const groups = Map.groupBy(named, ({ symbol, date }) => `${date} ${rootOf(symbol)}`);
    return [...groups.entries()].sort().map(([key, found]) => ({
      root: key.slice(9),
      date: key.replace(/^(\d{4})(\d\d)(\d\d).*$/, '$1-$2-$3'),
      records: found.reduce((sum, { records }) => sum + records, 0),
      symbols: found
        .map(({ symbol, records, trades, orders, byMinute, stepInt, firstMinute }) => ({
          ...{ symbol, records, trades, orders },
          ...{ tradesByMinute: byMinute, firstMinute, priceStepInt: stepInt },
        }))
        .sort((a, b) => b.trades - a.trades || b.records - a.records),
    }));
  }

  get unnamed(): number {
    const all = [...this.#days.values()].flatMap((day) => [...day.values()]);
    return all.reduce((sum, { symbol, records }) => (symbol === undefined ? sum + records : sum), 0);
  }

  #sinceStart(words: Uint32Array, timeAt: number): number {
    return ((words[timeAt + 1] as number) - this.#startHi) * 2 ** 32 + ((words[timeAt] as number) - this.#startLo);
  }

  /** Goes to the day of a time; false for an undefined one, which belongs to the day before it. */
  #enter(words: Uint32Array, timeAt: number): boolean {
    const ts = tsOfWords(words, timeAt);
    if (ts === undefinedTimestamp && this.#day !== null) return false;
    this.#date = dateOfNs(ts);
    const start = nsOfDate(this.#date);
    this.#startLo = Number(start & 0xffff_ffffn);
    this.#startHi = Number(start >> 32n);
    this.#day = this.#days.getOrInsertComputed(this.#date, () => new Map());
    return true;
  }

  #countsOf(instrumentId: number): Counts {
    const date = this.#date;
    return (this.#day as Map<number, Counts>).getOrInsertComputed(instrumentId, () => ({
      ...{ symbol: this.#names.of(instrumentId, date), date },
      ...{ records: 0, trades: 0, orders: 0, stepInt: 0, byMinute: null, firstMinute: null },
    }));
  }

  #define(batch: RecordBatch): void {
    for (let i = 0; i < batch.count; i++) {
      const defined = definedInstrument(this.#reader.read(batch, i));
      if (defined !== null) this.definitions.set(defined.symbol, defined);
    }
  }
}

function count1(counts: Counts, words: Uint32Array, at: number, ns: number): void {
  counts.records++;
  const packed = words[at + mboWord.flagsChannelActionSide] as number;
  const code = (packed >>> 16) & 0xff;
  if (counts.firstMinute === null && (packed & flag.snapshot) === 0 && code !== action.clear)
    counts.firstMinute = Math.floor(ns / 60e9);
  if (code === action.add) {
    const price = (words[at + mboWord.priceHi] as number) * 2 ** 32 + (words[at + mboWord.priceLo] as number);
    // Negative prices, and the undefined one, are above.
    if (price > Number.MAX_SAFE_INTEGER) return;
    counts.orders++;
    if (counts.stepInt === 0 || price % counts.stepInt !== 0) counts.stepInt = divisor(price, counts.stepInt);
  } else if (code === action.trade && ns >= 0 && ns < 86_400e9) {
    counts.trades++;
    counts.byMinute ??= new Uint32Array(1440);
    const minute = Math.floor(ns / 60e9);
    counts.byMinute[minute] = (counts.byMinute[minute] as number) + 1;
  }
}

/** Greatest common divisor (Euclid). */
function divisor(a: number, b: number): number {
  let [larger, smaller] = [a, b];
  while (smaller !== 0) [larger, smaller] = [smaller, larger % smaller];
  return larger;
}

/** Symbols of instruments: by the mapping records of a live recording, else the metadata, else as the user says. */
export class InstrumentNames {
  readonly streamed = new Map<number, string>();
  readonly #map: TsSymbolMap;
  readonly #only: string | undefined;

  /** @param symbol - of the only instrument of a file that names none */
  constructor(metadata: Metadata, symbol: string | undefined) {
    this.#map = new TsSymbolMap(metadata);
    this.#only = this.#map.isEmpty
      ? (symbol ?? (metadata.symbols.length === 1 ? metadata.symbols[0] : undefined))
      : undefined;
  }

  /** Takes the mappings of a batch of records. */
  add(batch: RecordBatch): void {
    if (batch.rtype !== rtype.symbolMapping) return;
    for (const { instrumentId, stypeOutSymbol } of streamMappings(batch))
      this.streamed.set(instrumentId, stypeOutSymbol);
  }

  of(instrumentId: number, date: number): string | undefined {
    return this.streamed.get(instrumentId) ?? this.#map.get(instrumentId, date) ?? this.#only;
  }
}

const outright = /^[A-Z0-9]{1,6}[FGHJKMNQUVXZ]\d{1,2}$/;

/** The product that each symbol belongs to: spreads and butterflies to that of their first leg, when its outrights are there. */
export function roots(productType: ProductType, symbols: readonly string[]): (symbol: string) => string {
  const known = new Set(
    symbols.filter((symbol) => outright.test(symbol)).map((each) => productRoot(productType, each)),
  );
  return (symbol) => {
    const root = productRoot(productType, symbol);
    if (productType === 'equity_mbo' || outright.test(symbol)) return root;
    const candidates = [...known].filter((each) => symbol.startsWith(each));
    return candidates.sort((a, b) => b.length - a.length)[0] ?? root;
  };
}
