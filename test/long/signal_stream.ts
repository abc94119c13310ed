import { deepEqual, equal, match, notEqual, ok, rejects } from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Lake, ResultsStore, runMeta, ServingRegistry } from '../../src/lake/index.ts';
import { type Server, startSignalWatch } from '../../src/server/index.ts';
import { checkSpec } from '../../src/server/runs/plan_answers.ts';
import { describedSignalDefinition } from '../../src/signals/index.ts';
import { CellRunner } from '../../src/sweep/cell_runner.ts';
import { loadDataset } from '../../src/sweep/dataset.ts';
import { type SweepPlan, WatchedSignal, type WatchState } from '../../src/sweep/index.ts';
import { findUserSignal, storeCheck, storedDescription, storeSource } from '../../src/user_signals/index.ts';
import type { GridUpdate, RuntimeConfigMessage } from '../../src/wire/index.ts';
import { RedisServer, withoutRedis } from '../helpers/redis_server.ts';
import { runCommand } from '../helpers/run_command.ts';
import { connectTo, serve } from '../helpers/stream_server.ts';
import { temporaryFolder } from '../helpers/temporary_folder.ts';
import { twoDays } from '../helpers/two_days_lake.ts';
import {
  drawUserSeries,
  now,
  promoteUserSignal,
  runUserSignal,
  specifyUserSignal,
  userSignalInstrument,
} from '../helpers/user_signal_lake.ts';

/* A version of a user's signal streams what was evaluated, whatever has become of the file since. */

const lake = new Lake(temporaryFolder('signal-stream'));
let server: Server;
let plan: SweepPlan;
let evaluated: number[];
const runMine = () => runUserSignal(lake);
const promote = (runId: string, alias: string) => promoteUserSignal(lake, runId, alias);

before(async () => {
  await specifyUserSignal(lake);
  plan = await runMine();
  evaluated = await scoresOf(plan, twoDays[1]);
  server = await serve(lake, { limits: { signalStallMs: 1000 } });
});
after(async () => {
  await server?.close();
});

/** The scores that a sweep evaluates in the session of a date. */
async function scoresOf({ cells, ...rest }: SweepPlan, date: string): Promise<number[]> {
  const dataset = await loadDataset(lake, await datasetOf(date), rest.runtime.grid_radius_ticks, ['v_add']);
  const runner = new CellRunner(rest, dataset.series, dataset.columns, { startOfDayMs: 0, isOnly: true });
  return Array.from(runner.scores(cells.at(0)));
}

const inLake = (...words: string[]) => runCommand(...words, '--lake-root', lake.root);

async function datasetOf(date: string): Promise<string> {
  const { sessions } = JSON.parse((await metaOf(plan.cells.at(0).runId)).resolvedJson);
  return sessions.find((one: { date: string }) => one.date === date).datasetId;
}

async function metaOf(runId: string) {
  using store = await ResultsStore.open(lake);
  return (await runMeta(store, runId)) as { resolvedJson: string };
}

/** Publishes the signal's present file as the signal of the version `mine`, under another alias. */
async function publishFile(alias: string): Promise<void> {
  const { description, source } = await findUserSignal({ lake }, 'my_signal');
  await storeSource(lake, describedSignalDefinition(description, source));
  using registry = new ServingRegistry(lake);
  const { spec } = registry.resolve('mine');
  const signal = { name: 'my_signal', params: { ...spec.signal?.params }, source_hash: source.hash };
  registry.publish({ ...spec, serving_id: `srv_${alias}`, signal }, { now, alias });
}

/** What a stream sends from bin `from` on, and what it ends with. */
async function streamed(serving: string, from = 0) {
  const client = connectTo(server, `serving=${serving}`);
  await client.opened();
  if (from > 0) client.control('seek', { bin_seq: from });
  client.control('speed', { speed: 'max' });
  await client.closed;
  const bins = new Map(client.bins.map(({ seq, text }) => [seq, JSON.parse(text) as GridUpdate]));
  const config = client.messages.find(({ type }) => type === 'runtime_config') as unknown as RuntimeConfigMessage;
  return { bins, config, error: String(client.messages.find(({ type }) => type === 'error')?.message) };
}

