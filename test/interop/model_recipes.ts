import { deepEqual, ok } from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { defaultRuntimeConfig } from '../../src/config/index.ts';
import { runCommand } from '../helpers/run_command.ts';

/*
 * The recipes of docs/models.md with the real packages on six synthetic sessions with a planted edge, which they find, and on six of `null`,
 * where they find nothing; and what a leak claims on `null` when nothing is purged: `npm run test:interop -- model_recipes`.
 * The first argument is a python that has the packages; others name the recipes that are run, all without.
 */
const python = process.argv[2] ?? 'python3';
const root = mkdtempSync(join(tmpdir(), 'spymaster-recipes-'));
const configs = join(root, 'configs');
const lists = join(import.meta.dirname, '../../configs/features');
/** Minutes of a session, and the edge that is planted: what looks a minute back needs more of both. */
const markets = {
  short: { minutes: 5, edge: ['--edge-per-minute', '10'] },
  long: { minutes: 10, edge: ['--edge-per-minute', '10', '--edge-probability', '0.9'] },
} as const;
type Market = keyof typeof markets;
const profiles = ['edge', 'null'] as const;
const lakeOf = (market: Market, profile: (typeof profiles)[number]) => join(root, `${market}_${profile}`);

interface Recipe {
  /** File of the feature list. */
  readonly list: string;
  /** How a model is trained, as model_recipes.py calls it. */
  readonly kind: 'lightgbm' | 'logistic' | 'linear_svm' | 'xgboost';
  readonly market: Market;
}

const recipes: Readonly<Record<string, Recipe>> = {
  lightgbm: { list: join(configs, 'features/fast.yaml'), kind: 'lightgbm', market: 'short' },
  logistic: { list: join(configs, 'features/fast.yaml'), kind: 'logistic', market: 'short' },
  svm_sp: { list: join(lists, 'svm_sp.yaml'), kind: 'linear_svm', market: 'long' },
  gbm_mf: { list: join(lists, 'gbm_mf.yaml'), kind: 'lightgbm', market: 'long' },
  xgb_snap: { list: join(lists, 'xgb_snap.yaml'), kind: 'xgboost', market: 'long' },
};
/** What did not come out as it must. */
const wrong: string[] = [];
const named = process.argv.slice(3);
const chosen = Object.entries(recipes).filter(([name]) => named.length === 0 || named.includes(name));
const dates = ['02', '03', '04', '05', '06', '09'].map((day) => `2026-02-${day}`);

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
write('instrument.yaml', { ...defaultRuntimeConfig, n_absolute_ticks: 4096, grid_radius_ticks: 50 });
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
for (const [name, { minutes }] of Object.entries(markets)) {
  write(`pipelines/${name}.yaml`, {
    ...{ name, pipeline_code_version: 1 },
    capture: { product_type: 'future_mbo', symbol: 'MNQH6', start_time: '09:30', end_time: `09:${30 + minutes}` },
    pipeline: {
      columns: [
        ...['pressure_variant', 'vacuum_variant', 'add_mass', 'state5_code'],
        ...['v_add', 'v_pull', 'a_add', 'a_pull', 'j_add', 'j_pull'],
      ],
    },
  });
}
const experiment = (name: string, market: Market, signal: string, chosen: readonly string[], evaluation: object) => {
  write(`serving/${name}.yaml`, { name, pipeline: market, signal: { name: signal } });
  const terms = { tp_ticks: 6, sl_ticks: 6, max_hold_bins: 40, warmup_bins: 100, cooldown_bins: 30, ...evaluation };
  return write(`experiments/${name}.yaml`, {
    ...{ name, serving: name, sessions: { dates: chosen } },
    eval: terms,
    sweep: {},
  });
};
const walk = { split: { train_sessions: 3, test_sessions: 1, anchored: true } };
const train = {
  short: experiment('train_short', 'short', 'derivative', dates, walk),
  long: experiment('train_long', 'long', 'derivative', dates, walk),
};
const slow = experiment('slow', 'short', 'derivative', dates, {
  tp_ticks: 2,
  sl_ticks: 2,
  max_hold_bins: 60,
  warmup_bins: 600,
});

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
  for (const market of new Set(chosen.map(([, recipe]) => recipe.market))) {
    for (const profile of profiles) await makeSessions(market, profile);
  }
  for (const [name, recipe] of chosen) {
    for (const profile of profiles) await judge(name, recipe, profile);
  }
  if (named.length === 0) await leak();
  deepEqual(wrong, []);
  console.log('model_recipes: the planted edge is found, and nothing where nothing is');
} finally {
  rmSync(root, { recursive: true, force: true });
}

async function makeSessions(market: Market, profile: (typeof profiles)[number]): Promise<void> {
  const { minutes, edge } = markets[market];
  for (const [index, date] of dates.entries()) {
    const what = ['--profile', profile, '--seed', String(40 + index), '--date', date, '--start', '09:28'];
    const more = ['--minutes', String(minutes + 3), ...(profile === 'edge' ? edge : [])];
    await spymaster('synth', '--lake', '--lake-root', lakeOf(market, profile), ...what, ...more);
  }
}

/** Trains a model for each fold on a lake, takes them back as one signal, and judges it on the sessions that none was trained on. */
async function judge(
  recipe: string,
  { list, kind, market }: Recipe,
  profile: (typeof profiles)[number],
): Promise<void> {
  const name = `${profile}_${recipe}`;
  const lake = lakeOf(market, profile);
  const set = join(root, `${name}_set`);
  const made = await spymaster('training-set', train[market], '--features', list, '--lake-root', lake, '--out', set);
  run('train', root, kind, `${name}_set`, name);
  const suffix = kind === 'lightgbm' ? 'txt' : 'json';
  const files = [1, 2, 3].map((fold) => join(root, `${name}_fold_${fold}.${suffix}`));
  const into = ['--signals', join(configs, 'signals'), '--lake-root', lake];
  await spymaster('model', 'import', ...files, '--name', name, '--training-set', set, ...into);
  const file = experiment(name, market, name, dates.slice(3), {});
  await spymaster('run', file, ...into);
  const { runs } = await spymaster('compare', '--experiment', name, '--lake-root', lake);
  const [{ mean_mid_pnl_ticks: mid, n_signals: n, p_adjusted: adjusted, survives }] = runs;
  console.log(
    `${profile} ${recipe}, ${made.feature_names.length} features: ${n} trades out of sample, ${Number(mid).toFixed(2)} ticks each ` +
      `before costs, adjusted p ${adjusted}`,
  );
  if (profile === 'edge' && !(mid > 1 && adjusted < 0.05)) wrong.push(`${recipe} does not find the planted edge`);
  if (profile === 'null' && survives === true) wrong.push(`${recipe} finds something where nothing is`);
}

async function leak(): Promise<void> {
  const split = [
    '--features',
    join(configs, 'features/slow.yaml'),
    '--split-sessions',
    '120',
    '--folds',
    '5',
    '--lake-root',
    lakeOf('short', 'null'),
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
}
