import { Admission, Book, type BookCounters, type PriceLevels, verdict } from '../book/index.ts';
import {
  action,
  flag,
  highWord,
  layouts,
  lowWord,
  mboWord,
  type RecordBatch,
  rtype,
  undefinedPriceWords,
  wordUnits,
} from '../dbn/index.ts';

const headerWords = 4;
const firstLevelWord = 12;
const levelWords = 8;
/** Records that are gathered into one batch. */
const batchRecords = 1024;

/** Fields of a price level whose change is told: price, size and number of orders, of each side. */
const shownPerLevel = 6;

/** The book of one instrument of one publisher, and what was last written of it. */
interface Instrument {
  readonly admission: Admission;
  readonly book: Book;
  readonly shown: Float64Array;
  /** Record of the last change of the shown levels since then; null when nothing changed. */
  readonly cause: Uint32Array;
  hasCause: boolean;
  depth: number;
  /** The last record of a snapshot that has not been closed by F_LAST. */
  readonly pending: Uint32Array;
  hasPending: boolean;
}

/**
 * Makes mbp-1 (`depth` 1) or mbp-10 (`depth` 10) records from MBO records: one per event that changes the shown levels,
 * written at the event's last record, for each instrument and publisher by itself: books are never merged.
 *
 * Times, sequence and flags are those of the event's last record; action, side, price and size those of the last record
 * that changed a shown level, and depth is that level's index. Records are in the order of the input's events.
 */
export class MbpBuilder {
  readonly #depth: 1 | 10;
  readonly #instruments = new Map<number, Instrument>();
  readonly #bytes: Uint8Array;
  readonly #words: Uint32Array;
  readonly #recordWords: number;
  readonly #now: Float64Array;
  #count = 0;
  #hasRecords = false;
  #startsWithSnapshot = false;

  constructor(depth: 1 | 10) {
    const { recordBytes } = depth === 1 ? layouts.mbp1 : layouts.mbp10;
    this.#depth = depth;
    this.#recordWords = recordBytes / 4;
    this.#bytes = new Uint8Array(batchRecords * recordBytes);
    this.#words = new Uint32Array(this.#bytes.buffer);
    this.#now = new Float64Array(depth * shownPerLevel);
  }

