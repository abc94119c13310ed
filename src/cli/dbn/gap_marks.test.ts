import { deepEqual, equal, match } from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { zstdDecompressSync } from 'node:zlib';
import { mboMetadata } from '../../../test/helpers/mbo_metadata.ts';
import { runCommand } from '../../../test/helpers/run_command.ts';
import { encodeRecorded, type Recorded } from '../../../test/helpers/stream_marks.ts';
import { temporaryFolder } from '../../../test/helpers/temporary_folder.ts';
import type { Mbo } from '../../../test/oracle/mbo.ts';
import { decodeDbn, encodeMetadata, gapsOf, rtype, rtypeMbo } from '../../dbn/index.ts';

const folder = temporaryFolder('gap-marks');
const startNs = 1_770_336_000_000_000_000n;
const order = { size: 5, flags: 128, action: 'A', side: 'B' };
const add = (n: number, instrumentId: number): Mbo => {
  const tsEvent = startNs + BigInt(n) * 1_000_000_000n;
  return { ...order, instrumentId, tsEvent, tsRecv: tsEvent + 9000n, orderId: BigInt(n), price: 99_000_000_000n };
};
const gap = (n: number): Recorded => {
  const fromNs = startNs + BigInt(n) * 1_000_000_000n;
  return { gap: { fromNs, toNs: fromNs + 500_000_000n, cause: 'lost' } };
};
const metadata = mboMetadata('MNQH6', 1, {
  schema: null,
  symbols: ['MNQH6', 'ESM6'],
  mappings: [1, 2].map((id) => ({
    rawSymbol: id === 1 ? 'MNQH6' : 'ESM6',
    intervals: [{ startDate: 20260206, endDate: 20260207, symbol: String(id) }],
  })),
});

function write(name: string, items: readonly Recorded[]): string {
  const path = join(folder, name);
  writeFileSync(path, Buffer.concat([encodeMetadata(metadata), ...items.map(encodeRecorded)]));
  return path;
}

/** What a file holds, in order: seconds of its MBO records, and of gaps with `gap` before them. */
function read(path: string): string[] {
  const bytes = readFileSync(path);
  const seconds = (ns: bigint): number => Number((ns - startNs) / 1_000_000_000n);
  const found: string[] = [];
  for (const batch of decodeDbn(bytes, { decompress: (frame) => zstdDecompressSync(frame) }).batches) {
    const { words, count, recordBytes } = batch;
    for (const { fromNs } of gapsOf(batch) ?? []) found.push(`gap ${seconds(fromNs)}`);
    if (batch.rtype !== rtypeMbo) continue;
    for (let i = 0; i < count; i++) found.push(String(words[(i * recordBytes) / 4 + 4]));
  }
  return found;
}

const recorded = [
  ...[add(1, 1), add(2, 2), { heartbeatNs: startNs + 3_000_000_000n }, gap(2)],
  ...[add(4, 1), add(5, 1), gap(5), add(7, 2)],
];
const recording = write('recording.dbn', recorded);
const all = ['1', '2', 'gap 2', '4', '5', 'gap 5', '7'];

async function dbn(...words: string[]): Promise<void> {
  const { code, err } = await runCommand('dbn', ...words);
  equal(code, 0, err);
}

test('filter and upgrade keep the marks of gaps, whatever instruments and schema are asked for', async () => {
  const out = (name: string) => join(folder, name);
  await dbn('filter', recording, '--output', out('all.dbn.zst'), '--zstd');
  deepEqual(read(out('all.dbn.zst')), all);
  await dbn('filter', recording, '--symbols', 'ESM6', '--schema', 'mbo', '--output', out('one.dbn'));
  deepEqual(read(out('one.dbn')), ['2', 'gap 2', 'gap 5', '7']);
  await dbn('filter', recording, '--instruments', '1', '--start', '2026-02-06T00:00:03Z', '--output', out('late.dbn'));
  deepEqual(read(out('late.dbn')), ['4', '5', 'gap 5']);
  // A heartbeat stands beside the first mark: by time alone it passes as the other records do.
  await dbn('filter', recording, '--start', '2026-02-06T00:00:02Z', '--output', out('timed.dbn'));
  deepEqual(read(out('timed.dbn')), ['2', 'gap 2', '4', '5', 'gap 5', '7']);
  const timed = [...decodeDbn(readFileSync(out('timed.dbn'))).batches];
  equal(
    timed.reduce((sum, { rtype: type, count }) => sum + (type === rtype.system ? count : 0), 0),
    3,
  );
  await dbn('upgrade', recording, '--output', out('upgraded.dbn'));
  deepEqual(read(out('upgraded.dbn')), all);
});

test('merge leaves a mark between the records of its file, split puts it into every file of market data', async () => {
  const merged = join(folder, 'merged.dbn');
  const first = write('first.dbn', [add(1, 1), add(2, 1), gap(2), add(6, 1)]);
  await dbn('merge', first, write('second.dbn', [add(3, 2), add(5, 2), gap(5), add(7, 2)]), '--output', merged);
  deepEqual(read(merged), ['1', '2', 'gap 2', '3', '5', 'gap 5', '6', '7']);

  for (const [by, files] of [
    ['symbol', { 'recording.MNQH6.dbn': 'h6', 'recording.ESM6.dbn': 'm6', 'recording.control.dbn': 'marks' }],
    ['schema', { 'recording.mbo.dbn': 'all', 'recording.system.dbn': 'marks' }],
    ['day', { 'recording.20260206.dbn': 'all' }],
  ] as const) {
    const to = join(folder, by);
    await dbn('split', recording, '--by', by, '--folder', to);
    deepEqual(readdirSync(to).sort(), Object.keys(files).sort());
    const expected = {
      all,
      h6: ['1', 'gap 2', '4', '5', 'gap 5'],
      m6: ['2', 'gap 2', 'gap 5', '7'],
      marks: ['gap 2', 'gap 5'],
    };
    for (const [name, what] of Object.entries(files)) deepEqual(read(join(to, name)), expected[what], `${by} ${name}`);
  }
});

test('an imported recording keeps its gaps, and price levels made of it begin anew behind them', async () => {
  const trade: Mbo = { ...add(8, 1), action: 'T' };
  const path = write('glbx-20260206.dbn', [...recorded, trade]);
  const lake = join(folder, 'lake');
  const imported = await runCommand('import', path, '--lake-root', lake, '--json');
  equal(imported.code, 0, imported.err);
  const { files } = JSON.parse(imported.out) as { files: { sessions: { root: string; path: string }[] }[] };
  const content = Object.fromEntries(files.flatMap(({ sessions }) => sessions.map((at) => [at.root, read(at.path)])));
  deepEqual(content, { MNQ: ['1', 'gap 2', '4', '5', 'gap 5', '8'], ES: ['2', 'gap 2', 'gap 5', '7'] });

  const book = join(folder, 'book.dbn');
  await dbn('book', recording, '--levels', '1', '--instruments', '1', '--output', book);
  const { batches } = decodeDbn(readFileSync(book));
  const sizes: (number | string)[] = [];
  for (const batch of batches) {
    if (gapsOf(batch) !== null) sizes.push('gap');
    // The first level's bid size.
    else for (let i = 0; i < batch.count; i++) sizes.push(batch.words[(i * batch.recordBytes) / 4 + 16] ?? 0);
  }
  deepEqual(sizes, [5, 'gap', 5, 10, 'gap']);
  match((await runCommand('dbn', 'json', recording)).out, /spymaster\.gap from=/);
});
