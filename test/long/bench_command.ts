import { deepEqual, equal, match, ok, rejects } from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { captureWindow, defaultRuntimeConfig } from '../../src/config/index.ts';
import { Lake } from '../../src/lake/index.ts';
import { measureRound, replayHashed } from '../../src/replay/bench_passes.ts';
import { openSession } from '../../src/replay/index.ts';
import { createWireFrame, gridUpdate } from '../../src/wire/index.ts';
import { runCommand } from '../helpers/run_command.ts';

const folder = mkdtempSync(join(tmpdir(), 'spymaster-bench-'));
const file = join(folder, 'mnqh6-20260206.mbo.dbn.zst');
const date = '2026-02-06';
const bins = 40;

before(async () => {
  const words = ['--out', file, '--profile', 'busy', '--start', '09:25', '--minutes', '0.2', '--rate', '1500'];
  equal((await runCommand('synth', ...words)).code, 0);
});
after(() => rmSync(folder, { recursive: true }));

interface Report {
  bins: number;
  events: number;
  result_hash: string;
  cpu_s: number;
  wall_s: number;
  peak_rss_bytes: number;
  stages: { name: string; cpu_s: number; share: number }[];
}

async function bench(...words: string[]): Promise<Report> {
  const { code, out } = await runCommand('bench', ...words, '--json');
  equal(code, 0, out);
  return JSON.parse(out) as Report;
}

/** What a replay of the same window gives, hashed as it would be streamed. */
async function replayed(): Promise<{ bins: number; events: number; hash: string }> {
  const whole = captureWindow('future_mbo', date, '09:25');
  const capture = { ...whole, endNs: whole.startNs + BigInt(bins) * 100_000_000n };
  const frame = createWireFrame(defaultRuntimeConfig.grid_radius_ticks);
  await using session = await openSession({ path: file, runtime: defaultRuntimeConfig, date, capture, frame });
  const hash = createHash('sha256');
  const { bins: count, counters } = await session.run({
    onBin: (bin) => {
      hash.update(JSON.stringify(gridUpdate(bin, capture.sessionStartNs, 'derivative'))).update(frame.bytes);
      return undefined;
    },
  });
  return { bins: count, events: counters.events, hash: hash.digest('hex').slice(0, 16) };
}

test('bench counts and hashes what a replay gives, and shares its time among the stages', async () => {
  const expected = await replayed();
  const report = await bench('--file', file, '--start', '09:25', '--max-bins', String(bins));
  deepEqual({ bins: report.bins, events: report.events, hash: report.result_hash }, expected);
  equal(report.bins, bins);
  const sum = (of: 'share' | 'cpu_s') => report.stages.reduce((total, stage) => total + stage[of], 0);
  ok(Math.abs(sum('share') - 1) < 1e-9 && Math.abs(sum('cpu_s') - report.cpu_s) < 1e-9);
  ok(report.stages.every(({ share }) => share >= 0 && share <= 1));
  ok(report.wall_s > 0 && report.peak_rss_bytes > 0);
});

test('bench finds the newest session of the instrument in the lake', async () => {
  const lake = new Lake(join(folder, 'lake'));
  const raw = lake.rawFolder('future_mbo', 'MNQH6');
  mkdirSync(raw, { recursive: true });
  copyFileSync(file, join(raw, 'mnqh6-20260206.mbo.dbn.zst'));
  writeFileSync(join(raw, 'mnqh6-20260205.mbo.dbn'), 'older');
  const words = ['--start', '09:25', '--max-bins', '2', '--lake-root', join(folder, 'lake')];
  const { bins: count, result_hash: hash } = await bench(...words);
  equal(count, 2);
  equal((await bench(...words, '--symbol', 'MNQH6', '--date', date)).result_hash, hash);
});

test('bench names the file that it cannot find', async () => {
  for (const [words, message] of [
    [['--lake-root', join(folder, 'empty')], /^Error \[FILE_NOT_FOUND\]: .*spymaster download.*--file/],
    [['--symbol', 'ESH4'], /^Error \[INSTRUMENT_LOCKED\]: .*ESH4.*MNQH6/],
    [['--file', file, '--symbol', 'ESH4'], /^Error \[SYMBOL_UNKNOWN\]: .*MNQH6/],
    [['--file', file, '--start', '11:00'], /^Error \[DATE_OUTSIDE_FILE\]: .*14:25:00Z/],
  ] as const) {
    const { code, err } = await runCommand('bench', ...words);
    equal(code, 1);
    match(err, message);
  }
});

test('an interrupt ends the measuring between batches', async () => {
  const capture = captureWindow('future_mbo', date, '09:25');
  const options = { path: file, runtime: defaultRuntimeConfig, date, capture };
  const interrupt = new AbortController();
  const replay = await replayHashed(options, () => {}, interrupt.signal);
  const passes: number[] = [];
  const measuring = measureRound(options, replay, interrupt.signal, (done) => {
    passes.push(done);
    if (done === 2) interrupt.abort();
  });
  await rejects(measuring, { name: 'AbortError' });
  deepEqual(passes, [1, 2]);
  await rejects(
    replayHashed(options, () => {}, interrupt.signal),
    { name: 'AbortError' },
  );
});
