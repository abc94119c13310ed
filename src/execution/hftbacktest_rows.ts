import { type Book, change, sideBid } from '../book/index.ts';
import {
  action,
  flag,
  isUndefinedPrice,
  isUndefinedTimestamp,
  mboWord,
  side,
  undefinedOrderSize,
  wordUnits,
} from '../dbn/index.ts';
import { LastTrade } from './last_trade.ts';
import { losesPlace } from './priority.ts';

/** Fields of a row in their order, each of 8 bytes, with their NumPy types: hftbacktest's `event_dtype`. */
export const hftbacktestFields = [
  ['ev', '<u8'],
  ['exch_ts', '<i8'],
  ['local_ts', '<i8'],
  ['px', '<f8'],
  ['qty', '<f8'],
  ['order_id', '<u8'],
  ['ival', '<i8'],
  ['fval', '<f8'],
] as const;
const rowWords = hftbacktestFields.length * 2;

/** Kinds of events, and the bits beside them. */
const event = { trade: 2, clear: 3, add: 10, cancel: 11, modify: 12, fill: 13 } as const;
const bothSides = (1 << 31) | (1 << 30);
const buy = 1 << 29;
const sell = 1 << 28;

/** Records that hftbacktest is not told, or is told otherwise. */
export interface HftbacktestCounters {
  /** Executions that are left out: of an aggressor that had been resting, of unknown orders, without a price or size. */
  ownExecutions: number;
  unknownExecutions: number;
  emptyExecutions: number;
  /** Modifies of unknown orders, which are adds. */
  unknownModifies: number;
  /** Cancels of unknown orders, which are left out. */
  unknownCancels: number;
  /** Modifies that lose their place without growing, or that change the side: a cancel and an add. */
  replaced: number;
  /** Partial cancels, which are modifies. */
  partialCancels: number;
}

/**
 * Turns the records of one instrument into rows as hftbacktest's L3 models take them: what would abort them is left out, and what
 * they would take for a kept place in the queue is a cancel and an add.
 */
export class HftbacktestRows {
  /** Rows made so far. */
  count = 0;
  readonly counters: HftbacktestCounters = {
    ownExecutions: 0,
    unknownExecutions: 0,
    emptyExecutions: 0,
    unknownModifies: 0,
    unknownCancels: 0,
    replaced: 0,
    partialCancels: 0,
  };
  readonly #originLo: number;
  readonly #originHi: number;
  #buffer = new ArrayBuffer(rowWords * 4 * 1024);
  #words = new Uint32Array(this.#buffer);
  #doubles = new Float64Array(this.#buffer);
  /** Rows in the buffer. */
  #held = 0;
  #exchLo = 0;
  #exchHi = 0;
  #localLo = 0;
  #localHi = 0;
  #inEvent = false;
  readonly #trade = new LastTrade();
  /** Executed of an order in this event since its last modify or partial cancel. */
  readonly #executed = new Map<string, number>();

  /** @param originNs UNIX nanoseconds from which times count */
  constructor(originNs: bigint) {
    this.#originLo = Number(originNs & 0xffff_ffffn);
    this.#originHi = Number(originNs >> 32n);
  }

  /** Bytes of the rows since the last `take`. */
  get heldBytes(): number {
    return this.#held * rowWords * 4;
  }

