import { Book, verdict } from '../../src/book/index.ts';
import { flag, highWord, lowWord, mboWord } from '../../src/dbn/index.ts';
import { openRecords } from '../../src/files/index.ts';
import { sessionAdmission } from '../support/session.ts';

/** What a process that kept a file's book says of it, as JSON on its standard output; `rust/src/main.rs` says the same. */
export interface BookReport {
  readonly records: number;
  /** From the opening of the file to its end. */
  readonly seconds: number;
  /** Of the best prices at each F_LAST, and the number of orders that rest at the end. */
  readonly hash: string;
}

/** `node book_file.ts FILE`: keeps the book of a benchmark's session with all the checks that a replay makes. */
const [path] = process.argv.slice(2) as [string];
console.log(JSON.stringify(await keepBook(path)));

async function keepBook(file: string): Promise<BookReport> {
  const startMs = performance.now();
  const admission = sessionAdmission();
  const book = new Book();
  let records = 0;
  let hash = 2_166_136_261;
  await using source = await openRecords(file);
  for await (const { words, count, recordBytes } of source) {
    const stride = recordBytes >>> 2;
    for (let i = 0, at = 0; i < count; i++, at += stride) {
      if (admission.admit(words, at) !== verdict.event) continue;
      admission.accept();
      records++;
      book.apply(words, at, admission.nowNs);
      if ((words[at + mboWord.flagsChannelActionSide]! & flag.last) === 0) continue;
      hash = fold(fold(hash, book.bids.best), book.asks.best);
    }
  }
  const seconds = (performance.now() - startMs) / 1000;
  return { records, seconds, hash: `${(hash >>> 0).toString(16).padStart(8, '0')} ${book.orders.count}` };
}

/** FNV-1a over the two words of a price; without one those of the largest int64. */
function fold(hash: number, price: number): number {
  const isNone = Number.isNaN(price);
  const low = Math.imul(hash ^ (isNone ? 0xffff_ffff : lowWord(price)), 16_777_619);
  return Math.imul(low ^ (isNone ? 0x7fff_ffff : highWord(price)), 16_777_619);
}
