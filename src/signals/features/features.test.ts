import { deepEqual, equal, ok, throws } from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import { parseFeatureListSpec } from '../../config/index.ts';
import { StateReader, StateWriter } from '../../state.ts';
import { randomSource } from '../../statistics/index.ts';
import type { SignalColumns } from '../signal.ts';
import { layOutFeatures } from './feature_list.ts';
import { FeatureRow } from './feature_row.ts';

const radius = 6;
const rows = 2 * radius + 1;
const bins = 120;
const context = { radius, binS: 0.1 };

function market(seed: number): SignalColumns {
  const random = randomSource(seed);
  const column = () => Float64Array.from({ length: bins * rows }, () => random.below(2 ** 32) / 2 ** 31 - 1);
  // The same in all rows: the mid on half ticks, missing here and there, and a count that is not known in the first bins.
  const perBin = (value: (bin: number) => number) => {
    const numbers = Array.from({ length: bins }, (_, bin) => value(bin));
    return Float64Array.from({ length: bins * rows }, (_, at) => numbers[Math.floor(at / rows)]!);
  };
  const mid = perBin((bin) => (bin % 17 === 5 ? Number.NaN : 40_000 + random.below(9) / 2));
  const cvd = perBin((bin) => (bin < 30 ? Number.NaN : random.below(100) - 50));
  return { v_add: column(), v_pull: column(), pressure_variant: column(), mid, cvd } as unknown as SignalColumns;
}

const { features: declared } = parseFeatureListSpec(
  {
    features: [
      { name: 'p', column: 'pressure_variant', k: [-5, 0, 5] },
      { name: 'sum', column: 'v_add', sum: [-3, -1] },
      {
        name: 'asym',
        of: [
          { column: 'v_add', mean: [-3, -1] },
          { column: 'v_pull', mean: [1, 6], weight: -0.5 },
        ],
        rolling: ['value', 'mean', 'std', 'skew', 'min', 'max', 'slope', 'z'],
        bins: [7, 20],
      },
      { name: 'change', column: 'v_add', k: 2, change: 3, lag: [0, 4] },
      { name: 'late', column: 'v_pull', k: -1, rolling: ['mean'], bins: 5, lag: 11 },
      { name: 'ret', column: 'mid_return', rolling: ['value', 'mean', 'std'], bins: 20, lag: [0, 2] },
      { name: 'mixed', of: [{ column: 'mid_return', weight: 2 }, { column: 'v_add' }, { column: 'cvd' }], k: [-1, 1] },
      { name: 'cvd', column: 'cvd', rolling: ['value', 'max'], bins: 4 },
      { name: 'both', of: [{ column: 'v_add' }, { column: 'v_pull', weight: -1 }], k: [-1, 1] },
    ],
  },
  'features.yaml',
);
const list = layOutFeatures(declared);

/** Each feature of a bin by its definition, from whole columns. */
function literal(columns: SignalColumns, bin: number): Record<string, number> {
  const at = (name: 'v_add' | 'v_pull' | 'pressure_variant', b: number, k: number) =>
    columns[name][b * rows + radius + k]!;
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const asym = (b: number) =>
    mean([-3, -2, -1].map((k) => at('v_add', b, k))) - 0.5 * mean([1, 2, 3, 4, 5, 6].map((k) => at('v_pull', b, k)));
  const past = (of: (b: number) => number, from: number, count: number) =>
    Array.from({ length: count }, (_, i) => of(from - count + 1 + i));
  const number = (name: 'mid' | 'cvd', b: number) => columns[name][b * rows]!;
  const ret = (b: number) => {
    const [now, before] = b === 0 ? [Number.NaN, Number.NaN] : [number('mid', b), number('mid', b - 1)];
    return Number.isNaN(now) || Number.isNaN(before) ? 0 : now - before;
  };
  const returns = (b: number, suffix: string) => {
    const x = past(ret, b, 20);
    return {
      [`ret${suffix}`]: ret(b),
      [`ret_mean_20${suffix}`]: mean(x),
      [`ret_std_20${suffix}`]: Math.sqrt(mean(x.map((v) => (v - mean(x)) ** 2))),
    };
  };
  const change = (b: number) => at('v_add', b, 2) - at('v_add', b - 3, 2);
  const statistics = (window: number) => {
    const x = past(asym, bin, window);
    const m = mean(x);
    const std = Math.sqrt(mean(x.map((v) => (v - m) ** 2)));
    const centre = (window - 1) / 2;
    const slope =
      x.reduce((sum, v, i) => sum + (i - centre) * v, 0) / x.reduce((sum, _, i) => sum + (i - centre) ** 2, 0);
    const skew = mean(x.map((v) => (v - m) ** 3)) / std ** 3;
    const all = { mean: m, std, skew, min: Math.min(...x), max: Math.max(...x), slope, z: (x.at(-1)! - m) / std };
    return Object.fromEntries(Object.entries(all).map(([name, value]) => [`asym_${name}_${window}`, value]));
  };
  return {
    p_m5: at('pressure_variant', bin, -5),
    p_0: at('pressure_variant', bin, 0),
    p_5: at('pressure_variant', bin, 5),
    sum: at('v_add', bin, -3) + at('v_add', bin, -2) + at('v_add', bin, -1),
    asym: asym(bin),
    ...statistics(7),
    ...statistics(20),
    change: change(bin),
    change_lag4: change(bin - 4),
    late_mean_5_lag11: mean(past((b) => at('v_pull', b, -1), bin - 11, 5)),
    ...returns(bin, ''),
    ...returns(bin - 2, '_lag2'),
    mixed_m1: 2 * ret(bin) + at('v_add', bin, -1) + number('cvd', bin),
    mixed_1: 2 * ret(bin) + at('v_add', bin, 1) + number('cvd', bin),
    cvd: number('cvd', bin),
    cvd_max_4: Math.max(...past((b) => number('cvd', b), bin, 4)),
    both_m1: at('v_add', bin, -1) - at('v_pull', bin, -1),
    both_1: at('v_add', bin, 1) - at('v_pull', bin, 1),
  };
}