  /** The rows since the last call, valid until the next record. */
  take(): Uint8Array {
    const bytes = new Uint8Array(this.#buffer, 0, this.heldBytes);
    this.#held = 0;
    return bytes;
  }

  /** Takes the MBO record at word `at`, which `book` has just applied, at a time that never runs backwards. */
  note(words: Uint32Array, at: number, nowNs: number, book: Book): void {
    const packed = words[at + mboWord.flagsChannelActionSide]!;
    const code = (packed >>> 16) & 0xff;
    const isSnapshot = (packed & flag.snapshot) !== 0;
    if (!this.#inEvent) this.#executed.clear();
    this.#inEvent = (packed & (flag.last | flag.snapshot)) === 0;
    this.#setTime(nowNs, words, at + mboWord.tsRecvLo);
    if (isSnapshot && book.emptied) this.#row(event.clear, 0, 0, 0, 0, 0, packed);
    if (book.kind === change.clear) this.#row(event.clear, 0, 0, 0, 0, 0, packed);
    else if (code === action.trade) this.#tradeRow(words, at, packed);
    else if (code === action.fill) this.#fillRow(words, at, packed, book);
    else if (code === action.add || code === action.cancel || code === action.modify) {
      this.#orderRows(words, at, packed, book);
    }
  }

  /** Records were lost: nothing rests until the feed says so. */
  lose(nowNs: number): void {
    if (nowNs !== Number.NEGATIVE_INFINITY) this.#setTime(nowNs, null, 0);
    this.#inEvent = false;
    if (this.count > 0) this.#row(event.clear, 0, 0, 0, 0, 0, 0);
  }

  #tradeRow(words: Uint32Array, at: number, packed: number): void {
    const [idLo, idHi] = [words[at + mboWord.orderIdLo]!, words[at + mboWord.orderIdHi]!];
    const sideChar = packed >>> 24;
    this.#trade.note(idLo, idHi, sideChar);
    const bits = sideChar === side.bid ? buy : sideChar === side.ask ? sell : 0;
    this.#row(event.trade, bits, priceAt(words, at), words[at + mboWord.size]!, idLo, idHi, packed);
  }

  #fillRow(words: Uint32Array, at: number, packed: number, book: Book): void {
    const [idLo, idHi] = [words[at + mboWord.orderIdLo]!, words[at + mboWord.orderIdHi]!];
    const slot = book.orders.find(idLo | 0, idHi | 0);
    const size = words[at + mboWord.size]!;
    const price = priceAt(words, at);
    if (slot < 0) this.counters.unknownExecutions++;
    else if (this.#trade.isOwn(idLo, idHi, packed >>> 24)) this.counters.ownExecutions++;
    else if (size === 0 || size === undefinedOrderSize || Number.isNaN(price)) this.counters.emptyExecutions++;
    else {
      const key = `${idHi} ${idLo}`;
      this.#executed.set(key, (this.#executed.get(key) ?? 0) + size);
      this.#row(event.fill, bitsOf(book.orders.side(slot)), price, size, idLo, idHi, packed);
    }
  }

  #orderRows(words: Uint32Array, at: number, packed: number, book: Book): void {
    const [idLo, idHi] = [words[at + mboWord.orderIdLo]!, words[at + mboWord.orderIdHi]!];
    const code = (packed >>> 16) & 0xff;
    const oldBits = bitsOf(book.oldSide);
    const newBits = bitsOf(book.newSide);
    const { oldPrice, oldSize, newPrice, newSize, removed } = book;
    const row = (kind: number, bits: number, price: number, size: number) =>
      this.#row(kind, bits, price / 1e9, size, idLo, idHi, packed);
    if (book.kind === change.add) {
      if (code === action.modify) this.counters.unknownModifies++;
      if (book.displaced) row(event.cancel, oldBits, oldPrice, oldSize);
      row(event.add, newBits, newPrice, newSize);
    } else if (book.kind === change.cancel) {
      if (removed === oldSize) row(event.cancel, oldBits, oldPrice, oldSize);
      else {
        this.counters.partialCancels++;
        row(event.modify, oldBits, oldPrice, oldSize - removed);
      }
    } else if (book.kind === change.modify) {
      if (this.#isReplaced(book, this.#executedOf(idLo, idHi))) {
        this.counters.replaced++;
        row(event.cancel, oldBits, oldPrice, oldSize);
        row(event.add, newBits, newPrice, newSize);
      } else row(event.modify, newBits, newPrice, newSize);
    } else if (code === action.cancel) this.counters.unknownCancels++;
    // Executions are few, and a key costs more than the rest of a row.
    if (book.kind !== change.none && this.#executed.size > 0) this.#executed.delete(`${idHi} ${idLo}`);
  }

  /** Whether hftbacktest would keep the place of an order that loses it, or cannot move it. */
  #isReplaced(book: Book, executed: number): boolean {
    if (book.newSide !== book.oldSide) return true;
    if (book.newPrice !== book.oldPrice || book.newSize > book.oldSize) return false;
    return losesPlace(book.oldSize, book.newSize, executed);
  }

  #executedOf(idLo: number, idHi: number): number {
    return this.#executed.size === 0 ? 0 : (this.#executed.get(`${idHi} ${idLo}`) ?? 0);
  }

  /** Sets the times of the rows that follow: that of the exchange, and that of receipt, which is never before it, nor before another. */
  #setTime(nowNs: number, words: Uint32Array | null, recvAt: number): void {
    const low = this.#originLo + nowNs;
    const carry = Math.floor(low / wordUnits);
    this.#exchLo = low - carry * wordUnits;
    this.#exchHi = this.#originHi + carry;
    if (words !== null && !isUndefinedTimestamp(words[recvAt]!, words[recvAt + 1]!)) {
      this.#raiseLocal(words[recvAt]!, words[recvAt + 1]!);
    }
    this.#raiseLocal(this.#exchLo, this.#exchHi);
  }

  #raiseLocal(lo: number, hi: number): void {
    if (hi < this.#localHi || (hi === this.#localHi && lo <= this.#localLo)) return;
    this.#localLo = lo;
    this.#localHi = hi;
  }

  #row(kind: number, bits: number, price: number, size: number, idLo: number, idHi: number, packed: number): void {
    if ((this.#held + 1) * rowWords > this.#words.length) this.#grow();
    const at = this.#held++ * rowWords;
    const words = this.#words;
    words[at] = kind | bothSides | bits;
    words[at + 1] = 0;
    words[at + 2] = this.#exchLo;
    words[at + 3] = this.#exchHi;
    words[at + 4] = this.#localLo;
    words[at + 5] = this.#localHi;
    this.#doubles[at / 2 + 3] = price;
    this.#doubles[at / 2 + 4] = size;
    words[at + 10] = idLo;
    words[at + 11] = idHi;
    words[at + 12] = packed & 0xff;
    words[at + 13] = 0;
    this.#doubles[at / 2 + 7] = 0;
    this.count++;
  }

  #grow(): void {
    const { buffer } = this.#words;
    this.#buffer = new ArrayBuffer(buffer.byteLength * 2);
    this.#words = new Uint32Array(this.#buffer);
    this.#words.set(new Uint32Array(buffer));
    this.#doubles = new Float64Array(this.#buffer);
  }
}

/** NaN where the record has none. */
function priceAt(words: Uint32Array, at: number): number {
  const [lo, hi] = [words[at + mboWord.priceLo]!, words[at + mboWord.priceHi]! | 0];
  return isUndefinedPrice(lo, hi) ? Number.NaN : (hi * wordUnits + lo) / 1e9;
}

function bitsOf(bookSide: number): number {
  return bookSide === sideBid ? buy : sell;
}
