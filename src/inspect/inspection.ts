import { Admission, type AdmissionCounters, actsOnBook, type Book, type BookCounters, verdict } from '../book/index.ts';
import {
  action,
  flag,
  type Gap,
  GapList,
  isUndefinedTimestamp,
  type Metadata,
  mboWord,
  namedInstruments,
  type RecordBatch,
  rtype,
  rtypeMbo,
  streamMappings,
  undefinedTimestampWord,
  wordUnits,
} from '../dbn/index.ts';
import { ExecutionPass, OurOrders } from '../execution/index.ts';

/** Books are kept for so many instruments; a file of a whole exchange would need more memory than a machine has. */
const maxBooks = 64;
/** Instruments that are told apart at all. */
const maxInstruments = 100_000;
const controlTypes: ReadonlySet<number> = new Set([rtype.symbolMapping, rtype.system, rtype.error]);

const rtypeNames: ReadonlyMap<number, string> = new Map(
  Object.entries(rtype).map(([name, code]) => [code, name.replace(/([a-z])([A-Z0-9])/g, '$1-$2').toLowerCase()]),
);

/** One instrument of one publisher: books are never merged. */
export interface InstrumentReport {
  readonly instrumentId: number;
  /** Empty when neither metadata nor mapping records name a symbol for it. */
  readonly symbol: string;
  readonly publisherId: number;
  readonly records: number;
  /** Null without MBO records, and beyond the number of books that are kept. */
  readonly book: {
    readonly counters: BookCounters & Pick<AdmissionCounters, 'late' | 'receiveTime' | 'nullTime'>;
    /** Records that act on the book: not trades and fills alone. */
    readonly acting: number;
    readonly orders: number;
    readonly bidLevels: number;
    readonly askLevels: number;
    /** 1e-9 units; null for an empty side. */
    readonly bestBid: number | null;
    readonly bestAsk: number | null;
    readonly valid: boolean;
    /** Executions of resting orders, and the share of them at the front of their queue; null without any, or without queues. */
    readonly executions: number;
    readonly frontShare: number | null;
  } | null;
}

/** Content of a file. Times are UNIX nanoseconds; null where no record has one. */
export interface InspectionReport {
  readonly records: number;
  readonly byType: readonly (readonly [name: string, records: number])[];
  readonly byAction: readonly (readonly [action: string, records: number])[];
  readonly byFlags: readonly (readonly [flags: number, records: number])[];
  /** Of `ts_event` without snapshot records. */
  readonly firstNs: bigint | null;
  readonly lastNs: bigint | null;
  readonly peakPerS: number;
  /** Records that were received before they happened. */
  readonly receivedEarly: number;
  readonly snapshot: {
    readonly records: number;
    readonly receivedNs: bigint;
    readonly oldestNs: bigint;
    readonly hasClear: boolean;
    readonly hasLast: boolean;
    /** Whether the file's first MBO record is one of the snapshot's. */
    readonly first: boolean;
  } | null;
  readonly instruments: readonly InstrumentReport[];
  /** Symbols of the stream's mapping records. */
  readonly streamSymbols: readonly string[];
  /** Symbols that mapping records gave to one instrument after another. */
  readonly moves: readonly { readonly symbol: string; readonly instrumentIds: readonly number[] }[];
  /** What a live recording says that it lacks; `listed` are the first ones. */
  readonly gaps: {
    readonly count: number;
    readonly missingNs: bigint;
    readonly longest: Gap | null;
    readonly listed: readonly Gap[];
  };
}

/** A book, and what admits and times its records as a replay does, without a session's window. */
interface Followed {
  readonly admission: Admission;
  readonly book: Book;
  /** The book's queues; null for a top-of-book feed, which has none, and after a jump of months in time. */
  queues: ExecutionPass | null;
}

interface Instrument {
  readonly instrumentId: number;
  readonly publisherId: number;
  records: number;
  acting: number;
  followed: Followed | null;
}

/** Counts what a DBN file holds, batch by batch, and keeps the book of each instrument to see whether it makes sense. */
export class Inspection {
  readonly #byType = new Map<number, number>();
  readonly #byAction = new Float64Array(256);
  readonly #byFlags = new Float64Array(256);
  readonly #instruments = new Map<number, Instrument>();
  /** Symbols of the stream's mapping records, by instrument; and the instruments that each subscription stood for in turn. */
  readonly #streamSymbols = new Map<number, string>();
  readonly #subscriptions = new Map<string, number[]>();
  #records = 0;
  #latest: Instrument | null = null;
  #untracked = 0;
  #books = 0;

  #firstHi: number = undefinedTimestampWord;
  #firstLo: number = undefinedTimestampWord;
  #lastHi = 0;
  #lastLo = 0;
  #second = -1;
  #inSecond = 0;
  #peakPerS = 0;
  #receivedEarly = 0;

  #snapshotRecords = 0;
  #snapshotReceivedNs = 0n;
  #snapshotOldestNs = 0n;
  #snapshotHasClear = false;
  #snapshotHasLast = false;
  #snapshotFirst = false;
  #mboRecords = 0;
  readonly #gaps = new GapList();

