import { deepEqual, equal } from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, test } from 'node:test';
import { zstdCompressSync } from 'node:zlib';
import { encodeMetadata, MboEncoder, nsOfDate } from '../../src/dbn/index.ts';
import { examplesOf, printedInNode } from '../helpers/docs_examples.ts';
import { recordTables } from './dbn_record_tables.ts';

const docs = resolve(import.meta.dirname, '../../docs');
const folder = mkdtempSync(join(tmpdir(), 'spymaster-docs-'));
const workingFolder = process.cwd();

/** The file that the examples read: three records of ESH4. */
before(() => {
  const encoder = new MboEncoder(new Uint8Array(3 * 56));
  for (const [index, size] of [3, 4, 5].entries()) {
    encoder.write({
      publisherId: 1,
      instrumentId: 17077,
      tsEvent: 1_703_500_000_000_000_000n + BigInt(index),
      orderId: BigInt(index + 1),
      price: 4_800_250_000_000n + (index === 1 ? 250_000_000n : 0n),
      size,
      flags: 128,
      channelId: 0,
      action: 'A',
      side: 'B',
      tsRecv: 1_703_500_000_000_000_000n + BigInt(index) * 500n,
      tsInDelta: 0,
      sequence: index,
    });
  }
  const head = encodeMetadata({
    version: 2,
    dataset: 'GLBX.MDP3',
    schema: 'mbo',
    start: nsOfDate(20231225),
    end: nsOfDate(20231226),
    limit: null,
    recordCount: null,
    stypeIn: 'raw_symbol',
    stypeOut: 'instrument_id',
    tsOut: false,
    symbolCstrLen: 71,
    symbols: ['ESH4'],
    partial: [],
    notFound: [],
    mappings: [{ rawSymbol: 'ESH4', intervals: [{ startDate: 20231225, endDate: 20231226, symbol: '17077' }] }],
  });
  const bytes = Buffer.concat([head, encoder.bytes]);
  writeFileSync(join(folder, 'mbo.dbn'), bytes);
  writeFileSync(join(folder, 'mbo.dbn.zst'), zstdCompressSync(bytes));
  process.chdir(folder);
});
after(() => {
  process.chdir(workingFolder);
  rmSync(folder, { recursive: true });
});

for (const { name, code, promised } of examplesOf('dbn.md')) {
  test(name, async (context) => deepEqual(await printedInNode(context, code, folder), promised));
}

test('docs/dbn-records.md matches the tables (npm run test:interop -- dbn --write writes it)', () => {
  equal(readFileSync(join(docs, 'dbn-records.md'), 'utf8'), recordTables());
});
