import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { DuckDBInstance } from '@duckdb/node-api';
import { sharedPath, missingShared as skip } from '../../../test/helpers/shared.ts';
import { temporaryFolder } from '../../../test/helpers/temporary_folder.ts';
import { content, corpusFiles, decompress } from '../../../test/interop/dbn_corpus.ts';
import {
  decodeDbn,
  encodeMetadata,
  type Metadata,
  type RecordNamed,
  RecordReader,
  upgradeBatch,
} from '../../dbn/index.ts';
import { run } from '../main.ts';

const folder = temporaryFolder('dbn');
const esm4 = sharedPath('data', 'esm4-glbx-mdp3-20240508-2s.mbo.dbn.zst');
const corpusPath = (name: string) => corpusFiles().find((file) => file.name === `test_data.${name}`)!.path;

/** Runs a `dbn` command in this process. */
async function dbn(...words: string[]): Promise<{ code: number; out: Buffer; err: string }> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const [out, err] = [stdout, stderr].map((stream) => {
    const parts: Buffer[] = [];
    stream.on('data', (part: Buffer) => parts.push(part));
    return parts;
  });
  const code = await run(['dbn', ...words], { stdout, stderr });
  return { code, out: Buffer.concat(out!), err: Buffer.concat(err!).toString() };
}

interface Stream {
  metadata: Metadata;
  /** Times (ts_recv) and instruments of the records, and their bytes. */
  times: bigint[];
  body: Buffer;
}

function read(raw: Buffer): Stream {
  const { metadata, batches } = decodeDbn(raw, { decompress });
  const reader = new RecordReader();
  const times: bigint[] = [];
  const parts: Buffer[] = [];
  for (const batch of batches) {
    parts.push(Buffer.from(batch.bytes));
    for (let i = 0; i < batch.count; i++) times.push((reader.read(batch, i) as RecordNamed<'mbo'>).tsRecv);
  }
  return { metadata: metadata!, times, body: Buffer.concat(parts) };
}

test('json and csv go to standard output, with symbols when asked', { skip }, async () => {
  const json = await dbn('json', corpusPath('trades.v3.dbn.zst'), '--pretty', '--map-symbols', '--limit', '1');
  equal(
    json.out.toString(),
    '{"ts_recv":"2020-12-28T13:00:00.099150057Z","hd":{"ts_event":"2020-12-28T13:00:00.098821953Z","rtype":0,' +
      '"publisher_id":1,"instrument_id":5482},"action":"T","side":"A","depth":0,"price":"3720.250000000","size":5,' +
      '"flags":129,"ts_in_delta":19251,"sequence":1170380,"symbol":"ESH1"}\n',
  );
  const csv = await dbn('csv', corpusPath('ohlcv-1d.dbn'));
  equal(csv.out.toString(), 'ts_event,rtype,publisher_id,instrument_id,open,high,low,close,volume\n');
  const metadata = await dbn('metadata', corpusPath('mbo.dbz'));
  equal((JSON.parse(metadata.out.toString()) as { symbols: string[] }).symbols[0], 'ESH1');
});

test('filter keeps what was asked for and says so in its metadata', { skip }, async () => {
  const whole = read(readFileSync(esm4));
  const [start, end] = [whole.times[8000]!, whole.times[9000]!];
  const path = join(folder, 'filtered.dbn.zst');
  const { code } = await dbn('filter', esm4, '--start', String(start), '--end', String(end), '-o', path);
  equal(code, 0);
  const filtered = read(readFileSync(path));
  const expected = whole.times.flatMap((ts, index) =>
    ts >= start && ts < end ? [whole.body.subarray(index * 56, index * 56 + 56)] : [],
  );
  ok(filtered.body.equals(Buffer.concat(expected)));
  deepEqual([filtered.metadata.start, filtered.metadata.end], [start, end]);
  const none = await dbn('filter', esm4, '--symbols', 'NQZ9', '-o', join(folder, 'none.dbn'));
  match(none.err, /SYMBOL_UNKNOWN.*NQZ9.*maps /);
  equal(existsSync(join(folder, 'none.dbn')), false);
  const again = await dbn('filter', esm4, '-o', path);
  match(again.err, /FILE_EXISTS.*--force/);
});

test('a stream split by day and merged again is unchanged', { skip }, async () => {
  const path = corpusPath('definition.dbn');
  const parts = join(folder, 'days');
  const report = await dbn('split', path, '--by', 'day', '--folder', parts, '--zstd', '--json');
  const { files } = JSON.parse(report.out.toString()) as { files: { path: string; records: number }[] };
  equal(files.length, readdirSync(parts).length);
  ok(files.length > 1);
  const merged = join(folder, 'merged.dbn');
  await dbn('merge', ...files.map((file) => file.path).reverse(), '-o', merged);
  const before = read(readFileSync(path));
  const after = read(readFileSync(merged));
  ok(after.body.equals(before.body));
  // The days that have records.
  const days = [1633305600000000000n, 1633478400000000000n];
  deepEqual([after.metadata.start, after.metadata.end], days);
  deepEqual(after.metadata.mappings[0]!.intervals, before.metadata.mappings[0]!.intervals.slice(0, 2));
});

