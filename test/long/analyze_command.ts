import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { after, before, test } from 'node:test';
import { conditionPath, Lake } from '../../src/lake/index.ts';
import { runCommand } from '../helpers/run_command.ts';

const root = resolve(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'spymaster-analyze-'));
const lake = new Lake(join(folder, 'lake'));
const lakeRoot = ['--lake-root', lake.root] as const;
const pipeline = join(folder, 'pipelines', 'mnq_demo.yaml');
const raw = join(lake.rawFolder('future_mbo', 'MNQH6'), 'glbx-mdp3-20260206.mbo.dbn.zst');
const { VP_INSTRUMENT_CONFIG_PATH: lockBefore } = process.env;

/** What a test reads of a report. */
interface Report {
  readonly subject: {
    readonly name: string;
    readonly kind: string;
    readonly source: { readonly sha256: string };
    readonly condition: string | null;
  };
  readonly left_out: string | null;
  readonly verdict: readonly { readonly text: string }[];
  readonly book: { readonly bins: number };
  readonly counters: Record<string, number>;
  readonly coverage: object;
  readonly missing: readonly string[];
  readonly feed: { readonly events: number } | null;
  readonly spectrum: {
    readonly empty_rows: number;
    readonly rows_per_bin: number;
    readonly state5: unknown;
    readonly flow: unknown;
  };
  readonly projection: object | null;
  readonly signal: { readonly rules: object; readonly thresholds: readonly object[] };
}

before(async () => {
  process.env.VP_INSTRUMENT_CONFIG_PATH = join(folder, 'instrument.yaml');
  cpSync(join(root, 'configs'), folder, { recursive: true });
  const small = (text: string) => text.replace(/grid_radius_ticks: .*/, 'grid_radius_ticks: 6');
  writeFileSync(join(folder, 'instrument.yaml'), small(readFileSync(join(folder, 'instrument.yaml'), 'utf8')));
  const spec = readFileSync(pipeline, 'utf8').replace(/start_time: .*/, 'start_time: "09:25"');
  // More bins than a reader of Parquet hands out at a time, 2,048.
  const many = spec.replace('pipeline: {}', 'pipeline: { cell_width_ms: 25 }');
  writeFileSync(pipeline, many.replace(/end_time: .*/, 'end_time: "09:26"'));
  mkdirSync(dirname(raw), { recursive: true });
  const made = await runCommand('synth', '--out', raw, '--minutes', '2.1', '--rate', '150');
  equal(made.code, 0, made.err);
});
after(() => {
  if (lockBefore === undefined) delete process.env.VP_INSTRUMENT_CONFIG_PATH;
  else process.env.VP_INSTRUMENT_CONFIG_PATH = lockBefore;
  rmSync(folder, { recursive: true });
});

async function analyze(...words: string[]): Promise<Report> {
  const { code, out, err } = await runCommand('analyze', ...words, ...lakeRoot, '--json');
  equal(code, 0, out + err);
  return JSON.parse(out) as Report;
}

test('a dataset and its pipeline give the same report, and the dataset’s own files what they can without the replay file', async () => {
  const made = JSON.parse((await runCommand('generate', pipeline, ...lakeRoot, '--json')).out) as {
    dataset_id: string;
    bins: number;
    rows: number;
  };
  const replayed = await analyze('--pipeline', pipeline, '--out', join(folder, 'piped'));
  const whole = await analyze(made.dataset_id);
  deepEqual({ ...whole, subject: { ...whole.subject, kind: 'pipeline' } }, replayed);
  deepEqual([whole.book.bins, whole.left_out], [made.bins, null]);
  // What a dataset leaves out is what the report calls empty.
  equal(whole.spectrum.empty_rows, whole.book.bins * whole.spectrum.rows_per_bin - made.rows);
  const files = readdirSync(lake.analysis(made.dataset_id)).sort();
  deepEqual(files, ['report.html', 'report.json']);
  deepEqual(JSON.parse(readFileSync(join(lake.analysis(made.dataset_id), 'report.json'), 'utf8')), whole);

  renameSync(raw, `${raw}.away`);
  const part = await analyze(made.dataset_id, '--out', join(folder, 'part'));
  renameSync(`${raw}.away`, raw);
  match(part.left_out!, /Cannot find a replay file/);
  match(part.verdict.map(({ text }) => text).join(' '), /replay file is not at hand/);
  deepEqual([part.feed, part.projection, part.spectrum.flow], [null, null, null]);
  for (const name of ['counters', 'book', 'coverage', 'missing'] as const) deepEqual(part[name], whole[name], name);
  deepEqual(part.signal, { ...whole.signal, flow: null });
  deepEqual(part.spectrum.state5, whole.spectrum.state5);
  equal(part.spectrum.empty_rows, whole.spectrum.empty_rows);
});

