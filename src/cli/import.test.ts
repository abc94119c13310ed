import { deepEqual, doesNotThrow, equal, match } from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { runCommand } from '../../test/helpers/run_command.ts';
import { smallMetadata } from '../../test/helpers/small_session.ts';
import { temporaryFolder } from '../../test/helpers/temporary_folder.ts';
import { encodeMetadata } from '../dbn/index.ts';
import { findRawFile, Lake } from '../lake/index.ts';
import { planSession, writeSyntheticSession } from './session_file.ts';

const folder = temporaryFolder('import');
const cases = join(import.meta.dirname, '../../test/fixtures/cases');

async function made(name: string, seed = 1, symbol = 'MNQH6', date = '2026-02-06'): Promise<string> {
  const path = join(folder, name);
  const plan = planSession({ seed, profile: 'calm', symbol, date, start: '09:25', minutes: 1, rate: 50 });
  await writeSyntheticSession(path, plan);
  return path;
}

interface Imported {
  readonly files: readonly {
    readonly path: string;
    readonly is_split: boolean;
    readonly unnamed_records: number;
    readonly sessions: readonly {
      readonly date: string;
      readonly symbols: readonly string[];
      readonly records: number;
      readonly state: string;
      readonly path: string;
    }[];
  }[];
  readonly failed: readonly { readonly path: string; readonly code: string }[];
}

async function imported(lake: string, ...files: string[]): Promise<Imported> {
  const { out } = await runCommand('import', ...files, '--lake-root', join(folder, lake), '--json');
  return JSON.parse(out) as Imported;
}

test('a file of one session is copied as it is to where a replay finds it, once', async () => {
  const path = await made('any name.dbn.zst');
  const first = await imported('whole', path);
  const [session] = first.files[0]!.sessions;
  deepEqual(
    [first.files[0]!.is_split, session!.date, session!.symbols, session!.state],
    [false, '2026-02-06', ['MNQH6'], 'imported'],
  );
  deepEqual(readFileSync(session!.path), readFileSync(path));
  equal(await findRawFile(new Lake(join(folder, 'whole')), 'future_mbo', 'MNQH6', '2026-02-06'), session!.path);
  const again = await imported('whole', path);
  deepEqual(again.files[0]!.sessions, [{ ...session, state: 'present' }]);
  deepEqual(readdirSync(join(session!.path, '..')), [basename(session!.path)]);
  // What a killed import leaves is gone after the next one.
  for (const name of ['.spymaster-tmp-b840118fa824.lock', '.spymaster-tmp-b840118fa8240000-other.mbo.dbn'])
    writeFileSync(join(session!.path, '..', name), '');
  await imported('whole', path);
  deepEqual(readdirSync(join(session!.path, '..')), [basename(session!.path)]);
});

test('the same records in another container are there already; other records are refused and nothing is written over', async () => {
  const path = await made('one.dbn.zst');
  const [session] = (await imported('refused', path)).files[0]!.sessions;
  const plain = join(folder, 'plain.dbn');
  writeFileSync(plain, zstdDecompressSync(readFileSync(path)));
  equal((await imported('refused', plain)).files[0]!.sessions[0]!.state, 'present');
  const before = readFileSync(session!.path);
  const other = await made('other.dbn.zst', 2);
  const { code, err } = await runCommand('import', other, '--lake-root', join(folder, 'refused'));
  equal(code, 1);
  match(
    err,
    /^Error \[FILE_EXISTS\]: Cannot import .*other\.dbn\.zst: the lake has glbx-mdp3-20260206\.MNQH6\.mbo\.dbn\.zst/,
  );
  deepEqual(readFileSync(session!.path), before);
});

test('a file of several products and days is cut by both, and what is cut joins to the whole', async () => {
  const paths = [await made('a.dbn', 1), await made('b.dbn', 2, 'ESH6'), await made('c.dbn', 3, 'MNQH6', '2026-02-09')];
  const merged = join(folder, 'merged.dbn');
  equal((await runCommand('dbn', 'merge', ...paths, '--output', merged)).code, 0);
  const { files } = await imported('cut', merged);
  const { sessions, is_split } = files[0]!;
  equal(is_split, true);
  deepEqual(
    sessions.map(({ date, symbols, state }) => [date, symbols, state]),
    [
      ['2026-02-06', ['ESH6'], 'imported'],
      ['2026-02-06', ['MNQH6'], 'imported'],
      ['2026-02-09', ['MNQH6'], 'imported'],
    ],
  );
  // Each is the same to the lake as the file that it came from.
  const parts = await imported('cut', ...paths);
  deepEqual(
    parts.files.flatMap((file) => file.sessions.map(({ state }) => state)),
    ['present', 'present', 'present'],
  );
  const again = await imported('cut', merged);
  deepEqual(
    again.files[0]!.sessions.map(({ state }) => state),
    ['present', 'present', 'present'],
  );
  for (const { path, records } of sessions) {
    const { out } = await runCommand('dbn', 'verify', path, '--json');
    deepEqual(
      [(JSON.parse(out) as { ok: boolean }).ok, (JSON.parse(out) as { records: number }).records],
      [true, records],
    );
  }
});

test('a file that is cut off, damaged or without orders leaves nothing, and spoils none of the others', async () => {
  const whole = readFileSync(await made('whole.dbn.zst'));
  const cut = join(folder, 'cut.dbn.zst');
  writeFileSync(cut, whole.subarray(0, whole.length - 100));
  const book = join(folder, 'book.dbn');
  equal((await runCommand('dbn', 'book', join(folder, 'whole.dbn.zst'), '--output', book)).code, 0);
  const empty = join(folder, 'empty.dbn');
  writeFileSync(empty, encodeMetadata(smallMetadata));
  const good = await made('good.dbn');
  const { files, failed } = await imported('damage', cut, book, empty, good);
  deepEqual(
    failed.map(({ code }) => code),
    ['DBN_TRUNCATED', 'SCHEMA_MISMATCH', 'FILE_EMPTY'],
  );
  deepEqual(
    files.map(({ path }) => path),
    [good],
  );
  equal(existsSync(join(folder, 'damage/raw/source=databento/product_type=future_mbo/symbol=MNQ')), true);
});

test('a live recording names its instruments as it goes; a nameless file is told its name', async () => {
  const live = await imported('live', join(cases, 'misc/live_map.dbn'));
  deepEqual(
    live.files[0]!.sessions.map(({ symbols }) => symbols),
    [['ESH6', 'ESM6']],
  );
  const compressed = join(folder, 'twoday.dbn.zst');
  writeFileSync(compressed, zstdCompressSync(readFileSync(join(cases, 'twoday_phantom/in.dbn'))));
  deepEqual(
    (await imported('days', compressed)).files[0]!.sessions.map(({ date, records }) => [date, records]),
    [
      ['2026-02-05', 6],
      ['2026-02-06', 14],
    ],
  );
  doesNotThrow(() => readdirSync(join(folder, 'days/raw')));
});