  /**
   * Applies MBO records from `index` on; returns the index of the first that was not applied, because `take` must be
   * called before.
   */
  apply(batch: RecordBatch, index: number): number {
    const { words } = batch;
    const stride = batch.recordBytes >>> 2;
    let i = index;
    // One record may close the snapshot before it and be an event itself.
    for (; i < batch.count && this.#count + 2 <= batchRecords; i++) this.#applyRecord(words, i * stride);
    return i;
  }

  /** Closes snapshots that the input left open, as many as there is room for: take and call again until none comes. */
  finish(): void {
    for (const instrument of this.#instruments.values()) {
      if (instrument.hasPending && this.#count < batchRecords) this.#close(instrument, instrument.pending, 0);
    }
  }

  /** Empties all books at a gap of the recording; the next record that acts on a book tells what is in it then. */
  loseBooks(): void {
    for (const { book, shown } of this.#instruments.values()) {
      book.lose();
      shown.fill(Number.NaN);
    }
  }

  /** The records made so far, valid until the next call of `apply`; null when there is none. */
  take(): RecordBatch | null {
    const count = this.#count;
    if (count === 0) return null;
    this.#count = 0;
    const recordBytes = this.#recordWords * 4;
    return {
      rtype: this.#depth === 1 ? rtype.mbp1 : rtype.mbp10,
      recordBytes,
      count,
      bytes: this.#bytes.subarray(0, count * recordBytes),
      words: this.#words.subarray(0, count * this.#recordWords),
      byteOffset: 0,
    };
  }

  /** Feed anomaly counters over all instruments. */
  get counters(): BookCounters {
    const sum = { ...new Book().counters };
    for (const { book } of this.#instruments.values()) {
      for (const name of Object.keys(sum) as (keyof BookCounters)[]) sum[name] += book.counters[name];
    }
    return sum;
  }

  /** True when the first record of the input was one of a snapshot. */
  get startsWithSnapshot(): boolean {
    return this.#startsWithSnapshot;
  }

  #applyRecord(words: Uint32Array, at: number): void {
    const instrument = this.#instrumentOf(words[at + mboWord.instrumentId]!, words[at]! >>> 16);
    const { admission, book, pending } = instrument;
    if (admission.admit(words, at) !== verdict.event) return;
    admission.accept();
    const { isSnapshot } = admission;
    const flags = words[at + mboWord.flagsChannelActionSide]! & 0xff;
    if (!this.#hasRecords) this.#startsWithSnapshot = isSnapshot;
    this.#hasRecords = true;
    if (instrument.hasPending && !(isSnapshot && isSameSnapshot(pending, words, at)))
      this.#close(instrument, pending, 0);
    book.apply(words, at, admission.nowNs);
    // A snapshot is told whole, so its records need not be looked at one by one.
    if (isSnapshot || book.kind !== 0) this.#noteChange(instrument, words, at);
    if ((flags & flag.last) !== 0) this.#close(instrument, words, at);
    else if (isSnapshot) {
      pending.set(words.subarray(at, at + pending.length));
      instrument.hasPending = true;
    }
  }

  #instrumentOf(instrumentId: number, publisherId: number): Instrument {
    const key = publisherId * wordUnits + instrumentId;
    const known = this.#instruments.get(key);
    if (known !== undefined) return known;
    const instrument: Instrument = {
      admission: new Admission({ symbol: '', instrumentId, publisherId, session: null }),
      book: new Book(),
      shown: new Float64Array(this.#depth * shownPerLevel),
      cause: new Uint32Array(14),
      hasCause: false,
      depth: 0,
      pending: new Uint32Array(14),
      hasPending: false,
    };
    readLevels(instrument.book, this.#depth, instrument.shown);
    this.#instruments.set(key, instrument);
    return instrument;
  }

  /** Remembers the record if the shown levels are not as they were last written. */
  #noteChange(instrument: Instrument, words: Uint32Array, at: number): void {
    readLevels(instrument.book, this.#depth, this.#now);
    const { shown } = instrument;
    const now = this.#now;
    let changed = 0;
    while (changed < now.length && now[changed] === shown[changed]) changed++;
    instrument.hasCause = changed < now.length;
    if (!instrument.hasCause) return;
    instrument.depth = Math.floor(changed / shownPerLevel);
    instrument.cause.set(words.subarray(at, at + instrument.cause.length));
  }

  /** Ends an event: writes a record if it changed the shown levels. */
  #close(instrument: Instrument, words: Uint32Array, at: number): void {
    instrument.hasPending = false;
    if (!instrument.hasCause) return;
    instrument.hasCause = false;
    readLevels(instrument.book, this.#depth, instrument.shown);
    this.#write(instrument, words, at);
  }

  #write({ book, cause, depth }: Instrument, last: Uint32Array, at: number): void {
    const out = this.#words;
    const to = this.#count++ * this.#recordWords;
    const type = this.#depth === 1 ? rtype.mbp1 : rtype.mbp10;
    out[to] = this.#recordWords | (type << 8) | (last[at]! & 0xffff_0000);
    for (let word = 1; word < headerWords; word++) out[to + word] = last[at + word]!;
    out[to + 4] = cause[mboWord.priceLo]!;
    out[to + 5] = cause[mboWord.priceHi]!;
    out[to + 6] = cause[mboWord.size]!;
    const actionSide = cause[mboWord.flagsChannelActionSide]! >>> 16;
    out[to + 7] = actionSide | ((last[at + mboWord.flagsChannelActionSide]! & 0xff) << 16) | (depth << 24);
    out[to + 8] = last[at + mboWord.tsRecvLo]!;
    out[to + 9] = last[at + mboWord.tsRecvHi]!;
    out[to + 10] = last[at + mboWord.tsInDelta]!;
    out[to + 11] = last[at + mboWord.sequence]!;
    for (let level = 0; level < this.#depth; level++) {
      const word = to + firstLevelWord + level * levelWords;
      writeSide(out, word, book.bids, level, 0);
      writeSide(out, word, book.asks, level, 1);
    }
  }
}

/** Whether a snapshot's record at word `at` goes on with the one that `last` is of, rather than begin another. */
function isSameSnapshot(last: Uint32Array, words: Uint32Array, at: number): boolean {
  const code = (words[at + mboWord.flagsChannelActionSide]! >>> 16) & 0xff;
  const { tsRecvLo, tsRecvHi } = mboWord;
  return code !== action.clear && last[tsRecvLo] === words[at + tsRecvLo] && last[tsRecvHi] === words[at + tsRecvHi];
}

/** Writes one side of a level: `side` 0 is the bid, 1 the ask; an absent level has the undefined price. */
function writeSide(out: Uint32Array, word: number, levels: PriceLevels, level: number, side: 0 | 1): void {
  const exists = level < levels.length;
  const price = exists ? levels.priceAt(level) : 0;
  out[word + 2 * side] = exists ? lowWord(price) : undefinedPriceWords.lo;
  out[word + 2 * side + 1] = exists ? highWord(price) : undefinedPriceWords.hi;
  out[word + 4 + side] = exists ? Math.min(levels.sizeAt(level), 0xffff_ffff) : 0;
  out[word + 6 + side] = exists ? levels.countAt(level) : 0;
}

function readLevels(book: Book, depth: number, out: Float64Array): void {
  const { bids, asks } = book;
  for (let level = 0; level < depth; level++) {
    const at = level * shownPerLevel;
    const hasBid = level < bids.length;
    const hasAsk = level < asks.length;
    out[at] = hasBid ? bids.priceAt(level) : 0;
    out[at + 1] = hasBid ? bids.sizeAt(level) : 0;
    out[at + 2] = hasBid ? bids.countAt(level) : 0;
    out[at + 3] = hasAsk ? asks.priceAt(level) : 0;
    out[at + 4] = hasAsk ? asks.sizeAt(level) : 0;
    out[at + 5] = hasAsk ? asks.countAt(level) : 0;
  }
}
