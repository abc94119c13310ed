import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, test } from 'node:test';
import { Lake } from '../../src/lake/index.ts';
import type { comparisonJson } from '../../src/sweep/index.ts';
import type { SweepRow } from '../../src/wire/index.ts';
import { runCommand as run } from '../helpers/run_command.ts';

const folder = mkdtempSync(join(tmpdir(), 'spymaster-experiments-'));
const lakeRoot = join(folder, 'lake');
const experiment = join(folder, 'experiments', 'nothing.yaml');
const { VP_INSTRUMENT_CONFIG_PATH: lockBefore } = process.env;

/** A session without any predictability, and a sweep that looks for some. */
before(async () => {
  process.env.VP_INSTRUMENT_CONFIG_PATH = resolve(import.meta.dirname, '../../configs/instrument.yaml');
  const write = (kind: string, name: string, text: string) => {
    mkdirSync(join(folder, kind), { recursive: true });
    writeFileSync(join(folder, kind, `${name}.yaml`), `name: ${name}\n${text}`);
  };
  write(
    'pipelines',
    'nothing',
    `pipeline_code_version: 1
capture: {product_type: future_mbo, symbol: MNQH6, dt: "2026-02-06", start_time: "09:25", end_time: "09:31"}
pipeline: {grid_radius_ticks: 26, n_absolute_ticks: 1024}
`,
  );
  write('serving', 'nothing', 'pipeline: nothing\nsignal: {name: derivative, params: {zscore_min_periods: 60}}\n');
  write(
    'experiments',
    'nothing',
    `serving: nothing
eval: {tp_ticks: [2, 4], sl_ticks: [2, 4], max_hold_bins: 60, warmup_bins: 100, cooldown_bins: 10, split: {folds: 3}}
sweep: {per_signal: {derivative: {zscore_window_bins: [80, 160], d2_weight: [0, 0.5, 1]}}}
`,
  );
  const raw = join(new Lake(lakeRoot).rawFolder('future_mbo', 'MNQH6'), 'glbx-mdp3-20260206.mbo.dbn.zst');
  const made = await run(
    'synth',
    '--out',
    raw,
    '--minutes',
    '6.1',
    '--rate',
    '150',
    '--profile',
    'null',
    '--seed',
    '2026',
  );
  equal(made.code, 0, made.err);
});
after(() => {
  if (lockBefore === undefined) delete process.env.VP_INSTRUMENT_CONFIG_PATH;
  else process.env.VP_INSTRUMENT_CONFIG_PATH = lockBefore;
  rmSync(folder, { recursive: true });
});

const inLake = (...words: string[]) => run(...words, '--lake-root', lakeRoot);
const json = async <T>(...words: string[]) => {
  const { code, out, err } = await inLake(...words, '--json');
  equal(code, 0, out + err);
  return JSON.parse(out) as T;
};

test('the plan is shown before anything runs', async () => {
  const { code, out } = await inLake('run', experiment, '--dry-run');
  equal(code, 0);
  match(out, /nothing: 24 cells of derivative on mnqh6_20260206_0925_0931__nothing__/);
  match(out, /derivative\.zscore_window_bins +80, 160/);
  match((await inLake('compare')).out, /No run fits/);
});

