import type { PriceLevels } from '../book/index.ts';
import { isUndefinedPrice, mboWord as mboWords } from '../dbn/index.ts';
import { SpymasterError } from '../errors.ts';
import { isWithin } from './our_orders.ts';

// V8 reads an imported binding through a module cell and inlines a module-local const.
const mboWord = { ...mboWords };

/** Executions and trades that fill nothing. */
export interface ExecutionCounters {
  /** Of orders that are not in the book. */
  unknownExecutions: number;
  /** Of an aggressor that had been resting and was moved through the spread. */
  ownExecutions: number;
  /** Trades that no execution of an order followed, such as Nasdaq's hidden ones. */
  tradesWithoutOrders: number;
}

/** The price of a record, an integer of 1e-9; NaN where it has none, or none that a double holds. */
export function priceOf(words: Uint32Array, at: number): number {
  const priceHi = words[at + mboWord.priceHi]! | 0;
  const priceLo = words[at + mboWord.priceLo]!;
  const price = priceHi * 4294967296 + priceLo;
  const isKnown = !isUndefinedPrice(priceLo, priceHi) && price - priceHi * 4294967296 === priceLo;
  return isKnown ? price : Number.NaN;
}

/** Quantity that the levels of the side other than `side` display at `limit` or better. */
export function displayedWithin(levels: PriceLevels, side: number, limit: number): number {
  let sum = 0;
  for (let depth = 0; depth < levels.length && isWithin(levels.priceAt(depth), side, limit); depth++) {
    sum += levels.sizeAt(depth);
  }
  return sum;
}

/** The error of a record of a top-of-book feed. */
export function topOfBookError(): SpymasterError {
  return new SpymasterError(
    'SCHEMA_MISMATCH',
    'Cannot follow orders through the queue: the records are of a top-of-book feed (F_TOB), which names no orders ' +
      'behind the best price. Give a file of schema mbo that holds every order.',
  );
}
