import { Book, type BookCounters } from '../book/index.ts';
import { flag, type Metadata, mboWord, namedInstruments, type RecordBatch, rtype, rtypeMbo } from '../dbn/index.ts';

/** Books are kept for so many instruments; a file of a whole exchange would need more memory than a machine has. */
const maxBooks = 64;
/** Instruments that are told apart at all. */
const maxInstruments = 100_000;
const actionClear = 82; // 'R'
const undefinedWord = 0xffffffff;

const rtypeNames: ReadonlyMap<number, string> = new Map(
  Object.entries(rtype).map(([name, code]) => [code, name.replace(/([a-z])([A-Z0-9])/g, '$1-$2').toLowerCase()]),
);

/** The book of one instrument of the file. */
export interface InstrumentReport {
  readonly instrumentId: number;
  /** Empty when the metadata names no symbol for it. */
  readonly symbol: string;
  readonly records: number;
  /** Null without MBO records, and beyond the number of books that are kept. */
  readonly book: {
    readonly counters: BookCounters;
    readonly orders: number;
    readonly bidLevels: number;
    readonly askLevels: number;
    /** 1e-9 units; null for an empty side. */
    readonly bestBid: number | null;
    readonly bestAsk: number | null;
    readonly valid: boolean;
  } | null;
}

/** What a file holds. Times are UNIX nanoseconds; null where no record has one. */
export interface InspectionReport {
  readonly records: number;
  readonly byType: readonly (readonly [name: string, records: number])[];
  readonly byAction: readonly (readonly [action: string, records: number])[];
  readonly byFlags: readonly (readonly [flags: number, records: number])[];
  /** Of `ts_event` without snapshot records. */
  readonly firstNs: bigint | null;
  readonly lastNs: bigint | null;
  readonly peakPerS: number;
  /** Events whose `ts_event` is before one already seen, and those without one. */
  readonly late: number;
  readonly nullTime: number;
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
}

interface Instrument {
  records: number;
  book: Book | null;
  /** The instrument's clock: its latest event time as two words, and a number that changes with it. */
  nowHi: number;
  nowLo: number;
  now: number;
}

/** Counts what a DBN file holds, batch by batch, and keeps the book of each instrument to see whether it makes sense. */
export class Inspection {
  readonly #byType = new Map<number, number>();
  readonly #byAction = new Float64Array(256);
  readonly #byFlags = new Float64Array(256);
  readonly #instruments = new Map<number, Instrument>();
  #records = 0;
  #untold = 0;
  #books = 0;

  #firstHi = undefinedWord;
  #firstLo = undefinedWord;
  #lastHi = 0;
  #lastLo = 0;
  #second = -1;
  #inSecond = 0;
  #peakPerS = 0;
  #late = 0;
  #nullTime = 0;
  #receivedEarly = 0;

  #snapshotRecords = 0;
  #snapshotReceivedNs = 0n;
  #snapshotOldestNs = 0n;
  #snapshotHasClear = false;
  #snapshotHasLast = false;
  #snapshotFirst = false;
  #mboRecords = 0;

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
    const symbols = new Map(
      (metadata === null ? [] : namedInstruments(metadata)).map((named) => [named.instrumentId, named.symbol]),
    );
    return {
      records: this.#records,
      byType: [...this.#byType].sort(byCount).map(([code, count]) => [rtypeNames.get(code) ?? `rtype ${code}`, count]),
      byAction: counted(this.#byAction).map(([code, count]) => [actionName(code), count]),
      byFlags: counted(this.#byFlags),
      firstNs: this.#lastHi === 0 ? null : join(this.#firstHi, this.#firstLo),
      lastNs: this.#lastHi === 0 ? null : join(this.#lastHi, this.#lastLo),
      peakPerS: Math.max(this.#peakPerS, this.#inSecond),
      late: this.#late,
      nullTime: this.#nullTime,
      receivedEarly: this.#receivedEarly,
      snapshot: this.#snapshotReport(),
      instruments: [...this.#instruments]
        .sort(([, a], [, b]) => b.records - a.records)
        .map(([id, instrument]) => instrumentReport(id, symbols.get(id) ?? '', instrument)),
    };
  }

  /** Records of instruments beyond those that are told apart. */
  get untold(): number {
    return this.#untold;
  }

  #addOther(batch: RecordBatch): void {
    const { words, count } = batch;
    const step = batch.recordBytes / 4;
    for (let i = 0, at = 0; i < count; i++, at += step) {
      this.#count(words[at + mboWord.instrumentId]!);
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
      const instrument = this.#count(words[at + mboWord.instrumentId]!);
      if ((packed & flag.snapshot) !== 0) this.#addSnapshot(words, at, packed);
      else this.#addLive(words, at, instrument);
      this.#mboRecords++;
      if (instrument !== null) this.#bookOf(instrument)?.apply(words, at, instrument.now);
    }
  }

  #addLive(words: Uint32Array, at: number, instrument: Instrument | null): void {
    const hi = words[at + mboWord.tsEventHi]!;
    const lo = words[at + mboWord.tsEventLo]!;
    this.#tick(hi, lo);
    if (hi === undefinedWord && lo === undefinedWord) {
      this.#nullTime++;
      return;
    }
    if (before(words[at + mboWord.tsRecvHi]!, words[at + mboWord.tsRecvLo]!, hi, lo)) this.#receivedEarly++;
    if (instrument === null) return;
    if (before(hi, lo, instrument.nowHi, instrument.nowLo)) {
      this.#late++;
    } else if (hi !== instrument.nowHi || lo !== instrument.nowLo) {
      instrument.nowHi = hi;
      instrument.nowLo = lo;
      instrument.now++;
    }
  }

  /** The instrument of a record, counted; null beyond those that are told apart. */
  #count(id: number): Instrument | null {
    let instrument = this.#instruments.get(id);
    if (instrument === undefined) {
      if (this.#instruments.size >= maxInstruments) {
        this.#untold++;
        return null;
      }
      instrument = { records: 0, book: null, nowHi: 0, nowLo: 0, now: 0 };
      this.#instruments.set(id, instrument);
    }
    instrument.records++;
    return instrument;
  }

  #bookOf(instrument: Instrument): Book | null {
    if (instrument.book === null && this.#books < maxBooks) {
      instrument.book = new Book();
      this.#books++;
    }
    return instrument.book;
  }

  /** Widens the file's range of times, and counts the second. */
  #tick(hi: number, lo: number): void {
    if (hi === undefinedWord && lo === undefinedWord) return;
    if (before(hi, lo, this.#firstHi, this.#firstLo)) {
      this.#firstHi = hi;
      this.#firstLo = lo;
    }
    if (before(this.#lastHi, this.#lastLo, hi, lo)) {
      this.#lastHi = hi;
      this.#lastLo = lo;
    }
    // A double is exact enough for the second.
    const second = Math.floor((hi * 4294967296 + lo) / 1e9);
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
    if (((packed >>> 16) & 0xff) === actionClear) this.#snapshotHasClear = true;
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

function instrumentReport(instrumentId: number, symbol: string, { records, book }: Instrument): InstrumentReport {
  if (book === null) return { instrumentId, symbol, records, book: null };
  const { bids, asks } = book;
  return {
    instrumentId,
    symbol,
    records,
    book: {
      counters: { ...book.counters },
      orders: book.orders.count,
      bidLevels: bids.length,
      askLevels: asks.length,
      bestBid: bids.length > 0 ? bids.best : null,
      bestAsk: asks.length > 0 ? asks.best : null,
      valid: book.valid,
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