test('features equal their definitions at every bin from the first that has all of them', () => {
  const columns = market(3);
  const row = new FeatureRow(list, context);
  equal(list.warmUpBins, 21);
  deepEqual(list.columns, ['pressure_variant', 'v_add', 'v_pull', 'mid', 'cvd']);
  for (let bin = 0; bin < bins; bin++) {
    const isReady = row.update(columns, bin * rows);
    equal(isReady, bin >= 21);
    if (!isReady) continue;
    const expected = literal(columns, bin);
    deepEqual(list.features.map(({ name }) => name).sort(), Object.keys(expected).sort());
    for (const [index, { name }] of list.features.entries()) {
      const difference = Math.abs(row.row[index]! - expected[name]!);
      const isUnknown = Number.isNaN(row.row[index]) && Number.isNaN(expected[name]);
      ok(
        isUnknown || difference <= 1e-12 * Math.max(1, Math.abs(expected[name]!)),
        `${name} at ${bin}: ${row.row[index]} ${expected[name]}`,
      );
    }
  }
});

test('features look at no future bin, and go on to the bit after a restart', () => {
  const [columns, other] = [market(3), market(4)];
  const cut = 57;
  for (const name of ['v_add', 'v_pull', 'pressure_variant', 'mid', 'cvd'] as const)
    other[name].set(columns[name].subarray(0, cut * rows));
  const whole = new FeatureRow(list, context);
  const future = new FeatureRow(list, context);
  for (let bin = 0; bin < cut; bin++) {
    whole.update(columns, bin * rows);
    future.update(other, bin * rows);
    deepEqual(whole.row, future.row);
  }
  const writer = new StateWriter();
  whole.save(writer);
  const restored = new FeatureRow(list, context);
  restored.restore(new StateReader(writer.finish()));
  for (let bin = cut; bin < bins; bin++) {
    whole.update(columns, bin * rows);
    restored.update(columns, bin * rows);
    deepEqual(whole.row, restored.row);
  }
});

test('the lists of the recipes have their features', () => {
  const configs = join(import.meta.dirname, '../../../configs/features');
  for (const [name, count, reach] of [
    ['svm_sp', 45, 50],
    ['gbm_mf', 53, 23],
    ['xgb_snap', 163, 25],
  ] as const) {
    const text = readFileSync(join(configs, `${name}.yaml`), 'utf8');
    const { features, warmUpBins, reachTicks } = layOutFeatures(parseFeatureListSpec(parse(text), name).features);
    deepEqual([features.length, warmUpBins, reachTicks], [count, 599, reach], name);
  }
});

test('a list that cannot be is refused with its place and what is allowed', () => {
  const refused = (feature: object, message: RegExp) =>
    throws(() => parseFeatureListSpec({ features: [{ name: 'x', ...feature }] }, 'features.yaml'), message);
  refused({ column: 'v_ad', k: 0 }, /one of pressure_variant/);
  refused({ column: 'mid' }, /one of pressure_variant.*mid_return.*cvd/);
  refused({ column: 'mid_return', k: 1 }, /no k, sum or mean with a column that has one number a bin/);
  refused({ of: [{ column: 'cvd', mean: [1, 2] }] }, /no k, sum or mean with a column that has one number a bin/);
  refused({ column: 'v_add' }, /a tick or several, or sum or mean/);
  refused({ column: 'v_add', k: 1, sum: [1, 2] }, /one of k, sum and mean/);
  refused({ column: 'v_add', sum: [3, 1] }, /the first not above the last/);
  refused({ of: [{ column: 'v_add' }] }, /terms with k, sum or mean each/);
  refused({ column: 'v_add', k: 0, rolling: ['mean'] }, /a window or several/);
  refused({ column: 'v_add', k: 0, of: [{ column: 'v_add', k: 1 }] }, /not both/);
  throws(() => layOutFeatures([...declared, { name: 'p_0', column: 'v_add', k: 0 }]), /two features p_0; rename one/);
  throws(
    () => new FeatureRow(list, { radius: 5, binS: 0.1 }),
    /it reads 6 ticks to each side of spot, but grid_radius_ticks is 5/,
  );
});
