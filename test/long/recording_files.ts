import { deepEqual, equal, match } from 'node:assert/strict';
import { appendFileSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { after, before, test } from 'node:test';
import { zstdCompressSync } from 'node:zlib';
import { decodeDbn, encodeGapMark, encodeMetadata, mboWord, tsOfWords } from '../../src/dbn/index.ts';
import { FileLock, recordingLockPath } from '../../src/files/index.ts';
import { Lake } from '../../src/lake/index.ts';
import { runCommand } from '../helpers/run_command.ts';
import { encodeRecorded } from '../helpers/stream_marks.ts';
import { temporaryFolder } from '../helpers/temporary_folder.ts';

const folder = temporaryFolder('recording-files');
const lakeRoot = join(folder, 'lake');
const path = join(new Lake(lakeRoot).rawFolder('future_mbo', 'MNQH6'), 'glbx-mdp3-20260206.mbo.dbn');
const { VP_INSTRUMENT_CONFIG_PATH: lockBefore } = process.env;
/** The recording: metadata and records before the gap, and those behind it, up to past the capture's end. */
let first: Uint8Array;
let rest: Uint8Array;

before(async () => {
  process.env.VP_INSTRUMENT_CONFIG_PATH = resolve(import.meta.dirname, '../../configs/instrument.yaml');
  const historical = join(folder, 'historical.dbn');
  const made = await runCommand('synth', '--out', historical, '--minutes', '1.2', '--rate', '100');
  equal(made.code, 0, made.err);
  const { metadata, batches } = decodeDbn(readFileSync(historical));
  if (metadata === null) throw new Error('a file has metadata');
  const records: Uint8Array[] = [];
  let at = 0;
  let fromNs = 0n;
  for (const { bytes, words, count, recordBytes } of batches) {
    for (let i = 0; i < count; i++, at++) {
      records.push(bytes.slice(i * recordBytes, (i + 1) * recordBytes));
      if (at === 3000) fromNs = tsOfWords(words, (i * recordBytes) / 4 + mboWord.tsEventLo);
    }
  }
  const gap = encodeGapMark({ fromNs, toNs: fromNs + 2_000_000_000n, cause: 'disconnected' }, 3, false);
  const before = [...records.slice(0, 3001), encodeRecorded({ heartbeatNs: fromNs }), gap];
  first = Buffer.concat([encodeMetadata({ ...metadata, schema: null }), ...before]);
  rest = Buffer.concat(records.slice(3001));
  mkdirSync(dirname(path), { recursive: true });
});
after(() => {
  if (lockBefore === undefined) delete process.env.VP_INSTRUMENT_CONFIG_PATH;
  else process.env.VP_INSTRUMENT_CONFIG_PATH = lockBefore;
});

const inLake = (...words: string[]) => runCommand(...words, '--lake-root', lakeRoot);
const gapSaid = /1 gap in the recording, 2\.0 s.* from .*\(disconnected\)/;

function writeFile(name: string, text: string): string {
  const file = join(folder, name);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  return file;
}

test('inspect and replay read a recording to its last whole record, and say that it goes on', async () => {
  writeFileSync(path, Buffer.concat([first, rest.subarray(0, 1000 * 56 + 17)]));
  const config = JSON.parse(readFileSync(resolve(import.meta.dirname, '../../configs/replay.json'), 'utf8')) as object;
  const file = writeFile('replay.json', JSON.stringify({ ...config, stream_start_time: '09:25', end_time: '09:26' }));
  {
    using _recorder = FileLock.tryTake(recordingLockPath(path));
    const { code, out } = await runCommand('inspect', path, '--json');
    equal(code, 0, out);
    const report = JSON.parse(out);
    deepEqual([report.is_being_recorded, report.torn_tail_bytes, report.records], [true, 17, 4003]);
    deepEqual(
      [report.gaps.count, report.gaps.missing_ns, report.gaps.list[0].cause],
      [1, '2000000000', 'disconnected'],
    );
    match(report.anomalies.join('\n'), gapSaid);
    match(
      (await runCommand('inspect', path)).out,
      /Recording +goes on: .*\n(?:.*\n)*gap from +length +cause\n(?:.*\n)*?.*disconnected/,
    );
    const replayed = await runCommand('replay', path, '--config', file, '--out', join(folder, 'growing'));
    equal(replayed.code, 0, replayed.err);
    match(replayed.out, gapSaid);
    match(replayed.err, /still being recorded: it was read up to its last whole record/);
  }
  const left = await runCommand('inspect', path);
  equal(left.code, 0, left.err);
  match(left.out, /the recording ends in 17 bytes at byte \d+ that are no whole record/);
  const replayed = JSON.parse(
    (await runCommand('replay', path, '--config', file, '--out', join(folder, 'left'), '--json')).out,
  );
  equal(replayed.is_being_recorded, false);
  match(replayed.anomalies.join('\n'), /17 bytes/);
});

test('generate waits for the end of a capture, and neither growing nor compressing makes another source', async () => {
  const pipeline = writeFile(
    'pipelines/live.yaml',
    `name: live
pipeline_code_version: 1
capture: {product_type: future_mbo, symbol: MNQH6, dt: "2026-02-06", start_time: "09:25", end_time: "09:26"}
pipeline: {cell_width_ms: 1000, grid_radius_ticks: 8, n_absolute_ticks: 512}
`,
  );
  const recorder = FileLock.tryTake(recordingLockPath(path));
  writeFileSync(path, Buffer.concat([first, rest.subarray(0, 1000 * 56)]));
  const early = await inLake('generate', pipeline);
  equal(early.code, 1);
  match(
    early.err,
    /^Error \[DATE_OUTSIDE_FILE\]: .*ends at 2026-02-06 09:26:00\S* New York time, and the recording .* has reached/,
  );

  appendFileSync(path, rest.subarray(1000 * 56, rest.length - 56));
  const made = await inLake('generate', pipeline, '--json');
  equal(made.code, 0, made.err + made.out);
  const { coverage, is_new, missing } = JSON.parse(made.out);
  deepEqual([is_new, coverage.gaps.count, coverage.gaps.list[0].cause], [true, 1, 'disconnected']);
  match(missing.join('\n'), gapSaid);

  const again = async () => {
    const { out, err } = await inLake('generate', pipeline, '--verify', '--json');
    const { raw_file } = JSON.parse(out);
    return [raw_file.state, err];
  };
  appendFileSync(path, rest.subarray(rest.length - 56));
  deepEqual(await again(), ['same', '']);
  recorder?.release();
  writeFileSync(`${path}.zst`, zstdCompressSync(readFileSync(path)));
  renameSync(path, join(folder, 'plain.dbn'));
  deepEqual(await again(), ['same', '']);
});

test('doctor lists recordings with gaps, and those that were left within a record', async () => {
  renameSync(`${path}.zst`, join(folder, 'whole.dbn.zst'));
  writeFileSync(path, first.subarray(0, first.length - 320 - 7));
  const findings = async () => {
    const { out } = await inLake('doctor', '--json');
    const all = JSON.parse(out).findings as { check: string; state: string; found: string }[];
    return all.filter(({ check }) => check === 'recordings').map(({ state, found }) => `${state}: ${found}`);
  };
  const [torn] = await findings();
  match(torn ?? '', /^warning: raw\/.*20260206\.mbo\.dbn ends in 313 bytes that are no whole record/);
  writeFileSync(path, first);
  using _recorder = FileLock.tryTake(recordingLockPath(path));
  const said = (await findings()).join('\n');
  match(said, /^ok: .* is still being recorded$/m);
  match(said, /^warning: .* has 1 gap, 2\.0 s in all, the longest from 2026-02-06 .* \(disconnected\)$/m);
});
