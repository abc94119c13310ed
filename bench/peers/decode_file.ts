import { openRecords } from '../../src/files/index.ts';
import { FieldSums } from '../support/field_sums.ts';
import { reportOf, type WorkDone } from '../support/peer_report.ts';
import { firstHash, foldWord, hashText } from '../support/word_hash.ts';

/** `node decode_file.ts FILE`: decodes a file of MBO records and reads the fields of each. The hash is of their sums. */
const [path] = process.argv.slice(2) as [string];
console.log(JSON.stringify(await reportOf(() => sumFields(path))));

async function sumFields(file: string): Promise<WorkDone> {
  const sums = new FieldSums();
  let records = 0;
  await using source = await openRecords(file);
  for await (const batch of source) {
    records += batch.count;
    sums.add(batch);
  }
  return { records, hash: hashText(sums.words.reduce(foldWord, firstHash)) };
}