test('a day that the vendor calls degraded is named so, in the verdict and in the report', async () => {
  equal((await analyze('--pipeline', pipeline, '--out', join(folder, 'piped'))).subject.condition, null);
  writeFileSync(conditionPath(raw), '[{"date":"2026-02-06","condition":"degraded","last_modified_date":"2026-02-08"}]');
  const { subject, verdict } = await analyze('--pipeline', pipeline, '--out', join(folder, 'degraded'));
  rmSync(conditionPath(raw));
  equal(subject.condition, 'degraded');
  match(verdict.map(({ text }) => text).join(' '), /Databento calls its data of 2026-02-06 degraded/);
  match(readFileSync(join(folder, 'degraded', 'report.html'), 'utf8'), /Databento calls its data/);
});

test('the same session gives the same bytes, and other rules other trades alone', async () => {
  const [a, b] = [join(folder, 'piped'), join(folder, 'b')];
  const usual = await analyze('--pipeline', pipeline, '--out', b);
  for (const name of ['report.html', 'report.json'])
    ok(readFileSync(join(a, name)).equals(readFileSync(join(b, name))), name);
  const other = await analyze('--pipeline', pipeline, '--out', b, '--threshold', '0.05', '--tp-ticks', '2');
  deepEqual(other.spectrum, usual.spectrum);
  deepEqual(other.projection, usual.projection);
  equal(other.signal.thresholds.length, usual.signal.thresholds.length + 1);
});

/** The configuration of `replay` with a small grid. */
function smallConfig(): string {
  const path = join(folder, 'small.json');
  const given = JSON.parse(readFileSync(join(folder, 'replay.json'), 'utf8')) as { runtime: object };
  const runtime = { ...given.runtime, grid_radius_ticks: 6 };
  writeFileSync(path, JSON.stringify({ ...given, runtime, stream_start_time: '09:26' }));
  return path;
}

test('a file with its configuration needs nothing of the lake', async () => {
  const out = join(folder, 'file');
  const told = await runCommand('analyze', '--file', raw, '--config', smallConfig(), '--out', out);
  match(told.out, /Analysed [\d,]+ bins of glbx-mdp3-20260206\.mbo\.dbn\.zst/);
  match(told.out, /Every bin has a valid book\./);
  ok(existsSync(join(out, 'report.html')));
});

test('an impossible analysis is refused and leaves nothing behind', async () => {
  const out = join(folder, 'nothing');
  const failing = async (words: readonly string[], expected: RegExp) => {
    const { code, err } = await runCommand('analyze', ...words, ...lakeRoot);
    ok(code !== 0);
    match(err, expected);
    equal(existsSync(out), false);
  };
  await failing([], /one of them/);
  await failing(['d', '--pipeline', pipeline], /one of them/);
  await failing(['--file', raw, '--out', out], /--file needs --config/);
  await failing(['--pipeline', pipeline, '--config', 'x', '--out', out], /--config belongs to --file/);
  const cut = join(folder, 'cut.dbn.zst');
  const whole = readFileSync(raw);
  writeFileSync(cut, whole.subarray(0, Math.floor(whole.length * 0.7)));
  await failing(['--file', cut, '--config', smallConfig(), '--out', out], /\[(DBN_TRUNCATED|ZSTD_CORRUPT)\]/);
  await failing(['--pipeline', pipeline, '--out', join(cut, 'below')], /LAKE_NOT_WRITABLE/);
  await failing(['nobody', '--out', out], /DATASET_UNKNOWN/);
  await failing(['../..', '--out', out], /expected a plain name/);
  await failing(['--pipeline', pipeline, '--threshold', '2', '--out', out], /Expected a number/);
});

test('a run that is killed leaves no report, or a whole one', async () => {
  const out = join(folder, 'killed');
  const words = ['analyze', '--pipeline', pipeline, '--out', out, ...lakeRoot];
  const child = spawn(process.execPath, [join(root, 'bin', 'spymaster.js'), ...words], { stdio: 'ignore' });
  // Killed as soon as it has begun to write, which is before the work.
  const begun = setInterval(() => existsSync(out) && readdirSync(out).length > 0 && child.kill('SIGKILL'), 5);
  const [, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
  clearInterval(begun);
  equal(signal, 'SIGKILL');
  ok(readdirSync(out).every((name) => name.startsWith('.spymaster-tmp-')));
  await analyze('--pipeline', pipeline, '--out', out);
  ok(existsSync(join(out, 'report.html')) && existsSync(join(out, 'report.json')));
});