test('merge orders the records of many files by time, the first file first', { skip }, async () => {
  const whole = read(readFileSync(esm4));
  // Records dealt to three files, each in order of ts_recv itself.
  const order = whole.times
    .map((ts, index) => ({ ts, index }))
    .sort((a, b) => (a.ts < b.ts ? -1 : a.ts > b.ts ? 1 : a.index - b.index));
  const hands: Buffer[][] = [[], [], []];
  for (const [place, { index }] of order.entries())
    hands[(place * 7 + (place >> 5)) % 3]!.push(whole.body.subarray(index * 56, index * 56 + 56));
  const paths = hands.map((hand, i) => {
    const path = join(folder, `hand${i}.dbn`);
    writeFileSync(path, Buffer.concat([encodeMetadata(whole.metadata), ...hand]));
    return path;
  });
  const path = join(folder, 'dealt.dbn');
  const { out } = await dbn('merge', ...paths, '-o', path);
  match(out.toString(), /^Wrote 13,796 records of ESM4 to .*dealt\.dbn\.\n$/);
  const merged = read(readFileSync(path));
  equal(merged.times.length, whole.times.length);
  const stable = hands.flat().sort((a, b) => {
    const [x, y] = [a.readBigUInt64LE(40), b.readBigUInt64LE(40)];
    return x < y ? -1 : x > y ? 1 : 0;
  });
  ok(merged.body.equals(Buffer.concat(stable)));
});

test('split by symbol and by schema names its files and their metadata', { skip }, async () => {
  const parts = join(folder, 'symbols');
  const bySymbol = await dbn('split', corpusPath('mbo.v3.dbn'), '--by', 'symbol', '--folder', parts);
  match(bySymbol.out.toString(), /ESH1 +2 +\S+test_data\.mbo\.v3\.ESH1\.dbn/);
  deepEqual(read(readFileSync(join(parts, 'test_data.mbo.v3.ESH1.dbn'))).metadata.symbols, ['ESH1']);
  const bySchema = await dbn('split', corpusPath('tbbo.dbn'), '--by', 'schema', '--folder', parts, '--json');
  const { files } = JSON.parse(bySchema.out.toString()) as { files: { key: string }[] };
  deepEqual(
    files.map(({ key }) => key),
    ['tbbo'],
  );
});

test('upgrade writes the records and metadata of the newer version', { skip }, async () => {
  const old = corpusFiles().find(({ name }) => name === 'test_data.definition.v1.dbn.zst')!;
  const { out } = await dbn('upgrade', old.path, '--zstd');
  const upgraded = read(zstdDecompressSync(out));
  equal(upgraded.metadata.version, 3);
  const expected = Array.from(decodeDbn(content(old.raw)).batches, (batch) =>
    Buffer.from(upgradeBatch(batch, 3).bytes),
  );
  ok(upgraded.body.equals(Buffer.concat(expected)));
});

test('parquet has proper types, exact values and nulls', { skip }, async () => {
  const instance = await DuckDBInstance.create();
  const connection = await instance.connect();
  const rows = async (sql: string) => (await connection.runAndReadAll(sql)).getRowsJson();
  const path = join(folder, 'mbo.parquet');
  equal((await dbn('parquet', esm4, '--map-symbols', '-o', path)).code, 0);
  deepEqual(
    (await rows(`DESCRIBE SELECT * FROM '${path}'`)).map(([name, type]) => `${name} ${type}`),
    [
      'ts_recv TIMESTAMP_NS',
      'ts_event TIMESTAMP_NS',
      'rtype UTINYINT',
      'publisher_id USMALLINT',
      'instrument_id UINTEGER',
      'action VARCHAR',
      'side VARCHAR',
      'price DECIMAL(19,9)',
      'size UINTEGER',
      'channel_id UTINYINT',
      'order_id UBIGINT',
      'flags UTINYINT',
      'ts_in_delta INTEGER',
      'sequence UINTEGER',
      'symbol VARCHAR',
    ],
  );
  const csvPath = join(folder, 'mbo.csv');
  await dbn('csv', esm4, '--map-symbols', '-o', csvPath);
  const same = await rows(
    `SELECT count(*) FROM (SELECT epoch_ns(ts_recv) AS r, epoch_ns(ts_event) AS e, order_id::VARCHAR AS o,
       (price * 1000000000)::DECIMAL(38, 0)::VARCHAR AS p, action, side, size, flags, ts_in_delta, sequence, symbol FROM '${path}'
     EXCEPT SELECT ts_recv::BIGINT, ts_event::BIGINT, order_id, CASE WHEN price = '9223372036854775807' THEN NULL ELSE price END,
       action, side, size::UINTEGER, flags::UTINYINT, ts_in_delta::INTEGER, sequence::UINTEGER, symbol
     FROM read_csv('${csvPath}', all_varchar = true))`,
  );
  deepEqual(same, [['0']]);
  deepEqual(await rows(`SELECT count(*) FROM '${path}'`), [['13796']]);
  for (const [type, column, price] of [
    ['float', 'DOUBLE', 'price'],
    ['fixed', 'BIGINT', 'price / 1e9'],
  ] as const) {
    const other = join(folder, `mbo.${type}.parquet`);
    equal((await dbn('parquet', esm4, '--price-type', type, '-o', other)).code, 0);
    deepEqual(await rows(`SELECT DISTINCT typeof(price) FROM '${other}'`), [[column]]);
    const differing = `SELECT count(*) FROM '${path}' a POSITIONAL JOIN '${other}' b
      WHERE a.price::DOUBLE IS DISTINCT FROM b.${price}`;
    deepEqual(await rows(differing), [['0']]);
  }
  connection.closeSync();
  instance.closeSync();
});