type Stream = Awaited<ReturnType<typeof streamed>>;
const scores = ({ bins }: Stream, from: number, to: number) =>
  Array.from({ length: to - from }, (_, at) => bins.get(from + at)?.state_model_score);

test('its stream has the scores of the sweep to the bit, from the start and the middle, whatever the file is now', async () => {
  const { runId } = plan.cells.at(0);
  const spec = await promote(runId, 'mine');
  equal(spec.signal?.source_hash, plan.signalSource);
  ok(new Set(evaluated).size > 100);
  const count = evaluated.length;
  const whole = await streamed('mine');
  deepEqual(scores(whole, 0, count), evaluated);
  deepEqual([whole.config.signal.name, whole.config.signal.score_bound], ['my_signal', 1]);

  const path = join(lake.signals, 'my_signal.ts');
  const text = readFileSync(path, 'utf8');
  const changed = text.replace('return z.count < minPeriods ? null : tanh(score / 3)', 'return -0.5');
  notEqual(changed, text);
  writeFileSync(path, changed);
  await server.close();
  server = await serve(lake, { limits: { signalStallMs: 1000 } });
  deepEqual(scores(await streamed('mine', 300), 300, count), evaluated.slice(300));
  rmSync(path);
  const day = `${runId}.${twoDays[1].replaceAll('-', '')}`;
  deepEqual(scores(await streamed(day), 0, count), evaluated);

  const simulated = await inLake(
    'online-sim',
    '--serving',
    'mine',
    '--dataset-id',
    await datasetOf(twoDays[1]),
    '--json',
  );
  equal(simulated.code, 0, simulated.err);
  equal(JSON.parse(simulated.out).last_score, evaluated.at(-1));
  writeFileSync(path, text);
});

test('shards take it from the lake, and the whole is judged from what they stored', async () => {
  const experiment = join(lake.specs('experiments'), 'mine.yaml');
  process.env.SPYMASTER_INSTRUMENT = join(lake.root, 'instrument.yaml');
  writeFileSync(process.env.SPYMASTER_INSTRUMENT, JSON.stringify(userSignalInstrument));
  writeFileSync(experiment, readFileSync(experiment, 'utf8').replace('far_ticks: [3, 5]', 'far_ticks: [3, 5, 6]'));
  try {
    const ran = await inLake('run', experiment, '--shard', '1/1');
    equal(ran.code, 0, ran.err);
    const judged = await inLake('run', experiment, '--json');
    equal(judged.code, 0, judged.err);
    deepEqual([JSON.parse(judged.out).cells, JSON.parse(judged.out).ran], [3, 0]);
  } finally {
    delete process.env.SPYMASTER_INSTRUMENT;
  }
});

test('a worker of a queue, in a process of its own, takes it from the lake when its file is gone', {
  skip: withoutRedis(),
}, async () => {
  await using redis = await RedisServer.start();
  const experiment = join(lake.specs('experiments'), 'mine.yaml');
  const [file, bin] = [join(lake.signals, 'my_signal.ts'), join(import.meta.dirname, '../../bin/spymaster.js')];
  const text = readFileSync(file, 'utf8');
  process.env.SPYMASTER_INSTRUMENT = join(lake.root, 'instrument.yaml');
  writeFileSync(experiment, readFileSync(experiment, 'utf8').replace('[3, 5, 6]', '[3, 5, 6, 7]'));
  try {
    const submitted = await inLake('submit', experiment, '--queue', redis.url, '--json');
    equal(submitted.code, 0, submitted.err);
    rmSync(file);
    const words = ['worker', '--queue', redis.url, '--slots', '1', '--until-empty', '--json', '--lake', lake.root];
    const worker = await promisify(execFile)(process.execPath, [bin, ...words]);
    const { ran, failed, failed_jobs: failedJobs } = JSON.parse(worker.stdout);
    deepEqual([ran, failed, failedJobs], [2, 0, 0]);
    writeFileSync(file, text);
    const judged = await inLake('run', experiment, '--json');
    equal(judged.code, 0, judged.err);
    deepEqual([JSON.parse(judged.out).cells, JSON.parse(judged.out).ran], [4, 0]);
  } finally {
    writeFileSync(file, text);
    delete process.env.SPYMASTER_INSTRUMENT;
  }
});

