import { action, flag as flags, mboWord as mboWords, type RecordBatch, undefinedTimestampWord } from '../dbn/index.ts';
import type { StateReader, StateWriter } from '../state.ts';
import { FollowedSymbol } from './followed_symbol.ts';
import { actsOnBook, PublisherCounts } from './publisher_counts.ts';

/** Verdict of the session filter on a record. */
export const verdict = {
  /** Nothing: the record is of another instrument or publisher, or after the session. */
  ignore: 0,
  /** It came before the session's window: it acts on the book and is no event, without flow and time. */
  bookOnly: 1,
  /** It is an event at `nowNs`. */
  event: 2,
} as const;

/** Counts of what was admitted and what was not. */
export interface AdmissionCounters {
  /** Records that passed the filter. */
  events: number;
  /** Records of other instruments, and of other publishers of the same instrument. */
  otherInstrument: number;
  otherPublisher: number;
  /** Records before the session's window, in the book alone, and records after its end, ignored. */
  beforeSession: number;
  outOfSession: number;
  /** Events earlier than one before them. */
  late: number;
  /** Events without ts_event, taken at their ts_recv, and events without either time, taken at the clock. */
  receiveTime: number;
  nullTime: number;
  /** Times that the symbol moved to another instrument within the file. */
  remaps: number;
}

const counterNames = [
  'events',
  'otherInstrument',
  'otherPublisher',
  'beforeSession',
  'outOfSession',
  'late',
  'receiveTime',
  'nullTime',
  'remaps',
] as const satisfies readonly (keyof AdmissionCounters)[];

export interface AdmissionOptions {
  readonly symbol: string;
  /** The symbol's instrument by the file's metadata; null where the metadata maps nothing. */
  readonly instrumentId: number | null;
  /** The publisher whose book to follow; null for the one that there is. */
  readonly publisherId: number | null;
  /** The session's window, UNIX nanoseconds; null for a file as a whole, of which every record is an event. */
  readonly session: { readonly startNs: bigint; readonly endNs: bigint } | null;
}

// V8 reads an imported binding through a module cell and inlines a module-local const: 7 % of the replay.
const { ignore, bookOnly, event } = verdict;
const flag = { ...flags };
const mboWord = { ...mboWords };
const undefinedWord = undefinedTimestampWord;

/** Without a window times count from a record's; this far from it the distance is no longer exact. */
const exactNs = 2 ** 52;

/** Word of the event time of the record at word `at` (model.md §1.3): ts_event, or ts_recv of a snapshot and for want of it. */
export function eventTimeWord(words: Uint32Array, at: number): number {
  const isSnapshot = (words[at + mboWord.flagsChannelActionSide]! & flag.snapshot) !== 0;
  return isSnapshot || isUndefined(words, at + mboWord.tsEventLo) ? at + mboWord.tsRecvLo : at + mboWord.tsEventLo;
}

function isUndefined(words: Uint32Array, timeAt: number): boolean {
  return words[timeAt] === undefinedWord && words[timeAt + 1] === undefinedWord;
}

/**
 * Decides which records belong to a session and at what time (model.md §1.2–1.6): one instrument of one publisher, inside the
 * session's window, on a clock that never runs backwards.
 *
 * `admit` judges a record and changes nothing that a second `admit` of the same record would not find again; `accept` makes an
 * event of it. Times are nanoseconds since the session's start.
 */
export class Admission {
  /** Time of the record that was admitted last, and the event's time: never before `clockNs`. */
  tsNs = Number.NEGATIVE_INFINITY;
  nowNs = Number.NEGATIVE_INFINITY;
  isSnapshot = false;
  /** Time of the last event; −Infinity before the first. */
  clockNs = Number.NEGATIVE_INFINITY;
  readonly counters: AdmissionCounters = {
    events: 0,
    otherInstrument: 0,
    otherPublisher: 0,
    beforeSession: 0,
    outOfSession: 0,
    late: 0,
    receiveTime: 0,
    nullTime: 0,
    remaps: 0,
  };

  readonly #symbol: string;
  readonly #wantedPublisherId: number | null;
  readonly #hasWindow: boolean;
  readonly #startNs: number;
  readonly #endNs: number;
  #originLo: number;
  #originHi: number;
  readonly #followed: FollowedSymbol;
  #instrumentId: number;
  /** The publisher that makes the book; −1 until one acted on it, or until the wanted one was seen. */
  #publisherId = -1;
  /** The publisher of the first record: its trades are events until it is known who makes the book. */
  #firstPublisherId = -1;
  readonly #otherPublishers = new PublisherCounts();
  /** 0 for an event with its own time, 1 for one at its ts_recv, 2 for one at the clock. */
  #timeSource = 0;
  /** Events and records before the session since the symbol was mapped to the instrument. */
  #recordsBeforeMapping = 0;
  #startsFromKnownBook = false;