test('verify says what is there, and where a cut file ends', { skip }, async () => {
  const whole = await dbn('verify', esm4, '--json');
  const report = JSON.parse(whole.out.toString()) as { ok: boolean; records: number; recordsByLayout: object };
  deepEqual([whole.code, report.ok, report.records, report.recordsByLayout], [0, true, 13796, { mbo: 13796 }]);
  const path = join(folder, 'cut.dbn');
  const raw = content(readFileSync(esm4));
  writeFileSync(path, raw.subarray(0, raw.length - 20));
  const cut = await dbn('verify', path, '--json');
  const {
    ok: isOk,
    records,
    error,
  } = JSON.parse(cut.out.toString()) as { ok: boolean; records: number; error: { code: string; byteOffset: number } };
  deepEqual(
    [cut.code, isOk, records, error.code, error.byteOffset],
    [1, false, 13795, 'DBN_TRUNCATED', raw.length - 56],
  );
  const json = await dbn('json', path);
  equal(json.out.toString().split('\n').length - 1, 13795);
  equal(json.code, 1);
  const file = await dbn('json', path, '-o', join(folder, 'cut.json'));
  deepEqual([file.code, existsSync(join(folder, 'cut.json'))], [1, false]);
});

test('book writes DBN whose records the library reads as mbp-10', { skip }, async () => {
  const path = join(folder, 'book.dbn');
  equal((await dbn('book', esm4, '--levels', '10', '-o', path)).code, 0);
  const { metadata, batches } = decodeDbn(readFileSync(path));
  equal(metadata!.schema, 'mbp-10');
  const counts = Array.from(batches, ({ rtype, count }) => ({ rtype, count }));
  ok(counts.every(({ rtype }) => rtype === 10) && counts.length > 0);
  const csv = await dbn('book', esm4, '--as', 'csv', '--limit', '8000');
  match(csv.out.toString(), /^ts_recv,.*,bid_px_00,ask_px_00,bid_sz_00,ask_sz_00,bid_ct_00,ask_ct_00\n/);
  const wrong = await dbn('book', corpusPath('trades.dbn'));
  match(wrong.err, /SCHEMA_MISMATCH.*no MBO records/);
});

test('symbols of a stream that maps none are an error, and a partial book is told', { skip }, async () => {
  const fragment = corpusFiles().find(({ name }) => name.startsWith('multi-frame'))!;
  const none = await dbn('json', fragment.path, '--fragment', '--symbols', 'ESH4');
  deepEqual([none.code, none.out.length], [1, 0]);
  match(none.err, /SYMBOL_UNKNOWN.*--instruments/);
  const { times } = read(readFileSync(esm4));
  const late = await dbn('book', esm4, '--start', String(times.at(-100)), '--as', 'csv');
  match(late.err, /^Note: the file starts without a snapshot: .* of unknown orders; the book is partial\.$/m);
});

test('a compressed file that unfolds to endless nothing is refused at its first byte', { skip }, async () => {
  const path = join(folder, 'bomb.dbn.zst');
  const head = encodeMetadata(read(readFileSync(esm4)).metadata);
  writeFileSync(path, zstdCompressSync(Buffer.concat([head, Buffer.alloc(200 << 20)])));
  const before = process.memoryUsage().rss;
  const { code, out } = await dbn('verify', path, '--json');
  const { error, records } = JSON.parse(out.toString()) as {
    error: { code: string; byteOffset: number };
    records: number;
  };
  deepEqual([code, error.code, error.byteOffset, records], [1, 'DBN_CORRUPT', head.length, 0]);
  ok(process.memoryUsage().rss - before < 100 << 20);
});

test('standard input and standard output work, also when the reader goes away', { skip }, () => {
  const binary = join(import.meta.dirname, '../../../bin/spymaster.js');
  const piped = spawnSync(process.execPath, [binary, 'dbn', 'json', '--limit', '2'], {
    input: readFileSync(esm4),
    encoding: 'utf8',
  });
  deepEqual([piped.status, piped.stdout.split('\n').length], [0, 3]);
  const shell = spawnSync('sh', ['-c', `"${process.execPath}" "${binary}" dbn json "${esm4}" | head -n 1`], {
    encoding: 'utf8',
  });
  equal(shell.stderr, '');
  equal(shell.stdout, `${piped.stdout.split('\n')[0]}\n`);
});
