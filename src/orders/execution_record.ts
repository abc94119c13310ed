import { sideAsk as ask, sideBid as bid } from '../book/index.ts';
import {
  isUndefinedPrice,
  mboWord as mboWords,
  side as sides,
  undefinedOrderSize,
  wordUnits as units,
} from '../dbn/index.ts';

// V8 reads an imported binding through a module cell and inlines a module-local const.
const mboWord = { ...mboWords };
const sideBid = bid;
const sideAsk = ask;
const { bid: sideCharBid, ask: sideCharAsk } = sides;
const wordUnits = units;

/** What a record of an execution (T or F) says; the same memory for one after the other. */
export class ExecutionRecord {
  idLo = 0;
  idHi = 0;
  /** 1 bought, 2 sold, 0 neither (auction), as the record has it. */
  side = 0;
  /** An integer of 1e-9; NaN where the record has none, or one that a double cannot hold. */
  price = Number.NaN;
  size = 0;
  sequence = 0;

  /** Reads the record that starts at word `at`; false for one without a size. */
  read(words: Uint32Array, at: number): boolean {
    const size = words[at + mboWord.size]!;
    if (size === 0 || size === undefinedOrderSize) return false;
    const priceLo = words[at + mboWord.priceLo]!;
    const priceHi = words[at + mboWord.priceHi]! | 0;
    const price = priceHi * wordUnits + priceLo;
    const char = words[at + mboWord.flagsChannelActionSide]! >>> 24;
    this.idLo = words[at + mboWord.orderIdLo]! | 0;
    this.idHi = words[at + mboWord.orderIdHi]! | 0;
    this.side = char === sideCharBid ? sideBid : char === sideCharAsk ? sideAsk : 0;
    this.price = !isUndefinedPrice(priceLo, priceHi) && Number.isSafeInteger(price) ? price : Number.NaN;
    this.size = size;
    this.sequence = words[at + mboWord.sequence]!;
    return true;
  }
}