test('a changed file gives another run and another version under the same name; both stream side by side', async () => {
  const path = join(lake.signals, 'my_signal.ts');
  const text = readFileSync(path, 'utf8');
  drawUserSeries(lake);
  writeFileSync(path, readFileSync(path, 'utf8').replace('tanh(score / 3)', '-tanh(score / 3)'));
  const turned = await runMine();
  await promote(turned.cells.at(0).runId, 'turned');
  const [before, after] = await Promise.all(['mine', 'turned'].map((name) => streamed(name)));
  deepEqual(after?.config.signal.series, [{ name: 'score', about: 'the score itself' }]);
  const [none, some] = [300, 301].map((bin) => after?.bins.get(bin)?.state_model_series?.[0]);
  deepEqual([none, typeof some, before?.bins.get(301)?.state_model_series], [null, 'number', undefined]);
  const shown = async ({ cells }: SweepPlan) =>
    (await server.app.inject(`/v1/experiments/runs/${cells.at(0).runId}/detail`)).json().signal_source;
  const [first, second] = [await shown(plan), await shown(turned)];
  deepEqual([first.now, second.now, second.hash], ['changed', 'same', turned.signalSource]);
  equal(first.files['my_signal.ts'], text);
  const mirrored = evaluated.map((score) => (score === 0 ? 0 : -score));
  deepEqual(scores(before as Stream, 0, evaluated.length), evaluated);
  deepEqual(
    scores(after as Stream, 0, evaluated.length).map((score) => score || 0),
    mirrored,
  );
  writeFileSync(path, text);
});

test('an exception ends the stream behind its last whole bin with file, line and bin, an endless loop with its bin', async () => {
  const path = join(lake.signals, 'my_signal.ts');
  const text = readFileSync(path, 'utf8');
  const at = 'const score = z.push';
  const wrong = (what: string) =>
    text.replace(at, `if (++bins === 700) ${what}\n        ${at}`).replace('return {', 'let bins = 0;\n    return {');
  writeFileSync(path, wrong("throw new TypeError('late');"));
  await publishFile('throws');
  const thrown = await streamed('throws');
  match(thrown.error, /The signal my_signal failed at bin 699 in .*my_signal\.ts:\d+:\d+: TypeError: late/);
  equal(Math.max(...thrown.bins.keys()), 698);
  writeFileSync(path, wrong('for (;;);'));
  await publishFile('endless');
  const endless = await streamed('endless');
  match(
    endless.error,
    /The signal my_signal did not come back at bin 699 within 1 s in .*my_signal\.ts; look for a loop/,
  );
  writeFileSync(path, text);
});

