import { deepEqual, doesNotMatch, equal, match, rejects, throws } from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { writeContractDay, writeSessionsExperiment } from '../../test/helpers/contract_day.ts';
import { smallSession } from '../../test/helpers/small_session.ts';
import { temporaryFolder } from '../../test/helpers/temporary_folder.ts';
import { defaultRuntimeConfig } from '../config/index.ts';
import { mboRecordBytes } from '../dbn/index.ts';
import { Lake, SpecFiles } from '../lake/index.ts';
import { generateDataset } from '../replay/index.ts';
import { assertComplete, estimateSizes, resolveSessions, type SessionPlan } from './index.ts';

const folder = temporaryFolder('sessions');
let lakes = 0;
const newLake = () => new Lake(join(folder, `lake${lakes++}`));

async function planOf(lake: Lake, sessions: string, more = ''): Promise<SessionPlan> {
  const experiment = await new SpecFiles(lake, defaultRuntimeConfig).anyExperiment(
    writeSessionsExperiment(lake, sessions, more),
  );
  if (experiment.sessions === null) throw new Error('an experiment with sessions has sessions');
  return resolveSessions(lake, experiment);
}
const datesOf = ({ sessions }: SessionPlan) => sessions.map(({ date }) => date);
const reasons = (days: readonly { readonly date: string; readonly reason: string }[]) =>
  days.map(({ date, reason }) => `${date} ${reason}`);

