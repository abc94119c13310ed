import { equal, match } from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { type DbnSource, decodeDbn, encodeMetadata, maxMetadataEntries, openDbn } from '../src/dbn/index.ts';
import { SpymasterError } from '../src/errors.ts';
import { zstdChunks } from '../src/files/index.ts';
import { decompressZstd } from '../web/vacuum-pressure/local/zstd.ts';
import { runCommand } from './helpers/run_command.ts';
import { sharedPath } from './helpers/shared.ts';
import { smallSession } from './helpers/small_session.ts';
import { temporaryFolder } from './helpers/temporary_folder.ts';

// Files that hold DBN in some other way than a reader expects: every reader says what they are and what to do.

const folder = temporaryFolder('containers');

const bytes = smallSession(12);
const replayConfig = join(import.meta.dirname, '..', 'configs', 'replay.json');

function file(name: string, content: Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

async function* once(content: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  yield content;
}

async function readAll(open: () => Promise<DbnSource>): Promise<unknown> {
  try {
    for await (const _batch of await open());
    return null;
  } catch (error) {
    return error;
  }
}

/** What each reader says of a file: the commands, and the library with either decompressor and in memory. */
async function sayings(path: string, config: string): Promise<Record<string, string>> {
  const content = new Uint8Array(readFileSync(path));
  const out = join(folder, 'out');
  const said: Record<string, string> = {};
  for (const words of [
    ['inspect', path],
    ['dbn', 'verify', path],
    ['dbn', 'csv', path, '-o', join(folder, 'out.csv'), '--force'],
    ['dbn', 'parquet', path, '-o', join(folder, 'out.parquet'), '--force'],
    ['replay', path, '--config', config, '--out', out],
  ]) {
    const { code, err } = await runCommand(...words);
    equal(code, 1, `${words.join(' ')}: ${err}`);
    said[words.slice(0, 2).join(' ')] = err;
  }
  for (const [name, decompress] of Object.entries({ zstdChunks, decompressZstd })) {
    const error = await readAll(() => openDbn(once(content), { decompress }));
    said[`openDbn with ${name}`] = error instanceof SpymasterError ? error.message : `no error of ours: ${error}`;
  }
  try {
    for (const _batch of decodeDbn(content, { decompress: (frame) => zstdDecompressSync(frame) }).batches);
    said.decodeDbn = 'no error';
  } catch (error) {
    said.decodeDbn = error instanceof SpymasterError ? error.message : `no error of ours: ${error}`;
  }
  return said;
}

async function allSay(path: string, expected: RegExp, config = replayConfig): Promise<void> {
  for (const [reader, text] of Object.entries(await sayings(path, config))) match(text, expected, reader);
}

test('two DBN files in one are told apart by the second header, compressed or not', async () => {
  const expected = new RegExp(`byte ${bytes.length}: a second DBN header starts there.*dbn merge`);
  await allSay(file('two.dbn', Buffer.concat([bytes, bytes])), expected);
  await allSay(file('two.dbn.zst', Buffer.concat([zstdCompressSync(bytes), zstdCompressSync(bytes)])), expected);
  // The second file has no records: its header is shorter than the record that its first byte would announce.
  const head = encodeMetadata(decodeDbn(bytes).metadata!).subarray(0, 200);
  await allSay(file('two_short.dbn', Buffer.concat([bytes, head])), expected);
});

test('gzip and ZIP are named with what to do', async () => {
  await allSay(file('session.dbn.gz', gzipSync(bytes)), /This is gzip data: unpack it with `gunzip` first/);
  const zip = Buffer.concat([Buffer.from('PK\u0003\u0004'), Buffer.alloc(60)]);
  await allSay(file('session.dbn.zst', zip), /This is a ZIP archive: unpack it with `unzip`/);
});

test('the cases of shared containers', async () => {
  const inCases = (name: string) => sharedPath('cases', 'zst', name);
  const config = sharedPath('cases', 'twoday_phantom', 'c.json');
  await allSay(inCases('cat2.dbn'), /byte 1480: a second DBN header/, config);
  await allSay(inCases('cat2.dbn.zst'), /byte 1480: a second DBN header/, config);
  await allSay(inCases('long31.dbn.zst'), /window of 2048 MiB.*at most 128 MiB.*zstd -dc --long=31/);
  await allSay(inCases('gz.dbn.gz'), /gunzip/);
  await allSay(inCases('zip.dbn.zst'), /unzip/);
});

test('metadata that lists too many symbols, or is too long, is refused before its strings are made', () => {
  const metadata = decodeDbn(bytes).metadata!;
  const head = encodeMetadata({
    ...metadata,
    version: 1,
    symbolCstrLen: 22,
    symbols: [],
    partial: [],
    notFound: [],
    mappings: [],
  });
  const refused = (claimed: Uint8Array): string => {
    try {
      decodeDbn(claimed);
      return 'no error';
    } catch (error) {
      return error instanceof SpymasterError ? error.message : String(error);
    }
  };
  const symbols = maxMetadataEntries + 1;
  const long = new Uint8Array(head.length + symbols * 22);
  long.set(head);
  const view = new DataView(long.buffer);
  view.setUint32(4, long.length - 8, true);
  view.setUint32(head.length - 16, symbols, true);
  match(
    refused(long),
    new RegExp(`lists ${symbols} symbols, mappings and intervals, more than the ${maxMetadataEntries}`),
  );
  view.setUint32(4, 65 * 2 ** 20, true);
  match(refused(long), /expected a length from \d+ to 67108864 bytes, got 68157440/);
});

test('a zstd file of very many empty frames is read at once, its records too', async () => {
  const empty = zstdCompressSync(new Uint8Array(0));
  const frames = Buffer.concat([...Array<Buffer>(20_000).fill(empty), zstdCompressSync(bytes)]);
  equal(await readAll(() => openDbn(once(frames), { decompress: zstdChunks })), null);
});

test('Parquet output ends in one sentence and leaves no file, whatever is wrong with the records', async () => {
  const out = join(folder, 'made', 'o.parquet');
  for (const [words, expected] of [
    [['parquet', 'in.dbn'], /timestamp: the last one is 9223372036854775807, in the year 2262/],
    [['book', 'in.dbn', '--as', 'parquet'], /timestamp: the last one is/],
    [['parquet', 'mixed.dbn'], /a file holds records of one schema/],
    [['parquet', 'cut.dbn'], /expected 56 bytes, got 40/],
    [['book', 'cut.dbn', '--as', 'parquet'], /expected 56 bytes, got 40/],
  ] as const) {
    const [command, name, ...rest] = words;
    const { code, err } = await runCommand(
      'dbn',
      command,
      sharedPath('cases', 'parquet_hang', name),
      ...rest,
      '-o',
      out,
    );
    equal(code, 1, err);
    match(err, expected);
    equal(err.trim().split('\n').length, 1, err);
    if (existsSync(join(folder, 'made'))) equal(readdirSync(join(folder, 'made')).length, 0);
  }
});
