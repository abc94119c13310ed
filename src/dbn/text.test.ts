import { deepEqual, equal, ok, throws } from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { missingShared as skip } from '../../test/helpers/shared.ts';
import { content, corpusFiles } from '../../test/interop/dbn_corpus.ts';
import {
  batchOfRecord,
  decodeDbn,
  layoutInVersion,
  metadataJson,
  RecordText,
  type RecordTextOptions,
  schemaRtypes,
  TsSymbolMap,
} from './index.ts';
import { NumberText } from './number_text.ts';

const interop = join(import.meta.dirname, '../../test/interop');

test('corpus: JSON and CSV have the digests of the official library (test:interop records them)', { skip }, () => {
  const digests = JSON.parse(readFileSync(join(interop, 'dbn_text_digests.json'), 'utf8')) as Record<string, string>;
  const files = new Map(corpusFiles().map((file) => [file.name, file]));
  const checked = Object.entries(digests).filter(([key, digest]) => {
    const [name, part] = key.split(' ') as [string, string];
    const file = files.get(name);
    ok(file !== undefined, `${name} is in the corpus`);
    const { metadata, batches } = decodeDbn(content(file.raw), { fragment: file.isFragment });
    const map = metadata === null ? null : new TsSymbolMap(metadata);
    const text = new RecordText({
      format: part.startsWith('json') ? 'json' : 'csv',
      prettyPrices: part.includes('pretty'),
      prettyTimes: part.includes('pretty'),
      tsOut: false,
      ...(part.endsWith('symbols') ? { symbolOf: (id, date) => map!.get(id, date) } : {}),
    });
    const schema = metadata?.schema;
    let out = schema ? text.header(layoutInVersion(schemaRtypes[schema][0]!, file.version)!) : '';
    for (const batch of batches) out += text.lines(batch);
    equal(createHash('sha256').update(out).digest('hex'), digest, key);
    return true;
  });
  ok(checked.length > 400, `${checked.length} texts`);
});

test('CSV holds one kind of record, and unknown records have no text', () => {
  const record = (rtype: number, words: number): Uint8Array => {
    const bytes = new Uint8Array(words * 4);
    bytes.set([words, rtype]);
    return bytes;
  };
  const options: RecordTextOptions = { format: 'csv', prettyPrices: true, prettyTimes: true, tsOut: false };
  const text = new RecordText(options);
  text.lines(batchOfRecord(record(160, 14)));
  throws(() => text.lines(batchOfRecord(record(0, 12), 77)), {
    code: 'SCHEMA_MISMATCH',
    fields: { byteOffset: 77, rtype: 0 },
  });
  throws(() => text.lines(batchOfRecord(record(250, 12), 77)), { code: 'SCHEMA_MISMATCH' });
});

test('64-bit integers print exactly, whatever their size, and times in any order', () => {
  const words = (value: bigint): [number, number] => [
    Number(value & 0xffff_ffffn),
    Number((value >> 32n) & 0xffff_ffffn),
  ];
  const plain = new NumberText(false, false);
  const pretty = new NumberText(true, true);
  for (const value of [
    0n,
    1n,
    -1n,
    2n ** 53n,
    2n ** 53n - 1n,
    -(2n ** 53n) - 1n,
    -(2n ** 63n),
    2n ** 63n - 1n,
    10n ** 9n,
  ]) {
    equal(plain.signed(...words(value)), value.toString());
    equal(plain.unsigned(...words(BigInt.asUintN(64, value))), BigInt.asUintN(64, value).toString());
  }
  equal(pretty.price(...words(3_720_250_000_000n)), '3720.250000000');
  equal(pretty.price(...words(-1n)), '-0.000000001');
  equal(pretty.price(...words(2n ** 63n - 1n)), '');
  const times: [bigint, string][] = [
    [1_609_160_400_000_704_060n, '2020-12-28T13:00:00.000704060Z'],
    [1_609_160_400_999_999_999n, '2020-12-28T13:00:00.999999999Z'],
    [1_609_160_399_999_999_999n, '2020-12-28T12:59:59.999999999Z'],
    [1_609_160_401_000_000_000n, '2020-12-28T13:00:01.000000000Z'],
    [1n, '1970-01-01T00:00:00.000000001Z'],
    [2n ** 64n - 2n, '2554-07-21T23:34:33.709551614Z'],
    [0n, ''],
    [2n ** 64n - 1n, ''],
  ];
  for (const [value, text] of times) equal(pretty.timestamp(...words(value)), text);
});

test('metadata prints as Databento prints it', { skip }, () => {
  const file = corpusFiles().find(({ name }) => name === 'test_data.mbo.v3.dbn')!;
  const { metadata } = decodeDbn(file.raw);
  deepEqual(metadataJson(metadata!, true), {
    version: 3,
    dataset: 'GLBX.MDP3',
    schema: 'mbo',
    start: '2020-12-28T13:00:00.000000000Z',
    end: '2020-12-29T00:00:00.000000000Z',
    limit: '2',
    stype_in: 'raw_symbol',
    stype_out: 'instrument_id',
    ts_out: false,
    symbol_cstr_len: 71,
    symbols: ['ESH1'],
    partial: [],
    not_found: [],
    mappings: [
      { raw_symbol: 'ESH1', intervals: [{ start_date: '2020-12-28', end_date: '2020-12-29', symbol: '5482' }] },
    ],
  });
});