  constructor({ symbol, instrumentId, publisherId, session }: AdmissionOptions) {
    this.#symbol = symbol;
    this.#wantedPublisherId = publisherId;
    this.#hasWindow = session !== null;
    this.#followed = new FollowedSymbol(symbol, instrumentId);
    this.#instrumentId = this.#followed.instrumentId;
    const originNs = session?.startNs ?? 0n;
    this.#originLo = Number(originNs & 0xffffffffn);
    this.#originHi = Number(originNs >> 32n);
    this.#startNs = session === null ? -exactNs : 0;
    this.#endNs = session === null ? exactNs : Number(session.endNs - session.startNs);
  }

  /** Whether the instrument's records start with a snapshot or a clear: the book is whole from the first one on. */
  get startsFromKnownBook(): boolean {
    return this.#startsFromKnownBook;
  }

  /** The instrument that is followed now; null until it is known. */
  get instrumentId(): number | null {
    return this.#instrumentId < 0 ? null : this.#instrumentId;
  }

  /**
   * The verdict on the MBO record that starts at word `at`; `tsNs`, `nowNs` and `isSnapshot` are then the record's.
   * @throws SYMBOL_UNKNOWN for a second instrument of a file that maps no symbols, PUBLISHER_UNKNOWN for a second publisher
   * that acts on the book when none was chosen
   */
  admit(words: Uint32Array, at: number): number {
    if (words[at + mboWord.instrumentId]! !== this.#instrumentId || words[at]! >>> 16 !== this.#publisherId) {
      if (!this.#admitsStranger(words, at)) return ignore;
    }
    this.isSnapshot = (words[at + mboWord.flagsChannelActionSide]! & flag.snapshot) !== 0;
    const timeAt = at + (this.isSnapshot ? mboWord.tsRecvLo : mboWord.tsEventLo);
    const tsNs = (words[timeAt + 1]! - this.#originHi) * 4294967296 + (words[timeAt]! - this.#originLo);
    if (!(tsNs >= this.#startNs && tsNs < this.#endNs)) return this.#admitOutside(words, at, tsNs);
    this.tsNs = tsNs;
    this.nowNs = tsNs > this.clockNs ? tsNs : this.clockNs;
    return event;
  }

  /** Makes the record that was admitted last an event, and the event's time the clock's; returns its running number. */
  accept(): number {
    if (this.tsNs < this.clockNs && !this.isSnapshot) this.counters.late++;
    if (this.#timeSource !== 0) this.#countTimeSource();
    this.clockNs = this.nowNs;
    return ++this.counters.events;
  }

  /** Moves the clock, which never runs backwards, to a moment without an event. */
  passTime(nowNs: number): void {
    if (nowNs > this.clockNs) this.clockNs = nowNs;
  }

  /** Whether the MBO record at word `at` is of another instrument than the one that is followed. */
  isOther(words: Uint32Array, at: number): boolean {
    return words[at + mboWord.instrumentId]! !== this.#instrumentId;
  }

  /**
   * Takes in the mapping records of a batch of any type; true when the symbol moved to another instrument, whose book is not
   * known.
   * @throws SYMBOL_UNKNOWN for a symbol that stands for several instruments at once
   */
  map(batch: RecordBatch): boolean {
    const { events, beforeSession } = this.counters;
    const records = events + beforeSession;
    const moved = this.#followed.map(batch, records > this.#recordsBeforeMapping);
    if (this.#followed.instrumentId === this.#instrumentId) return false;
    this.#instrumentId = this.#followed.instrumentId;
    this.#recordsBeforeMapping = records;
    this.#publisherId = -1;
    this.#firstPublisherId = -1;
    if (moved) this.counters.remaps++;
    return moved;
  }

  /**
   * At the input's end.
   * @throws SYMBOL_UNKNOWN when mapping records never named the symbol, PUBLISHER_UNKNOWN when the chosen publisher was not
   * among those of the instrument
   */
  assertFound(): void {
    this.#followed.assertFound();
    if (this.#wantedPublisherId !== null && this.#publisherId < 0 && this.counters.otherPublisher > 0) {
      throw this.#otherPublishers.missingError(this.#symbol, this.#wantedPublisherId);
    }
  }

  save(writer: StateWriter): void {
    writer.array(Float64Array.from(counterNames, (name) => this.counters[name]));
    writer.array(
      Float64Array.of(
        this.clockNs,
        this.#publisherId,
        this.#firstPublisherId,
        this.#recordsBeforeMapping,
        this.#startsFromKnownBook ? 1 : 0,
        this.#originLo,
        this.#originHi,
        ...this.#followed.save(),
      ),
    );
  }

  restore(reader: StateReader): void {
    const counts = reader.float64s();
    counterNames.forEach((name, i) => {
      this.counters[name] = counts[i]!;
    });
    const [
      clockNs,
      publisherId,
      firstPublisherId,
      recordsBeforeMapping,
      startsFromKnownBook,
      lo,
      hi,
      instrumentId,
      isMapped,
    ] = reader.float64s();
    this.clockNs = clockNs!;
    this.#publisherId = publisherId!;
    this.#firstPublisherId = firstPublisherId!;
    this.#recordsBeforeMapping = recordsBeforeMapping!;
    this.#startsFromKnownBook = startsFromKnownBook === 1;
    this.#originLo = lo!;
    this.#originHi = hi!;
    this.#followed.restore(instrumentId!, isMapped!);
    this.#instrumentId = instrumentId!;
  }

  /** Whether a record belongs to the session that is not of the instrument and publisher known so far. */
  #admitsStranger(words: Uint32Array, at: number): boolean {
    const instrumentId = words[at + mboWord.instrumentId]!;
    if (instrumentId !== this.#instrumentId) {
      if (!this.#followed.adopt(instrumentId)) {
        this.counters.otherInstrument++;
        return false;
      }
      this.#instrumentId = instrumentId;
    }
    const publisherId = words[at]! >>> 16;
    const packed = words[at + mboWord.flagsChannelActionSide]!;
    const code = (packed >>> 16) & 0xff;
    if (this.#admitsPublisher(publisherId, actsOnBook(code))) {
      if (this.#firstPublisherId !== publisherId) {
        this.#firstPublisherId = publisherId;
        // The same instrument's records after a remap say nothing of the file's start.
        if (this.#recordsBeforeMapping === 0)
          this.#startsFromKnownBook = (packed & flag.snapshot) !== 0 || code === action.clear;
      }
      return true;
    }
    this.counters.otherPublisher++;
    return false;
  }

  #admitsPublisher(publisherId: number, acts: boolean): boolean {
    if (this.#wantedPublisherId !== null) {
      if (publisherId === this.#wantedPublisherId) {
        this.#publisherId = publisherId;
        return true;
      }
    } else if (this.#publisherId < 0) {
      if (acts) this.#publisherId = publisherId;
      if (acts || this.#firstPublisherId < 0 || publisherId === this.#firstPublisherId) return true;
    }
    this.#otherPublishers.add(publisherId, acts ? 1 : 0, acts ? 0 : 1);
    if (acts && this.#wantedPublisherId === null) throw this.#severalPublishers();
    return false;
  }

  #severalPublishers(): Error {
    const { events, beforeSession, outOfSession } = this.counters;
    this.#otherPublishers.add(this.#publisherId, events + beforeSession + outOfSession - this.#recordsBeforeMapping, 0);
    return this.#otherPublishers.severalError(this.#symbol);
  }

  /** The verdict on a record whose time lies outside the window, or is undefined. */
  #admitOutside(words: Uint32Array, at: number, ownNs: number): number {
    let tsNs = ownNs;
    this.#timeSource = 0;
    if (isUndefined(words, at + (this.isSnapshot ? mboWord.tsRecvLo : mboWord.tsEventLo))) {
      const isAtClock = this.isSnapshot || isUndefined(words, at + mboWord.tsRecvLo);
      this.#timeSource = isAtClock ? 2 : 1;
      tsNs = isAtClock
        ? this.clockNs
        : (words[at + mboWord.tsRecvHi]! - this.#originHi) * 4294967296 +
          (words[at + mboWord.tsRecvLo]! - this.#originLo);
    }
    if (!this.#hasWindow && !(Math.abs(tsNs) < exactNs) && tsNs !== Number.NEGATIVE_INFINITY) {
      tsNs = this.#moveOrigin(words, eventTimeWord(words, at), tsNs);
    }
    this.tsNs = tsNs;
    this.nowNs = tsNs > this.clockNs ? tsNs : this.clockNs;
    if (!this.#hasWindow || (tsNs >= this.#startNs && tsNs < this.#endNs)) return event;
    if (tsNs >= this.#endNs) {
      this.counters.outOfSession++;
      this.#timeSource = 0;
      return ignore;
    }
    const code = (words[at + mboWord.flagsChannelActionSide]! >>> 16) & 0xff;
    if (this.isSnapshot || code === action.clear) return event;
    this.counters.beforeSession++;
    if (this.#timeSource !== 0) this.#countTimeSource();
    return bookOnly;
  }

  /** Counts times from the one at word `timeAt` on, and returns it so. */
  #moveOrigin(words: Uint32Array, timeAt: number, tsNs: number): number {
    this.#originLo = words[timeAt]!;
    this.#originHi = words[timeAt + 1]!;
    this.clockNs -= tsNs;
    return 0;
  }

  #countTimeSource(): void {
    if (this.#timeSource === 1) this.counters.receiveTime++;
    else this.counters.nullTime++;
    this.#timeSource = 0;
  }
}
