import { Book, verdict } from '../../src/book/index.ts';
import { flag, highWord, lowWord, mboWord } from '../../src/dbn/index.ts';
import { openRecords } from '../../src/files/index.ts';
import { reportOf, type WorkDone } from '../support/peer_report.ts';
import { sessionAdmission } from '../support/session.ts';
import { firstHash, foldWord, hashText } from '../support/word_hash.ts';

/**
 * `node book_file.ts FILE`: keeps the book of a benchmark's session with all the checks that a replay makes. The hash is of the
 * best prices at each F_LAST.
 */
const [path] = process.argv.slice(2) as [string];
console.log(JSON.stringify(await reportOf(() => keepBook(path))));

async function keepBook(file: string): Promise<WorkDone> {
  const admission = sessionAdmission();
  const book = new Book();
  let records = 0;
  let hash = firstHash;
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
  return { records, hash: hashText(hash), orders: book.orders.count };
}

/** Folds the two words of a price; without one those of the largest int64. */
function fold(hash: number, price: number): number {
  const isNone = Number.isNaN(price);
  const low = foldWord(hash, isNone ? 0xffff_ffff : lowWord(price));
  return foldWord(low, isNone ? 0x7fff_ffff : highWord(price));
}