test('a range has the days on which the exchange is open in the window, half days by rule', async () => {
  const lake = newLake();
  for (const date of ['2026-02-12', '2026-02-13', '2026-02-16', '2026-02-17'])
    writeContractDay(lake, date, { MNQH6: 1 });
  const range = 'from: 2026-02-12, to: 2026-02-17';
  const skip = await planOf(lake, `{${range}}`);
  deepEqual(datesOf(skip), ['2026-02-12', '2026-02-13', '2026-02-17']);
  deepEqual(reasons(skip.skipped), ["2026-02-16 Presidents' Day, the exchange ends at 13:00"]);
  const clip = await planOf(lake, `{${range}, early_close: clip, exclude: [2026-02-13, 2025-01-01]}`);
  deepEqual(datesOf(clip), ['2026-02-12', '2026-02-16', '2026-02-17']);
  deepEqual(clip.sessions[1]?.window, { start_time: '09:30', end_time: '13:00' });
  match(clip.sessions[1]?.datasetId ?? '', /^mnqh6_20260216_0930_1300__p__/);
  match(clip.sessions[1]?.earlyClose ?? '', /Presidents' Day/);
  deepEqual(reasons(clip.skipped), ['2026-02-13 excluded']);
  match(clip.notes.join(), /not among the dates: 2025-01-01/);
  equal(clip.sessions[0]?.bins, 234_000);
  deepEqual([clip.missing, clip.rolls, clip.holdout], [[], [], []]);
  assertComplete(clip);
});

test('dates that are no sessions are named, and spoil no other', async () => {
  const lake = newLake();
  writeContractDay(lake, '2026-03-05', { MNQH6: 1 });
  const plan = await planOf(lake, '{dates: [2026-03-05, 2026-02-30, 2026-03-07, 2026-04-03, 2025-12-25]}');
  deepEqual(datesOf(plan), ['2026-03-05']);
  deepEqual(reasons(plan.skipped), [
    '2025-12-25 Christmas Day',
    '2026-02-30 2026-02-30 is not in the calendar',
    '2026-03-07 Saturday',
    '2026-04-03 Good Friday: the exchange ends at 09:15, before the window',
  ]);
});

test('a file without orders is missing, and says so', async () => {
  const lake = newLake();
  writeContractDay(lake, '2026-03-05', { MNQH6: 1 });
  const path = writeContractDay(lake, '2026-03-06', { MNQH6: 1 });
  writeFileSync(path, readFileSync(path).subarray(0, -3 * mboRecordBytes));
  const plan = await planOf(lake, '{dates: [2026-03-05, 2026-03-06]}');
  deepEqual(datesOf(plan), ['2026-03-05']);
  deepEqual(reasons(plan.missing), ['2026-03-06 glbx-mdp3-20260306.MNQH6.mbo.dbn holds no orders']);
});

test('dates at the ends of the exchange calendar, and beyond them', async () => {
  const lake = newLake();
  for (const date of ['2015-01-02', '2035-12-31', '2036-01-02']) writeContractDay(lake, date, { MNQH6: 1 });
  const dates = 'dates: [2014-12-31, 2015-01-02, 2035-12-31, 2036-01-02]';
  const plan = await planOf(lake, `{${dates}}`);
  deepEqual(datesOf(plan), ['2015-01-02', '2035-12-31']);
  match(
    reasons(plan.skipped)[0] ?? '',
    /^2014-12-31 Cannot tell whether the exchange is open on 2014-12-31: .* 2015 to 2035/,
  );
  const ruled = await planOf(lake, `{${dates}, contract: previous_volume}`);
  match(reasons(ruled.skipped)[1] ?? '', /^2015-01-02 Cannot tell whether the exchange is open on 2014-12-31/);
});

test('an evening of futures belongs to the next trading date: Sundays have one, Fridays none', async () => {
  const lake = newLake();
  for (const date of ['2026-03-05', '2026-03-06', '2026-03-08']) writeContractDay(lake, date, { MNQH6: 1 });
  const evening = 'window: {start_time: "18:00", end_time: "18:30"}';
  const plan = await planOf(lake, `{from: 2026-03-06, to: 2026-03-08, ${evening}}`);
  deepEqual(datesOf(plan), ['2026-03-08']);
  deepEqual(reasons(plan.skipped), ['2026-03-06 the exchange is closed from 18:00 to 18:30']);
  // In winter the UTC day ends at 19:00 in New York, and 19:30 is that of the evening before.
  const winter = await planOf(lake, `{dates: [2026-03-05], ${evening.replace('18:30', '19:30')}}`);
  match(reasons(winter.skipped).join(), /^2026-03-05 .*not before its end at 19:30/);
});

test('the contract is the most traded of the exchange session before, and rolls are named', async () => {
  const lake = newLake();
  writeContractDay(lake, '2026-03-12', { MNQH6: 50, MNQM6: 49, 'MNQH6-MNQM6': 500 });
  writeContractDay(lake, '2026-03-13', { MNQM6: 60, MNQH6: 60 });
  writeContractDay(lake, '2026-03-16', { MNQH6: 10, MNQM6: 90, MNQM7: 1 });
  writeContractDay(lake, '2026-03-17', { MNQM6: 1, MNQH6: 7000 });
  writeContractDay(lake, '2026-03-18', { MNQM6: 1, MNQH6: 1 });
  const rule = 'from: 2026-03-13, to: 2026-03-18, contract: previous_volume';
  const plan = await planOf(lake, `{${rule}}`);
  deepEqual(
    plan.sessions.map(({ date, symbol, contractSource }) => [date, symbol, contractSource]),
    [
      ['2026-03-13', 'MNQH6', 'volume'],
      // Equal volumes: the nearer expiry. The weekend lies between.
      ['2026-03-16', 'MNQH6', 'volume'],
      // Its own volume would say MNQH6, and is never looked at.
      ['2026-03-17', 'MNQM6', 'volume'],
      ['2026-03-18', 'MNQH6', 'volume'],
    ],
  );
  deepEqual(plan.rolls, [
    { date: '2026-03-17', from: 'MNQH6', to: 'MNQM6' },
    { date: '2026-03-18', from: 'MNQM6', to: 'MNQH6' },
  ]);
  const [, , june] = plan.sessions;
  equal(june?.pipeline.runtime.symbol, 'MNQM6');
  equal(june?.pipeline.runtime.tick_size, 0.25);
  match(june?.datasetId ?? '', /^mnqm6_20260317_0930_1600__p__/);
  deepEqual(plan.notes, []);
  // Volumes are read once: the cache answers, until the file is another.
  const cached = join(lake.root, 'cache', 'contract_volumes');
  equal(readdirSync(cached).length, 4);
  deepEqual(await planOf(lake, `{${rule}}`), plan);
  const changed = writeContractDay(lake, '2026-03-16', { MNQH6: 90, MNQM6: 10 });
  utimesSync(changed, 1, 1);
  deepEqual((await planOf(lake, `{${rule}}`)).rolls, []);
});

test('a day before that is missing is an error or a skipped day; the first falls back and says so', async () => {
  const lake = newLake();
  for (const date of ['2026-03-16', '2026-03-18', '2026-03-19']) writeContractDay(lake, date, { MNQM6: 2, MNQH6: 1 });
  const rule = 'from: 2026-03-16, to: 2026-03-19, contract: previous_volume';
  const plan = await planOf(lake, `{${rule}}`);
  deepEqual(
    plan.sessions.map(({ date, symbol, contractSource }) => [date, symbol, contractSource]),
    [
      ['2026-03-16', 'MNQH6', 'fallback'],
      ['2026-03-19', 'MNQM6', 'volume'],
    ],
  );
  match(plan.notes[0] ?? '', /2026-03-16 is the first session and takes the pipeline's MNQH6: .*2026-03-13/);
  deepEqual(
    plan.missing.map(({ date, symbol, fileDate }) => [date, symbol, fileDate]),
    [
      ['2026-03-17', 'MNQM6', '2026-03-17'],
      ['2026-03-18', null, '2026-03-17'],
    ],
  );
  throws(() => assertComplete(plan), {
    code: 'FILE_NOT_FOUND',
    message: /2 sessions lack what they need; .*--for SPEC.*\n {2}2026-03-17: the lake has no raw file of MNQM6\n/,
  });
  assertComplete(await planOf(lake, `{${rule}, missing: skip}`));
});

test('one contract on file was compared with no other, and two files of a day are refused', async () => {
  const lake = newLake();
  writeContractDay(lake, '2026-03-12', { MNQH6: 5 });
  writeContractDay(lake, '2026-03-13', { MNQH6: 5 });
  const rule = '{dates: [2026-03-13], contract: previous_volume}';
  match((await planOf(lake, rule)).notes.join(), /2026-03-13: the lake has MNQH6 alone of 2026-03-12/);
  // A file of another contract beside it is compared.
  writeContractDay(lake, '2026-03-12', { MNQM6: 6 });
  const both = await planOf(lake, rule);
  deepEqual(both.notes, []);
  deepEqual(both.missing, [
    {
      ...{ date: '2026-03-13', symbol: 'MNQM6', contractSource: 'volume', fileDate: '2026-03-13' },
      reason: 'the lake has no raw file of MNQM6, only of MNQH6',
    },
  ]);
  const second = writeContractDay(lake, '2026-03-13', { MNQH6: 5 }, { name: 'second-20260313.MNQH6.dbn' });
  const twice = await planOf(lake, '{dates: [2026-03-13]}');
  match(reasons(twice.missing).join(), /these files fit equally well: glbx-.*, second-20260313.*keep one of them/);
  rmSync(second);
  deepEqual(datesOf(await planOf(lake, '{dates: [2026-03-13]}')), ['2026-03-13']);
});

test('the last sessions are locked by the calendar, whether their files are there or not', async () => {
  const lake = newLake();
  for (const date of ['2026-03-03', '2026-03-04', '2026-03-05']) writeContractDay(lake, date, { MNQH6: 1 });
  const range = 'from: 2026-03-03, to: 2026-03-06, missing: skip';
  const plan = await planOf(lake, `{${range}, holdout: 2, final: 2026-03-31}`);
  deepEqual(plan.holdout, ['2026-03-05', '2026-03-06']);
  deepEqual(
    plan.sessions.map(({ isHoldout }) => isHoldout),
    [false, false, true],
  );
  equal(plan.final, '2026-03-31');
  const all = await planOf(lake, `{${range}, holdout: 4}`);
  throws(() => assertComplete(all), { code: 'CONFIG_INVALID', message: /all 3 sessions are locked by a holdout of 4/ });
  const none = await planOf(lake, '{dates: [2026-03-07]}');
  throws(() => assertComplete(none), {
    code: 'CONFIG_INVALID',
    message: /no day is a session \(2026-03-07: Saturday\)/,
  });
});

test('a session shorter than its warm-up is named, and so is a product with hours of its own', async () => {
  const lake = newLake();
  writeContractDay(lake, '2026-03-05', { MNQH6: 1 });
  const short = '{dates: [2026-03-05], window: {start_time: "09:30", end_time: "09:31"}}';
  const plan = await planOf(lake, short, 'pipeline: {cell_width_ms: 200}\n');
  deepEqual(reasons(plan.skipped), ['2026-03-05 300 bins from 09:30 to 09:31, all in the warm-up of 300']);
  doesNotMatch(plan.notes.join(), /may keep others/);
});

test('a file of another tick size, and one that cannot be read, are named', async () => {
  const lake = newLake();
  writeContractDay(lake, '2026-03-03', { MNQH6: 1 });
  writeContractDay(lake, '2026-03-04', { MNQH6: 1 }, { price: 25_000.1 });
  writeFileSync(writeContractDay(lake, '2026-03-05', { MNQH6: 1 }), 'no DBN');
  // The contract's day stands between those of others.
  writeContractDay(lake, '2026-03-06', { ESH6: 1 }, { name: 'all-20260306.dbn' });
  renameSync(
    join(lake.rawFolder('future_mbo', 'ESH6'), 'all-20260306.dbn'),
    join(lake.rawFolder('future_mbo', 'MNQH6'), 'all-20260306.dbn'),
  );
  const plan = await planOf(lake, '{from: 2026-03-03, to: 2026-03-06}');
  deepEqual(datesOf(plan), ['2026-03-03']);
  deepEqual(reasons(plan.skipped), [
    '2026-03-04 prices of glbx-mdp3-20260304.MNQH6.mbo.dbn go by 25000.1, and the tick is 0.25',
  ]);
  const [unreadable, others] = reasons(plan.missing);
  match(unreadable ?? '', /^2026-03-05 Cannot read .*20260305/);
  equal(others, '2026-03-06 all-20260306.dbn holds ESH6, not MNQH6');
  const rule = '{dates: [2026-03-06], contract: previous_volume}';
  writeFileSync(writeContractDay(lake, '2026-03-05', { MNQM6: 1 }), 'no DBN');
  match((await planOf(lake, rule)).notes.join(), /is the first session and takes the pipeline's MNQH6: Cannot read/);
});

test('datasets of the lake are sessions, unless they were made otherwise or are damaged', async () => {
  const lake = newLake();
  const raw = lake.rawFolder('future_mbo', 'MNQH6');
  mkdirSync(raw, { recursive: true });
  writeFileSync(join(raw, 'small-20260206.dbn'), smallSession(2000));
  const specs = new SpecFiles(lake, defaultRuntimeConfig);
  mkdirSync(lake.specs('pipelines'), { recursive: true });
  const made = async (name: string, end: string, cell: number) => {
    const path = join(lake.specs('pipelines'), `${name}.yaml`);
    const capture = `{product_type: future_mbo, symbol: MNQH6, dt: 2026-02-06, start_time: "09:26", end_time: "${end}"}`;
    writeFileSync(
      path,
      `name: ${name}\npipeline_code_version: 1\ncapture: ${capture}\npipeline: {cell_width_ms: ${cell}}\n`,
    );
    const pipeline = await specs.pipeline(path);
    return (await generateDataset({ lake, pipeline, codeVersion: 'test' })).manifest.dataset_id;
  };
  const [good, coarse, short] = [
    await made('a', '09:28', 100),
    await made('b', '09:28', 200),
    await made('c', '09:27', 200),
  ];
  const plan = await planOf(lake, `{datasets: [${coarse}, ${short}, ${good}]}`);
  deepEqual(
    plan.sessions.map(({ datasetId, isMade, bins, contractSource }) => [datasetId, isMade, bins, contractSource]),
    [[good, true, 1200, 'dataset']],
  );
  deepEqual(reasons(plan.skipped), [
    `2026-02-06 ${coarse}: made with cell_width_ms 200, and the pipeline has 100`,
    `2026-02-06 ${short}: made with cell_width_ms 200, and the pipeline has 100`,
  ]);
  deepEqual(await estimateSizes(lake, plan), { datasets: 0, bytes: 0, basis: 'similar' });
  const similar = await estimateSizes(lake, {
    ...plan,
    sessions: plan.sessions.map((each) => ({ ...each, isMade: false })),
  });
  deepEqual([similar.datasets, similar.basis], [1, 'similar']);
  equal(similar.bytes > 0, true);
  writeFileSync(join(lake.datasets(good), 'manifest.json'), '{}');
  match(reasons((await planOf(lake, `{datasets: [${good}]}`)).missing).join(), /checksum|SHA-256/);
});

test('datasets that are named are one session each; a legacy name is a capture', async () => {
  const lake = newLake();
  writeContractDay(lake, '2026-02-06', { MNQH6: 1 });
  const names = ['mnqh6_20260206_0925_1025', 'mnqh6_20260206_0925_0927_perm_v1', 'gone', 'mnqh6_20260205_0925_1025'];
  const plan = await planOf(lake, `{datasets: [${names.join(', ')}]}`);
  deepEqual(
    plan.sessions.map(({ date, symbol, window }) => [date, symbol, window.start_time, window.end_time]),
    [['2026-02-06', 'MNQH6', '09:25', '10:25']],
  );
  deepEqual(reasons(plan.skipped), [`2026-02-06 ${names[1]}: ${names[0]} is the session of this date already`]);
  deepEqual(reasons(plan.missing), [
    `2026-02-05 ${names[3]}: the lake has no raw file of MNQH6`,
    'gone the lake has no dataset gone',
  ]);
});

test('a contract of another root is refused, one of the same root only without a rule', async () => {
  const lake = newLake();
  const path = writeSessionsExperiment(lake, '{dates: [2026-03-05]}');
  const locked = { ...defaultRuntimeConfig, symbol: 'MNQM6' };
  await rejects(new SpecFiles(lake, locked).anyExperiment(path), { code: 'INSTRUMENT_LOCKED' });
  writeSessionsExperiment(lake, '{dates: [2026-03-05], contract: previous_volume}');
  await new SpecFiles(lake, locked).anyExperiment(path);
  await rejects(new SpecFiles(lake, { ...locked, symbol: 'ESM6', symbol_root: 'ES' }).anyExperiment(path), {
    code: 'INSTRUMENT_LOCKED',
  });
  await rejects(new SpecFiles(lake, defaultRuntimeConfig).experiment(path), { message: /has sessions/ });
});