test('from a spec to a promoted alias; in a market of nothing nothing is found', async () => {
  const first = await json<{ ran: number; made_dataset: boolean; statistics: SweepRow }>(...['run', experiment]);
  deepEqual([first.ran, first.made_dataset], [24, true]);
  const { best_deflated_sharpe: deflated, n_survivors } = first.statistics;
  ok(n_survivors === 0 && (deflated === null || deflated < 0.95), `deflated Sharpe ratio ${deflated}`);
  const again = await inLake('run', experiment);
  match(again.out, /^Ran 0 cells of nothing in .*; 24 had results already\./);
  const listed = await json<ReturnType<typeof comparisonJson>>('compare', '--experiment', 'nothing', '--top', '10');
  deepEqual(
    again.out.match(/^[0-9a-f]{8}(?= )/gm),
    listed.runs.map(({ run_id }) => run_id.slice(0, 8)),
    'a run lists the runs that compare lists, in its order',
  );

  const { runs, family, sweeps } = await json<ReturnType<typeof comparisonJson>>('compare', '--sort', 'p_profit');
  deepEqual([family.runs, runs.length, sweeps.length], [24, 20, 1]);
  for (const { q_value: q } of runs) ok(q === null || q > 0.05, `q-value ${q}`);
  const { out: table } = await inLake('compare', '--top', '3');
  match(table, /tp rate +mid +cost +net +95 % interval +p +q +adjusted p/);
  match(table, /correct for \d[\d,]* tested trials? of the family, of which 24 runs are listed here/);

  const misspelt = await inLake('compare', '--experiment', 'nothin');
  deepEqual([misspelt.code, misspelt.out], [1, '']);
  match(misspelt.err, /EXPERIMENT_UNKNOWN.*no results of the experiment "nothin"; the nearest is "nothing"/);

  const runId = runs[0]!.run_id;
  const refused = await inLake('promote', experiment, '--run-id', runId.slice(0, 12), '--alias', 'live');
  equal(refused.code, 2);
  match(refused.err, /^Error \[USAGE\]: Nothing was published\. It .*The verdict on nothing is: .*pass --yes/);
  const elsewhere = await inLake(
    ...['promote', experiment, '--run-id', runId, '--alias', 'live', '--yes', '--session', '2001-01-01'],
  );
  equal(elsewhere.code, 1);
  match(elsewhere.err, /Cannot stream 2001-01-01 of the run .*it was evaluated on 2/);
  const promoted = await json<{ serving_id: string; reused: boolean }>(
    ...['promote', experiment, '--run-id', runId.slice(0, 12), '--alias', 'live', '--yes'],
  );
  deepEqual([promoted.serving_id.startsWith(`srv_nothing_${runId.slice(0, 8)}_`), promoted.reused], [true, false]);
  const other = await json<{ serving_id: string }>(
    'promote',
    experiment,
    '--run-id',
    runs[5]!.run_id,
    '--alias',
    'live',
    '--yes',
  );
  const { events } = await json<{ events: { toServingId: string }[] }>('serving', 'history', 'live');
  deepEqual(
    events.map((event) => event.toServingId),
    [promoted.serving_id, other.serving_id],
  );
  await json('serving', 'rollback', 'live', '--to', promoted.serving_id, '--reason', 'it was better');
  const { aliases } = await json<{ aliases: { alias: string; servingId: string }[] }>('list-servings');
  deepEqual(
    aliases.map(({ alias, servingId }) => [alias, servingId]),
    [['live', promoted.serving_id]],
  );
  match((await inLake('list-servings')).out, new RegExp(`live +${promoted.serving_id} +derivative`));

  const dataset = runs[0]!.dataset_id;
  const simulated = await json<{ bins: number; misses: number }>(
    'online-sim',
    '--signal',
    'jad',
    '--dataset-id',
    dataset,
  );
  equal(simulated.bins, 3600);
  // One part of the dataset's units, one of all that is of no dataset.
  match((await inLake('results', 'compact')).out, /Nothing to merge: the store has 2 parts/);
  equal((await json<ReturnType<typeof comparisonJson>>('compare')).family.runs, 24);
});

test('an axis without effect and a silent signal are told by validate and the plan', async () => {
  const make = (name: string, signal: string, sweep: string) => {
    writeFileSync(
      join(folder, 'serving', `${name}.yaml`),
      `name: ${name}\npipeline: nothing\nsignal: {name: ${signal}}\n`,
    );
    const file = join(folder, 'experiments', `${name}.yaml`);
    writeFileSync(
      file,
      `name: ${name}\nserving: ${name}\neval: {tp_ticks: 2, sl_ticks: 2, max_hold_bins: 60}\nsweep: {${sweep}}\n`,
    );
    return file;
  };
  const deaf = make(
    'deaf',
    'derivative',
    'scoring: {tanh_scale: [2, 3]}, per_signal: {derivative: {spatial_decay_power: [0, 1]}}',
  );
  const silent = make('silent', 'iirc', 'per_signal: {}');
  for (const [file, expected] of [
    [
      deaf,
      [/^scoring\.tanh_scale changes no firing of derivative/, /^derivative\.spatial_decay_power changes no firing/],
    ],
    [silent, [/^iirc hardly ever fires with min_imbalance 0\.1/]],
  ] as const) {
    for (const words of [
      ['validate', file],
      ['run', file, '--dry-run'],
    ]) {
      const { warnings } = await json<{ warnings: string[] }>(...words);
      equal(warnings.length, expected.length, warnings.join());
      for (const [index, pattern] of expected.entries()) match(warnings[index]!, pattern);
      const { out } = await inLake(...words);
      equal(out.split('\n').filter((line) => line.startsWith('Warning: ')).length, expected.length);
    }
  }
  deepEqual((await json<{ warnings: string[] }>('validate', experiment)).warnings, []);
});

test('impossible requests end in one sentence', async () => {
  for (const [words, said] of [
    [['promote', experiment, '--run-id', 'zz', '--alias', 'live'], /^Error \[RUN_UNKNOWN\]: Cannot find the run "zz"/],
    [['serving', 'history', 'nobody'], /^Error \[SERVING_UNKNOWN\]/],
    [['online-sim', '--signal', 'jed', '--dataset-id', 'none'], /^Error \[DATASET_UNKNOWN\]/],
    [['online-sim', '--signal', 'jad', '--dataset-id', 'none', '--signal-params-json', '7'], /^Error \[USAGE\]/],
    [['compare', '--sort', 'luck'], /^Error \[USAGE\]: .*Allowed choices are evidence, tp_rate/],
    [['run', join(folder, 'none.yaml')], /^Error \[FILE_NOT_FOUND\]/],
  ] as const) {
    const { code, err } = await inLake(...words);
    ok(code === 1 || code === 2, words.join(' '));
    match(err, said);
  }
  const { out } = await run('list-signals');
  for (const name of ['derivative', 'ads', 'erd', 'iirc', 'jad', 'msd', 'pfp', 'pva', 'spg'])
    match(out, new RegExp(`^${name}: `, 'm'));
});
