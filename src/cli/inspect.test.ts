import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { zstdDecompressSync } from 'node:zlib';
import { runCommand } from '../../test/helpers/run_command.ts';
import { sharedPath, missingShared as skip } from '../../test/helpers/shared.ts';
import { temporaryFolder } from '../../test/helpers/temporary_folder.ts';
import { Random } from '../synth/random.ts';

const binary = join(import.meta.dirname, '../../bin/spymaster.js');
const folder = temporaryFolder('inspect');

const whole = join(folder, 'whole.dbn');
const synth = await runCommand('synth', '--out', whole, '--minutes', '0.5', '--rate', '2000', '--seed', '9', '--json');

test('synth writes the same session plain and compressed, and says what it wrote', async () => {
  deepEqual([synth.code, synth.err], [0, '']);
  const summary = JSON.parse(synth.out) as { records: number; bytes: number; start_ns: string };
  equal(summary.start_ns, '1770387900000000000');
  ok(summary.records > 40_000);
  equal(summary.bytes, readFileSync(whole).length);
  const packed = join(folder, 'packed.dbn.zst');
  const { code, out } = await runCommand('synth', '--out', packed, '--minutes', '0.5', '--rate', '2000', '--seed', '9');
  equal(code, 0);
  match(out, /^Wrote .*packed\.dbn\.zst: [\d,]+ records/);
  ok(zstdDecompressSync(readFileSync(packed)).equals(readFileSync(whole)));
});

test('inspect finds a synthetic session without a fault', async () => {
  const { code, out, err } = await runCommand('inspect', whole);
  deepEqual([code, err], [0, '']);
  match(out, /DBN version 3, GLBX\.MDP3, mbo/);
  match(out, /received 2026-02-06 09:25:00\.000000000 New York time/);
  match(out, /No anomalies\.\n$/);
});

test('a cut file is reported up to the cut, then fails with its byte, as text and as one JSON object', async () => {
  const cut = join(folder, 'cut.dbn');
  const bytes = readFileSync(whole);
  writeFileSync(cut, bytes.subarray(0, bytes.length - 30));
  const text = await runCommand('inspect', cut);
  equal(text.code, 1);
  match(text.out, /No anomalies\./);
  match(text.err, /^Error \[DBN_TRUNCATED\]: .* byte \d+: expected 56 bytes, got 26\./);
  const json = await runCommand('inspect', cut, '--json');
  deepEqual([json.code, json.err], [1, '']);
  const report = JSON.parse(json.out) as { records: number; error: { code: string; byteOffset: number } };
  equal(report.records, (JSON.parse(synth.out) as { records: number }).records - 1);
  deepEqual([report.error.code, report.error.byteOffset], ['DBN_TRUNCATED', bytes.length - 56]);
});

test('records without their snapshot are a partial book, told in words', async () => {
  const bytes = readFileSync(whole);
  const records = JSON.parse((await runCommand('inspect', whole, '--json')).out) as {
    snapshot: { records: number };
    records: number;
  };
  const metadataBytes = bytes.length - records.records * 56;
  const torso = join(folder, 'torso.dbn');
  const live = bytes.subarray(metadataBytes + records.snapshot.records * 56);
  writeFileSync(torso, Buffer.concat([bytes.subarray(0, metadataBytes), live]));
  const { code, out } = await runCommand('inspect', torso);
  equal(code, 0);
  match(
    out,
    /the file starts without a snapshot: [\d,]+ cancels and [\d,]+ modifies of unknown orders; the book is partial/,
  );
});

test('a file that is not DBN ends in one sentence and exit code 1', async () => {
  const text = join(folder, 'notes.txt');
  writeFileSync(text, 'these are notes, not records');
  const empty = join(folder, 'empty.dbn');
  writeFileSync(empty, '');
  for (const [path, code] of [
    [text, 'DBN_NOT_DBN'],
    [empty, 'DBN_TRUNCATED'],
    [folder, 'FILE_UNREADABLE'],
    [join(folder, 'absent'), 'FILE_NOT_FOUND'],
  ] as const) {
    const { code: exit, out, err } = await runCommand('inspect', path);
    deepEqual([exit, out], [1, ''], path);
    ok(err.startsWith(`Error [${code}]: Cannot `) && err.endsWith('.\n') && err.split('\n').length === 2, err);
  }
});