test('a watch runs again at each save, and keeps what worked beside what is wrong since', async () => {
  const path = join(lake.signals, 'my_signal.ts');
  const text = readFileSync(path, 'utf8');
  const [places, datasetId] = [{ lake }, await datasetOf(twoDays[1])];
  const watched = await WatchedSignal.open({ lake, places, name: 'my_signal', datasetId, stallMs: 10_000 });
  let next = Promise.withResolvers<WatchState>();
  const told = async (save?: string) => {
    if (save !== undefined) writeFileSync(path, save);
    const state = await next.promise;
    next = Promise.withResolvers();
    return state;
  };
  const onState = (state: WatchState) => next.resolve(state);
  await using watch = await startSignalWatch({
    ...{ watched, name: 'my_signal', folder: lake.signals, port: 0, now: () => new Date(), onState, maxListeners: 2 },
  });
  const first = (await told()).run;
  equal(first?.scores.length, 600);
  ok((first?.firings.bins.length ?? 0) > 0);
  const wrong = await told(text.replace('const score = z.push', 'oops();\n        const score = z.push'));
  match(String(wrong.error), /failed at bin 0 in .*my_signal\.ts:22:9: ReferenceError: oops is not defined/);
  const shown = (await (await fetch(`${watch.address}/state`)).json()) as Record<string, never> & {
    run: { source_hash: string };
  };
  deepEqual([shown.error, shown.run.source_hash], [wrong.error, first?.hash]);
  match(String((await told(text.replace('export default', 'export default ('))).error), /Cannot load .*my_signal\.ts/);
  const turned = await told(text.replace('tanh(score / 3)', '-tanh(score / 3)'));
  deepEqual([turned.error, turned.run?.scores[500]], [null, -(first?.scores[500] ?? 0)]);
  match(await (await fetch(watch.address)).text(), /my_signal – watched/);
  const events = () => fetch(`${watch.address}/events`);
  const followers = [await events(), await events()];
  const third = await events();
  deepEqual([third.status, third.headers.get('retry-after')], [503, '1']);
  match(await third.text(), /TOO_BUSY.*Cannot follow my_signal: 2 others do so already/);
  for (const { body } of followers) await body?.cancel();
  let answer = await events();
  for (; answer.status !== 200; answer = await events()) await pause(20);
  await answer.body?.cancel();
  writeFileSync(path, text);
});

test('the page checks, and refuses to start, a sweep of a signal as the command does', async () => {
  const path = join(lake.specs('experiments'), 'mine.yaml');
  process.env.SPYMASTER_INSTRUMENT = join(lake.root, 'instrument.yaml');
  const [file, spec] = [join(lake.signals, 'my_signal.ts'), readFileSync(path, 'utf8')];
  const text = readFileSync(file, 'utf8');
  try {
    const checked = await checkSpec(lake, { path, text: spec });
    deepEqual([checked.valid, checked.valid && checked.cost.refusal], [true, null]);
    writeFileSync(file, `${text}// not checked\n`);
    const refused = await checkSpec(lake, { path, text: spec });
    match(
      String(refused.valid && refused.cost.refusal?.message),
      /as it is now has not been checked; run `npx spymaster/,
    );
    writeFileSync(file, 'export default 1;');
    const broken = await checkSpec(lake, { path, text: spec });
    match(String(!broken.valid && broken.message), /my_signal\.ts: expected a definition as its default export/);
  } finally {
    writeFileSync(file, text);
    delete process.env.SPYMASTER_INSTRUMENT;
  }
});

test('a stored source that was changed or lost is refused, and a check that failed since is, too', async () => {
  const { runId } = plan.cells.at(1);
  const hash = String(plan.signalSource);
  await storeCheck(lake, hash, { passed: false, checked_at_utc: now(), dataset_id: null, code_version: 'test' });
  await rejects(promote(runId, 'other'), { code: 'SIGNAL_UNCHECKED' });
  const path = join(lake.signalVersion(hash), 'source.json');
  const text = readFileSync(path, 'utf8');
  writeFileSync(path, text.replace('tanh(score / 3)', 'tanh(score / 2)'));
  await rejects(storedDescription(lake, 'my_signal', hash), {
    code: 'CHECKSUM_MISMATCH',
    message: /its files are not those that .* names; put it back/,
  });
  rmSync(path);
  await rejects(storedDescription(lake, 'my_signal', hash), { code: 'FILE_NOT_FOUND' });
  writeFileSync(path, text);
});