  add(batch: RecordBatch): void {
    this.#records += batch.count;
    this.#byType.set(batch.rtype, (this.#byType.get(batch.rtype) ?? 0) + batch.count);
    if (batch.rtype === rtypeMbo) this.#addMbo(batch);
    else this.#addOther(batch);
  }

  report(metadata: Metadata | null): InspectionReport {
    const byCount = (a: readonly [unknown, number], b: readonly [unknown, number]): number => b[1] - a[1];
    const counted = (counts: Float64Array): [number, number][] =>
      [...counts.entries()].filter(([, count]) => count > 0).sort(byCount);
    const symbols = new Map([
      ...(metadata === null ? [] : namedInstruments(metadata)).map(
        ({ instrumentId, symbol }) => [instrumentId, symbol] as const,
      ),
      ...this.#streamSymbols,
    ]);
    return {
      records: this.#records,
      byType: [...this.#byType].sort(byCount).map(([code, count]) => [rtypeNames.get(code) ?? `rtype ${code}`, count]),
      byAction: counted(this.#byAction).map(([code, count]) => [actionName(code), count]),
      byFlags: counted(this.#byFlags),
      firstNs: this.#lastHi === 0 ? null : join(this.#firstHi, this.#firstLo),
      lastNs: this.#lastHi === 0 ? null : join(this.#lastHi, this.#lastLo),
      peakPerS: Math.max(this.#peakPerS, this.#inSecond),
      receivedEarly: this.#receivedEarly,
      snapshot: this.#snapshotReport(),
      instruments: [...this.#instruments.values()]
        .sort((a, b) => b.records - a.records)
        .map((instrument) => instrumentReport(symbols.get(instrument.instrumentId) ?? '', instrument)),
      streamSymbols: [...new Set([...this.#subscriptions.keys(), ...this.#streamSymbols.values()])],
      moves: [...this.#subscriptions]
        .filter(([, instrumentIds]) => instrumentIds.length > 1)
        .map(([symbol, instrumentIds]) => ({ symbol, instrumentIds })),
      gaps: this.#gaps,
    };
  }

  /** Records of instruments beyond those that are told apart. */
  get untracked(): number {
    return this.#untracked;
  }

  #addOther(batch: RecordBatch): void {
    const { words, count } = batch;
    const step = batch.recordBytes / 4;
    // The gateway's own records are of no instrument, or name one that may have no record.
    const isControl = controlTypes.has(batch.rtype);
    if (batch.rtype === rtype.symbolMapping) this.#addMappings(batch);
    const before = this.#gaps.count;
    this.#gaps.add(batch);
    if (this.#gaps.count > before) this.#lose();
    for (let i = 0, at = 0; i < count; i++, at += step) {
      if (!isControl) this.#count(words, at);
      this.#tick(words[at + mboWord.tsEventHi]!, words[at + mboWord.tsEventLo]!);
    }
  }

  #addMbo(batch: RecordBatch): void {
    const { words, count } = batch;
    const step = batch.recordBytes / 4;
    for (let i = 0, at = 0; i < count; i++, at += step) {
      const packed = words[at + mboWord.flagsChannelActionSide]!;
      this.#byAction[(packed >>> 16) & 0xff]!++;
      this.#byFlags[packed & 0xff]!++;
      const instrument = this.#count(words, at);
      if ((packed & flag.snapshot) !== 0) this.#addSnapshot(words, at, packed);
      else this.#addLive(words, at);
      this.#mboRecords++;
      if (instrument === null) continue;
      if (actsOnBook((packed >>> 16) & 0xff)) instrument.acting++;
      const followed = this.#follow(instrument);
      if (followed === null || followed.admission.admit(words, at) !== verdict.event) continue;
      followed.admission.accept();
      const { nowNs } = followed.admission;
      if ((packed & flag.tob) !== 0 || nowNs < (followed.queues?.clockNs ?? nowNs)) followed.queues = null;
      (followed.queues ?? followed.book).apply(words, at, nowNs);
    }
  }

  /** Records are missing: what rests is not known. */
  #lose(): void {
    for (const { followed } of this.#instruments.values()) (followed?.queues ?? followed?.book)?.lose();
  }

  #addMappings(batch: RecordBatch): void {
    for (const { instrumentId, stypeIn, stypeInSymbol, stypeOutSymbol } of streamMappings(batch)) {
      this.#streamSymbols.set(instrumentId, stypeOutSymbol);
      if (stypeIn === 'parent') continue;
      const ids = this.#subscriptions.get(stypeInSymbol) ?? [];
      if (ids.at(-1) !== instrumentId) this.#subscriptions.set(stypeInSymbol, [...ids, instrumentId]);
    }
  }

  #addLive(words: Uint32Array, at: number): void {
    const hi = words[at + mboWord.tsEventHi]!;
    const lo = words[at + mboWord.tsEventLo]!;
    this.#tick(hi, lo);
    if (isUndefinedTimestamp(lo, hi)) return;
    if (before(words[at + mboWord.tsRecvHi]!, words[at + mboWord.tsRecvLo]!, hi, lo)) this.#receivedEarly++;
  }

  /** The instrument and publisher of a record, counted; null beyond those that are told apart. */
  #count(words: Uint32Array, at: number): Instrument | null {
    const instrumentId = words[at + mboWord.instrumentId]!;
    const publisherId = words[at]! >>> 16;
    let instrument = this.#latest;
    if (instrument?.instrumentId !== instrumentId || instrument.publisherId !== publisherId) {
      const key = publisherId * wordUnits + instrumentId;
      instrument = this.#instruments.get(key) ?? this.#newInstrument(key, instrumentId, publisherId);
      if (instrument === null) return null;
      this.#latest = instrument;
    }
    instrument.records++;
    return instrument;
  }

  #newInstrument(key: number, instrumentId: number, publisherId: number): Instrument | null {
    if (this.#instruments.size >= maxInstruments) {
      this.#untracked++;
      return null;
    }
    const instrument = { instrumentId, publisherId, records: 0, acting: 0, followed: null };
    this.#instruments.set(key, instrument);
    return instrument;
  }

  #follow(instrument: Instrument): Followed | null {
    if (instrument.followed === null && this.#books < maxBooks) {
      const { instrumentId, publisherId } = instrument;
      const admission = new Admission({ symbol: '', instrumentId, publisherId, session: null });
      const queues = new ExecutionPass(new OurOrders([]));
      instrument.followed = { admission, book: queues.book, queues };
      this.#books++;
    }
    return instrument.followed;
  }

  /** Widens the file's range of times, and counts the second. */
  #tick(hi: number, lo: number): void {
    if (isUndefinedTimestamp(lo, hi)) return;
    if (before(hi, lo, this.#firstHi, this.#firstLo)) {
      this.#firstHi = hi;
      this.#firstLo = lo;
    }
    if (before(this.#lastHi, this.#lastLo, hi, lo)) {
      this.#lastHi = hi;
      this.#lastLo = lo;
    }
    // A double is exact enough for the second.
    const second = Math.floor((hi * wordUnits + lo) / 1e9);
    if (second !== this.#second) {
      this.#peakPerS = Math.max(this.#peakPerS, this.#inSecond);
      this.#second = second;
      this.#inSecond = 0;
    }
    this.#inSecond++;
  }

  #addSnapshot(words: Uint32Array, at: number, packed: number): void {
    const placedNs = join(words[at + mboWord.tsEventHi]!, words[at + mboWord.tsEventLo]!);
    if (this.#snapshotRecords++ === 0) {
      this.#snapshotFirst = this.#mboRecords === 0;
      this.#snapshotReceivedNs = join(words[at + mboWord.tsRecvHi]!, words[at + mboWord.tsRecvLo]!);
      this.#snapshotOldestNs = placedNs;
    }
    if (placedNs < this.#snapshotOldestNs) this.#snapshotOldestNs = placedNs;
    if (((packed >>> 16) & 0xff) === action.clear) this.#snapshotHasClear = true;
    if ((packed & flag.last) !== 0) this.#snapshotHasLast = true;
  }

  #snapshotReport(): InspectionReport['snapshot'] {
    if (this.#snapshotRecords === 0) return null;
    return {
      records: this.#snapshotRecords,
      receivedNs: this.#snapshotReceivedNs,
      oldestNs: this.#snapshotOldestNs,
      hasClear: this.#snapshotHasClear,
      hasLast: this.#snapshotHasLast,
      first: this.#snapshotFirst,
    };
  }
}

function instrumentReport(symbol: string, instrument: Instrument): InstrumentReport {
  const { instrumentId, publisherId, records, acting, followed } = instrument;
  if (followed === null) return { instrumentId, symbol, publisherId, records, book: null };
  const { admission, book, queues } = followed;
  queues?.finish();
  const { executions = 0, share = 0 } = queues?.frontShare ?? {};
  const { late, receiveTime, nullTime } = admission.counters;
  const { bids, asks } = book;
  return {
    instrumentId,
    symbol,
    publisherId,
    records,
    book: {
      counters: { ...book.counters, late, receiveTime, nullTime },
      acting,
      orders: book.orders.count,
      bidLevels: bids.length,
      askLevels: asks.length,
      bestBid: bids.length > 0 ? bids.best : null,
      bestAsk: asks.length > 0 ? asks.best : null,
      valid: book.valid,
      executions,
      frontShare: executions === 0 ? null : share,
    },
  };
}

/** An action as its letter when it is one. */
function actionName(code: number): string {
  return code > 32 && code < 127 ? String.fromCharCode(code) : `byte ${code}`;
}

function before(hi: number, lo: number, otherHi: number, otherLo: number): boolean {
  return hi < otherHi || (hi === otherHi && lo < otherLo);
}

function join(hi: number, lo: number): bigint {
  return (BigInt(hi) << 32n) | BigInt(lo);
}
