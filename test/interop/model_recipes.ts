import { ok } from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { defaultRuntimeConfig } from '../../src/config/index.ts';
import { runCommand } from '../helpers/run_command.ts';

/*
 * The recipe of docs/models.md with the real packages: LightGBM and logistic regression on six synthetic sessions with a planted edge, which they
 * find, and on six of `null`, where they find nothing; and what a leak claims on `null` when nothing is purged: `npm run test:interop -- model_recipes`.
 * The argument is a python that has the packages.
 */
const python = process.argv[2] ?? 'python3';
const root = mkdtempSync(join(tmpdir(), 'spymaster-recipes-'));
const lakes = { edge: join(root, 'edge'), null: join(root, 'null') };
const configs = join(root, 'configs');
const dates = ['02', '03', '04', '05', '06', '09'].map((day) => `2026-02-${day}`);
const minutes = 5;

function write(path: string, value: unknown): string {
  mkdirSync(join(configs, path, '..'), { recursive: true });
  writeFileSync(join(configs, path), stringify(value));
  return join(configs, path);
}

/** A value that leans to the side which is expected to gain, by its statistics. */
const lean = (
  name: string,
  column: string,
  over: 'mean' | 'sum',
  side: 1 | -1,
  rolling: readonly string[],
  bins: readonly number[],
) => ({
  name,
  of: [
    { column, [over]: side === 1 ? [-10, -1] : [1, 10] },
    { column, [over]: side === 1 ? [1, 10] : [-10, -1], weight: -1 },
  ],
  rolling,
  bins,
});
write('instrument.yaml', { ...defaultRuntimeConfig, n_absolute_ticks: 4096, grid_radius_ticks: 12 });
process.env.VP_INSTRUMENT_CONFIG_PATH = join(configs, 'instrument.yaml');
write('features/fast.yaml', {
  features: [
    lean('add', 'v_add', 'mean', 1, ['value', 'mean', 'slope'], [10, 30]),
    lean('pull', 'v_pull', 'mean', -1, ['value', 'mean', 'slope'], [10, 30]),
    lean('vacuum', 'vacuum_variant', 'sum', -1, ['value', 'mean'], [30]),
  ],
});
// Slow features tell which moment it is: what a leak needs.
write('features/slow.yaml', {
  features: ['v_add', 'v_pull', 'add_mass'].map((column) =>
    lean(column, column, 'mean', 1, ['mean', 'std'], [200, 600]),
  ),
});
const end = `09:${30 + minutes}`;
write('pipelines/days.yaml', {
  ...{ name: 'days', pipeline_code_version: 1 },
  capture: { product_type: 'future_mbo', symbol: 'MNQH6', start_time: '09:30', end_time: end },
  pipeline: { columns: ['v_add', 'v_pull', 'vacuum_variant', 'add_mass', 'state5_code'] },
});
const experiment = (name: string, signal: string, chosen: readonly string[], evaluation: object) => {
  write(`serving/${name}.yaml`, { name, pipeline: 'days', signal: { name: signal } });
  const terms = { tp_ticks: 6, sl_ticks: 6, max_hold_bins: 40, warmup_bins: 100, cooldown_bins: 30, ...evaluation };
  return write(`experiments/${name}.yaml`, {
    ...{ name, serving: name, sessions: { dates: chosen } },
    eval: terms,
    sweep: {},
  });
};
const walk = { split: { train_sessions: 3, test_sessions: 1, anchored: true } };
const train = experiment('train', 'derivative', dates, walk);
const slow = experiment('slow', 'derivative', dates, { tp_ticks: 2, sl_ticks: 2, max_hold_bins: 60, warmup_bins: 600 });

async function spymaster(...words: string[]) {
  const { code, out, err } = await runCommand(...words, '--json');
  if (code !== 0) throw new Error(`spymaster ${words.join(' ')}: ${err}${out}`);
  return JSON.parse(out);
}

function run(...words: string[]): string {
  const done = spawnSync(python, [join(import.meta.dirname, 'model_recipes.py'), ...words], { encoding: 'utf8' });
  if (done.status !== 0) throw new Error(`${python} failed: ${done.stderr || done.error?.message}`);
  return done.stdout;
}

try {
  for (const [profile, lake] of Object.entries(lakes)) {
    for (const [index, date] of dates.entries()) {
      const edge = profile === 'edge' ? ['--edge-per-minute', '10'] : [];
      const what = ['--profile', profile, '--seed', String(40 + index), '--date', date, '--start', '09:28', ...edge];
      await spymaster('synth', '--lake', '--lake-root', lake, ...what, '--minutes', String(minutes + 3));
    }
    const features = ['--features', join(configs, 'features/fast.yaml')];
    await spymaster('training-set', train, ...features, '--lake-root', lake, '--out', join(root, `${profile}_set`));
  }
  run('train', root, 'edge_set', 'null_set');
  for (const [profile, lake] of Object.entries(lakes)) {
    for (const [kind, suffix] of [
      ['lightgbm', 'txt'],
      ['logistic', 'json'],
    ] as const) {
      const name = `${profile}_${kind}`;
      const signals = join(configs, 'signals');
      const files = [1, 2, 3].map((fold) => join(root, `${profile}_set_fold_${fold}.${suffix}`));
      await spymaster(
        'model',
        'import',
        ...files,
        '--name',
        name,
        '--training-set',
        join(root, `${profile}_set`),
        '--signals',
        signals,
        '--lake-root',
        lake,
      );
      const file = experiment(name, name, dates.slice(3), {});
      await spymaster('run', file, '--signals', signals, '--lake-root', lake);
      const { runs } = await spymaster('compare', '--experiment', name, '--lake-root', lake);
      const [{ mean_mid_pnl_ticks: mid, n_signals: n, p_adjusted: adjusted, survives }] = runs;
      console.log(
        `${profile} ${kind}: ${n} trades out of sample, ${mid.toFixed(2)} ticks each before costs, adjusted p ${adjusted}`,
      );
      if (profile === 'edge') ok(mid > 1, `${kind} finds the planted edge`);
      else ok(survives !== true, `${kind} finds something where nothing is`);
    }
  }
  const split = [
    '--features',
    join(configs, 'features/slow.yaml'),
    '--split-sessions',
    '120',
    '--folds',
    '5',
    '--lake-root',
    lakes.null,
  ];
  await spymaster('training-set', slow, ...split, '--out', join(root, 'purged'));
  await spymaster('training-set', slow, ...split, '--no-purging', '--out', join(root, 'leaky'));
  const areas = JSON.parse(run('leak', root, 'purged', 'leaky')) as Record<string, number>;
  console.log(
    `null, area under the curve: ${Object.entries(areas)
      .map(([name, area]) => `${name} ${area.toFixed(3)}`)
      .join(', ')}`,
  );
  ok(areas['leaky lightgbm']! > areas['purged lightgbm']! + 0.02, 'what leaks flatters');
  console.log('model_recipes: the planted edge is found, and nothing where nothing is');
} finally {
  rmSync(root, { recursive: true, force: true });
}