test('synth refuses impossible sessions and leaves nothing', async () => {
  const path = join(folder, 'never', 'x.dbn');
  for (const [words, sentence] of [
    [['--profile', 'open', '--start', '10:00'], /needs the opening, 09:30 New York time/],
    [['--start', '18:55'], /ends at 19:00 New York time/],
    [['--profile', 'loud'], /calm, busy, open, null/],
    [['--minutes', 'many'], /Expected a number from 0\.01 to 1440/],
    [['--date', '2026-02-30'], /Expected a calendar day/],
  ] as const) {
    const { code, out, err } = await runCommand('synth', '--out', path, ...words);
    deepEqual([code, out], [2, '']);
    match(err, sentence);
  }
  const { code, err } = await runCommand('synth', '--out', join(whole, 'inside', 'x.dbn'));
  equal(code, 1);
  match(err, /^Error \[LAKE_NOT_WRITABLE\]/);
  equal(existsSync(join(folder, 'never')), false);
});

test('an interrupted synth leaves no file behind', async () => {
  const inside = mkdtempSync(join(folder, 'interrupted-'));
  const child = spawn(process.execPath, [binary, 'synth', '--out', join(inside, 'x.dbn'), '--minutes', '500'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  while (readdirSync(inside).length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
  child.kill('SIGINT');
  const code = await new Promise((resolve) => child.once('exit', resolve));
  equal(code, 130);
  deepEqual(readdirSync(inside), []);
});

test('a reader that goes away does not fail the command', async () => {
  const child = spawn(process.execPath, [binary, 'inspect', whole], { stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.destroy();
  let err = '';
  child.stderr.on('data', (chunk) => {
    err += String(chunk);
  });
  const code = await new Promise((resolve) => child.once('close', resolve));
  deepEqual([code, err], [0, '']);
});

test('inspect tells the facts of the real files', { skip }, async () => {
  const inspect = async (name: string) =>
    JSON.parse((await runCommand('inspect', sharedPath('data', name), '--json')).out) as {
      records: number;
      records_by_action: Record<string, number>;
      snapshot: { records: number; has_clear: boolean; has_last: boolean };
      instruments: {
        symbol: string;
        book: { counters: Record<string, number>; executions: number; front_share: number };
      }[];
      anomalies: string[];
    };
  const esh4 = await inspect('esh4-glbx-mdp3-20231225.mbo.dbn.zst');
  equal(esh4.records, 68_792);
  deepEqual([esh4.snapshot.records, esh4.snapshot.has_clear, esh4.snapshot.has_last], [8_725, false, false]);
  equal(esh4.records_by_action.C, 17_999);
  equal(esh4.instruments[0]!.symbol, 'ESH4');
  equal(esh4.instruments[0]!.book.counters.unknown_cancel, 0);
  match(esh4.anomalies[0]!, /crossed or locked after 891 events/);
  const { executions, front_share: frontShare } = esh4.instruments[0]!.book;
  deepEqual([executions, frontShare], [6257, 1]);
  const esm4 = await inspect('esm4-glbx-mdp3-20240508-2s.mbo.dbn.zst');
  deepEqual([esm4.snapshot.has_clear, esm4.snapshot.has_last, esm4.anomalies], [true, true, []]);
});

test('inspect reads every kind of DBN file that there is', { skip }, async () => {
  const corpus = sharedPath('data', 'dbn-corpus');
  for (const name of readdirSync(corpus)) {
    const fragment = name.includes('.frag') ? ['--fragment'] : [];
    const { code, out, err } = await runCommand('inspect', join(corpus, name), ...fragment, '--json');
    deepEqual([code, err], [0, ''], name);
    const report = JSON.parse(out) as { records: number; metadata: object | null };
    equal(report.metadata === null, fragment.length > 0, name);
    ok(report.records > 0 || name.includes('ohlcv-1d'), name);
  }
});

test('a damaged file gives a report or a typed error, never a defect', async () => {
  const bytes = readFileSync(whole).subarray(0, 60_000);
  const random = new Random(17);
  const path = join(folder, 'damaged.dbn');
  for (let round = 0; round < 150; round++) {
    const damaged = Buffer.from(bytes.subarray(0, random.below(3) === 0 ? random.below(bytes.length) : bytes.length));
    const region = random.below(2) === 0 ? 400 : damaged.length;
    for (let i = random.below(12); i >= 0; i--)
      damaged[random.below(Math.min(region, damaged.length) + 1)] = random.u32();
    writeFileSync(path, damaged);
    const json = random.below(2) === 0 ? ['--json'] : [];
    const { code, out, err } = await runCommand('inspect', path, ...json);
    ok(code === 0 || code === 1, `round ${round}: exit ${code}, ${out}${err}`);
    if (json.length > 0) JSON.parse(out);
  }
});

test('a market that does not execute first in, first out is named', async () => {
  const { out } = await runCommand('inspect', sharedPath('data', 'synthetic-mnqh6-20260206.mbo.dbn.zst'));
  match(out, /^MNQH6 .* 76\.68 %$/m);
  match(
    out,
    /- MNQH6 does not execute first in, first out: 76\.68 % of 9,940 executions were at the front of their queue/,
  );
});
