import { deepEqual, equal, match, rejects } from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryFolder } from '../../test/helpers/temporary_folder.ts';
import { importModel } from './import_model.ts';
import type { TrainingManifest } from './training_manifest.ts';

const folder = temporaryFolder('import-model');
const dates = ['2026-02-03', '2026-02-04', '2026-02-05', '2026-02-06'];
const rows = { train: 1, test: 1, purged: 0, embargo: 0 };

function trainingSet(name: string, changes: Partial<TrainingManifest> = {}): string {
  const path = join(folder, name);
  mkdirSync(path);
  writeFileSync(join(path, 'features.parquet'), 'features');
  const sha256 = createHash('sha256').update('features').digest('hex');
  const manifest: TrainingManifest = {
    ...({
      format: 'spymaster-training-set',
      version: 1,
      experiment: 'e',
      code_version: 'test',
      cell_width_ms: 100,
    } as const),
    feature_list: [{ name: 'p', column: 'pressure_variant', k: [-1, 1] }],
    feature_names: ['p_m1', 'p_1'],
    label: { kind: 'first_move', tp_ticks: 4, sl_ticks: 4, max_hold_bins: 20, tick_size: 0.25 },
    sessions: dates.map((date) => ({ root: 'MNQ', date, symbol: 'MNQH6', dataset_id: date, rows: 10, labelled: 9 })),
    folds: [
      { name: 'fold_1', train: dates.slice(0, 2), test: [dates[2]!], rows },
      { name: 'fold_2', train: dates.slice(0, 3), test: [dates[3]!], rows },
    ],
    ...({ folds_by: 'walk_forward', embargo_bins: 0, purged: true } as const),
    files: { 'features.parquet': { bytes: 8, sha256 } },
    ...changes,
  };
  writeFileSync(join(path, 'manifest.json'), JSON.stringify(manifest));
  return path;
}

function model(name: string, changes: object = {}): string {
  const path = join(folder, name);
  const value = {
    format: 'spymaster-linear',
    version: 1,
    link: 'logistic',
    coef: [[1, -1]],
    intercept: [0],
    ...changes,
  };
  writeFileSync(path, JSON.stringify(value));
  return path;
}

const signals = join(folder, 'signals');
const set = trainingSet('set');
const one = model('one.json', { features: ['p_m1', 'p_1'] });
const two = model('two.json');
const imported = (files: string[], changes: Partial<Parameters<typeof importModel>[0]> = {}) =>
  importModel({ files, name: 'm', trainingSet: set, folder: signals, force: true, ...changes });

test('an imported model names the sessions of its fold, and a walk-forward the date from which each is asked', async () => {
  const all = await imported([one]);
  equal(all.score, 'probability');
  deepEqual(
    all.models[0]?.sessions.map(({ date }) => date),
    dates,
  );
  equal((await imported([one], { fold: 'fold_1' })).models[0]?.sessions.length, 2);
  const walk = await imported([one, two]);
  deepEqual(
    walk.models.map(({ from, sessions }) => [from, sessions.length]),
    [
      [dates[2], 2],
      [dates[3], 3],
    ],
  );
  match(
    readFileSync(join(signals, '_m.model.js'), 'utf8'),
    /^\/\* Written by `spymaster model import`. \*\/\nexport default \{/,
  );
  await rejects(imported([one], { force: false }), { code: 'FILE_EXISTS' });
});

test('what does not belong together is refused with what to do', async () => {
  const usage = (promise: Promise<unknown>, message: RegExp) => rejects(promise, { code: 'USAGE', message });
  await usage(imported([one], { name: 'pva' }), /a built-in signal has that name/);
  await usage(imported([one], { fold: 'fold_9' }), /there are fold_1, fold_2/);
  await usage(imported([one, two, one]), /it has 2 folds, and there are 3 files/);
  await usage(imported([one], { trainingSet: trainingSet('leaky', { purged: false }) }), /not purged/);
  await usage(
    imported([one, two], { trainingSet: trainingSet('cross', { folds_by: 'sessions' }) }),
    /need a walk-forward/,
  );
  const invalid = (promise: Promise<unknown>, message: RegExp) => rejects(promise, { code: 'MODEL_INVALID', message });
  await invalid(imported([model('three.json', { coef: [[1, 2, 3]] })]), /takes 3 features, and the training set has 2/);
  await invalid(
    imported([model('other.json', { features: ['p_1', 'p_m1'] })]),
    /feature 1 is p_1, and that of the training set p_m1/,
  );
  await invalid(
    imported([model('svm.json', { link: 'none' })], { score: 'difference' }),
    /gives no probability; give --score margin/,
  );
  await invalid(imported([join(folder, 'm.ubj')]), /save it as .json/);
  await rejects(imported([join(folder, 'gone.txt')]), { code: 'FILE_NOT_FOUND' });
  await rejects(imported([one], { trainingSet: join(folder, 'none') }), { code: 'FILE_NOT_FOUND' });
  const changed = trainingSet('changed');
  writeFileSync(join(changed, 'features.parquet'), 'FEATURES');
  await rejects(imported([one], { trainingSet: changed }), {
    code: 'CHECKSUM_MISMATCH',
    message: /features.parquet is not as it was written/,
  });
  const broken = (name: string, changes: object, message: RegExp) =>
    rejects(imported([one], { trainingSet: trainingSet(name, changes) }), { message });
  await broken('no_files', { files: { 'features.parquet': {} } }, /files has no checksums/);
  await broken('no_folds', { folds: [{ name: 1 }] }, /folds is no list of names and dates/);
  await broken('no_sessions', { sessions: [] }, /sessions is no list of roots and dates/);
  await broken('no_features', { feature_list: [{ name: 'p', column: 'pressure' }] }, /one of pressure_variant/);
  await broken('later', { version: 2 }, /its version is 2, and this release reads 1/);
});
