import { deepEqual, equal, ok, throws } from 'node:assert/strict';
import { test } from 'node:test';
import { seeded } from '../../test/helpers/seeded.ts';
import { gridSignalColumns } from '../config/index.ts';
import { SpymasterError } from '../errors.ts';
import { StateReader, StateWriter } from '../state.ts';
import { createSignal, createStoredSignal, signalDefinition, signals } from './registry.ts';
import type { SignalColumn, SignalColumns } from './signal.ts';

/*
 * Each signal is compared with a transcription of its definition that works on the whole past at once, keeps no state
 * and shares no code with it.
 */

const radius = 25;
const rows = 2 * radius + 1;
const binCount = 420;
const context = { radius, binS: 0.1 };

const floatColumns = gridSignalColumns.filter((name) => name !== 'flow_state_code' && name !== 'state5_code');

/** A market of waves and noise, with quiet stretches in which every column is 0. */
function market(seed: number, bins = binCount): SignalColumns {
  const random = seeded(seed);
  const columns: Record<string, Float64Array | Int8Array> = {};
  floatColumns.forEach((name, number) => {
    const signed = /^[aj]_|flow/.test(name);
    columns[name] = Float64Array.from({ length: bins * rows }, (_, index) => {
      const bin = Math.floor(index / rows);
      const wave = Math.sin(bin / (7 + number) + (index % rows) / 5) + 1.2;
      const value = (signed ? wave - 1.2 : wave) * random() * 10;
      return bin % 130 > 120 ? 0 : name === 'flow_score' ? value / 10 : value;
    });
  });
  for (const name of ['flow_state_code', 'state5_code']) {
    const codes = name === 'flow_state_code' ? 3 : 5;
    columns[name] = Int8Array.from({ length: bins * rows }, (_, index) => {
      const spread = 1 + ((Math.floor(index / rows) / 10) % codes);
      return Math.floor(random() * spread) - (codes >> 1);
    });
  }
  return columns as unknown as SignalColumns;
}

type Row = (column: SignalColumn, bin: number, k: number) => number;
const rowOf =
  (columns: SignalColumns): Row =>
  (column, bin, k) =>
    columns[column][bin * rows + radius + k]!;

const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);
const total = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
const average = (values: readonly number[]) => total(values) / values.length;
const median = (values: readonly number[]) => {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
};
/** z-score of the last value by median and MAD (model.md §6); with `standard`, by mean and deviation without a MAD (§8). */
function robustZ(series: readonly number[], window: number, minPeriods: number, standard = false): number {
  const recent = series.slice(-window);
  if (recent.length < minPeriods) return 0;
  const centre = median(recent);
  const scale = 1.4826 * median(recent.map((x) => Math.abs(x - centre)));
  if (scale > (standard ? 1e-12 : 1e-9)) return (series.at(-1)! - centre) / scale;
  const deviation = Math.sqrt(average(recent.map((x) => (x - average(recent)) ** 2)));
  return standard && deviation > 1e-12 ? (series.at(-1)! - average(recent)) / deviation : 0;
}
function slope(series: readonly number[], window: number): number {
  const y = series.slice(-window);
  const x = y.map((_, i) => i);
  const covariance = total(x.map((xi, i) => (xi - average(x)) * (y[i]! - average(y))));
  return covariance / total(x.map((xi) => (xi - average(x)) ** 2));
}
const ema = (series: readonly number[], alpha: number) =>
  series.reduce((average, x, i) => (i === 0 ? x : alpha * x + (1 - alpha) * average), 0);

/** The score of the last bin of `bins`, or null before the definition gives one. */
type Params = Readonly<Record<string, string | number>>;
type Literal = (row: Row, bins: number, params: Params) => number | null;

const history = (bins: number, of: (bin: number) => number) => range(0, bins - 1).map(of);

const literal: Record<string, Literal> = {
  ads: (row, bins) => {
    const bands = [range(1, 3), range(4, 11), range(12, 23)];
    const weights = bands.map((band) => 1 / Math.sqrt(band.length));
    const asymmetry = history(bins, (bin) => {
      const mean = (column: SignalColumn, side: number, band: number[]) =>
        average(band.map((distance) => row(column, bin, side * distance)));
      const perBand = bands.map(
        (band) =>
          mean('v_add', -1, band) - mean('v_add', 1, band) + (mean('v_pull', 1, band) - mean('v_pull', -1, band)),
      );
      return total(perBand.map((value, i) => (value * weights[i]!) / total(weights)));
    });
    if (bins < 50 + 49) return null;
    const parts = [10, 25, 50].map((window) => {
      const slopes = range(window, bins).map((end) => slope(asymmetry.slice(0, end), window));
      return Math.tanh(robustZ(slopes, 200, 50) / 3);
    });
    return 0.4 * parts[0]! + 0.35 * parts[1]! + 0.25 * parts[2]!;
  },
  spg: (row, bins, { centre_bins = 300 }) => {
    const gradient = (column: SignalColumn, bin: number, ks: number[]) =>
      average(ks.map((k) => (row(column, bin, k + 1) - row(column, bin, k - 1)) / 2));
    const [below, above] = [range(-16, -1), range(1, 16)];
    const net = history(bins, (bin) => {
      const wall = gradient('pressure_variant', bin, below) - gradient('pressure_variant', bin, above);
      const pull = gradient('vacuum_variant', bin, above) - gradient('vacuum_variant', bin, below);
      return pull - wall;
    });
    const curvature = history(bins, (bin) => {
      const p = (k: number) => row('pressure_variant', bin, k);
      return average(range(-2, 2).map((k) => p(k + 1) - 2 * p(k) + p(k - 1)));
    });
    // From the slow span on; the mean is of those before the last.
    const raw = range(20, bins).map((end) => {
      const smoothed = 0.6 * ema(net.slice(0, end), 2 / 6) + 0.4 * ema(net.slice(0, end), 2 / 21);
      return 0.7 * smoothed + 0.3 * -ema(curvature.slice(0, end), 2 / 11);
    });
    const window = Number(centre_bins);
    if (raw.length === 0) return null;
    if (window === 0) return raw.at(-1)!;
    const past = raw.slice(0, -1).slice(-window);
    return past.length < Math.ceil(window / 4) ? null : raw.at(-1)! - average(past);
  },
  erd: (row, bins, { variant }) => {
    const entropyOf = (bin: number, ks: number[]) =>
      -total(
        [-1, 0, 1].map((code) => {
          const p = ks.filter((k) => row('flow_state_code', bin, k) === code).length / ks.length;
          return p === 0 ? 0 : p * Math.log(p);
        }),
      );
    if (bins < 25) return null;
    const z = robustZ(
      history(bins, (bin) => entropyOf(bin, range(-radius, radius))),
      100,
      25,
    );
    const gate = Math.max(0, z - 0.5);
    const [below, above] = [range(-radius, -1), range(1, radius)];
    if (variant === 'b') return gate * (entropyOf(bins - 1, above) - entropyOf(bins - 1, below));
    const scores = (ks: number[]) => average(ks.map((k) => row('flow_score', bins - 1, k)));
    return gate * (scores(below) - scores(above));
  },
  pfp: (row, bins) => {
    const mean = (columns: SignalColumn[], bin: number, side: number, near: number, far: number) =>
      average(range(near, far).map((distance) => total(columns.map((column) => row(column, bin, side * distance)))));
    const lead = (columns: SignalColumn[], side: number) => {
      const inner = (bin: number) => mean(columns, bin, side, 1, 3);
      const outer = (bin: number) => mean(columns, bin, side, 5, 12);
      const lagged = range(5, bins - 1).map((bin) => inner(bin) * outer(bin - 5));
      const together = history(bins, (bin) => inner(bin) * outer(bin));
      return ema(lagged, 0.1) / (ema(together, 0.1) + 1e-12);
    };
    if (bins < 16) return null;
    const built: SignalColumn[] = ['v_add', 'v_fill'];
    return 0.6 * (lead(built, -1) - lead(built, 1)) + 0.4 * (lead(['v_pull'], 1) - lead(['v_pull'], -1));
  },
  jad: (row, bins) => {
    const norm = total(range(1, 24).map((distance) => 1 / distance));
    const imbalance = (kind: 'j' | 'a', bin: number) => {
      const side = (column: SignalColumn, sign: number) =>
        total(range(1, 24).map((distance) => row(column, bin, sign * distance) / distance)) / norm;
      const add = side(`${kind}_add`, -1) - side(`${kind}_add`, 1);
      const pull = side(`${kind}_pull`, 1) - side(`${kind}_pull`, -1);
      return add / 2 + pull / 2;
    };
    const mixed = history(bins, (bin) => {
      const [j, a] = [imbalance('j', bin), imbalance('a', bin)];
      return Math.sign(j) === Math.sign(a) && j !== 0 ? 0.4 * j + 0.6 * a : 0.8 * j + 0.2 * a;
    });
    return bins < 75 ? null : Math.tanh(robustZ(mixed, 300, 75) / 3);
  },
  iirc: (row, bins) => {
    const imbalance = history(bins, (bin) => {
      const sum = (column: SignalColumn, side: number) =>
        total(range(1, 16).map((distance) => row(column, bin, side * distance)));
      const ratio = (side: number) => sum('add_mass', side) / (sum('pull_mass', side) + sum('fill_mass', side) + 1);
      return Math.log(ratio(-1) + 1) - Math.log(ratio(1) + 1);
    });
    if (bins < 30) return null;
    if (Math.abs(imbalance.at(-1)!) < 0.1) return 0;
    return 0.6 * slope(imbalance, 10) + 0.4 * slope(imbalance, 30);
  },
  msd: (row, bins, { weighting }) => {
    const side = (sign: number) =>
      total(
        range(1, radius).map(
          (distance) => row('vacuum_variant', bins - 1, sign * distance) / (weighting === 'plain' ? 1 : distance),
        ),
      );
    return side(1) - side(-1);
  },
  pva: (
    row,
    bins,
    { reach_ticks = 16, spatial_decay_power = 1, zscore_window_bins = 240, zscore_min_periods = 60 },
  ) => {
    const base = history(bins, (bin) => {
      const weighted = (column: SignalColumn, side: number) => (distance: number) =>
        row(column, bin, side * distance) / distance ** Number(spatial_decay_power);
      const sum = (column: SignalColumn, side: number) =>
        total(range(1, Number(reach_ticks)).map(weighted(column, side)));
      const [pressure, vacuum] = ['pressure_variant', 'vacuum_variant'] as const;
      const whole = sum(pressure, -1) + sum(pressure, 1) + sum(vacuum, 1) + sum(vacuum, -1);
      if (whole === 0) return 0;
      return (sum(pressure, -1) - sum(pressure, 1) + sum(vacuum, 1) - sum(vacuum, -1)) / whole;
    });
    if (bins < Number(zscore_min_periods)) return null;
    return Math.tanh(robustZ(base, Number(zscore_window_bins), Number(zscore_min_periods), true) / 3);
  },
};

const statistical = signals.filter((definition) => definition.name in literal);

function scoresOf(name: string, columns: SignalColumns, bins: number, params = {}): number[] {
  const signal = createSignal(name, params, context);
  return range(0, bins - 1).map((bin) => signal.update(columns, bin * rows));
}

const variants: readonly (readonly [string, Params])[] = [
  ...statistical.map((definition) => [definition.name, {}] as const),
  ['erd', { variant: 'b' }],
  ['msd', { weighting: 'plain' }],
  ['pva', { reach_ticks: 25, spatial_decay_power: 0, zscore_window_bins: 6, zscore_min_periods: 3 }],
  ['spg', { centre_bins: 0 }],
  ['spg', { centre_bins: 41 }],
];

for (const [name, params] of variants) {
  test(`${name} ${JSON.stringify(params)} equals its definition`, () => {
    const columns = market(11);
    const row = rowOf(columns);
    const signal = createSignal(name, params, context);
    let answered = 0;
    for (let bins = 1; bins <= binCount; bins++) {
      const score = signal.update(columns, (bins - 1) * rows);
      if (bins > 110 && bins % 17 !== 0) continue;
      const expected = literal[name]!(row, bins, params);
      equal(signal.ready, expected !== null, `ready at bin ${bins}`);
      ok(
        Math.abs(score - (expected ?? 0)) <= 1e-9 * (1 + Math.abs(score)),
        `bin ${bins}: ${score}, expected ${expected}`,
      );
      if (expected) answered++;
    }
    ok(answered > 10, `${answered} bins had a score`);
  });
}

test('no score depends on later bins', () => {
  for (const definition of statistical) {
    const [whole, other] = [market(3), market(4)];
    const cut = 200;
    const spliced = Object.fromEntries(
      Object.entries(whole).map(([name, column]) => {
        const copy = column.slice();
        copy.set(other[name as SignalColumn].subarray(cut * rows) as Float64Array & Int8Array, cut * rows);
        return [name, copy];
      }),
    ) as unknown as SignalColumns;
    const before = scoresOf(definition.name, whole, binCount);
    const after = scoresOf(definition.name, spliced, binCount);
    deepEqual(after.slice(0, cut), before.slice(0, cut), definition.name);
    ok(
      after.slice(cut).some((score, i) => score !== before[cut + i]),
      `${definition.name} does not notice another future`,
    );
  }
});

test('a restored signal continues bit for bit', () => {
  const columns = market(8);
  for (const definition of signals) {
    for (const cut of [0, 7, 40, 301]) {
      const signal = createSignal(definition.name, {}, context);
      for (let bin = 0; bin < cut; bin++) signal.update(columns, bin * rows);
      const writer = new StateWriter();
      signal.save(writer);
      const restored = createSignal(definition.name, {}, context);
      restored.restore(new StateReader(writer.finish()));
      deepEqual([restored.score, restored.ready], [signal.score, signal.ready]);
      for (let bin = cut; bin < binCount; bin++) {
        const expected = signal.update(columns, bin * rows);
        equal(restored.update(columns, bin * rows), expected, `${definition.name} at bin ${bin}`);
      }
    }
  }
});

test('a mirrored market gives the opposite score', () => {
  const columns = market(21);
  const mirrored = Object.fromEntries(
    Object.entries(columns).map(([name, column]) => [
      name,
      column.map((_: number, index: number) => {
        const bin = Math.floor(index / rows);
        return column[bin * rows + (rows - 1 - (index % rows))]!;
      }),
    ]),
  ) as unknown as SignalColumns;
  for (const definition of statistical) {
    const straight = scoresOf(definition.name, columns, 250);
    const turned = scoresOf(definition.name, mirrored, 250);
    // spg's curvature is the same seen from either side, so only its gradient turns.
    if (definition.name === 'spg') continue;
    straight.forEach((score, bin) => {
      ok(Math.abs(score + turned[bin]!) <= 1e-9 * (1 + Math.abs(score)), `${definition.name} at bin ${bin}`);
    });
  }
});

test('parameters change what they name and nothing else is accepted', () => {
  const columns = market(5);
  ok(scoresOf('msd', columns, 3, { weighting: 'plain' })[2] !== scoresOf('msd', columns, 3)[2]);
  ok(`${scoresOf('erd', columns, 150, { variant: 'b' })}` !== `${scoresOf('erd', columns, 150)}`);
  const refuses = (name: string, params: Record<string, unknown>, pattern: RegExp) =>
    throws(
      () => createSignal(name, params, context),
      (error) => error instanceof SpymasterError && error.code === 'CONFIG_INVALID' && pattern.test(error.message),
    );
  refuses('jad', { zscore_windows_bins: 9 }, /unknown parameter.*nearest known one is "zscore_window_bins"/);
  refuses('jad', { zscore_window_bins: 1 }, /allowed: an integer from 2 to 864000/);
  refuses('jad', { zscore_window_bins: 1e12 }, /zscore_window_bins is 1000000000000; allowed: an integer from 2 to 8/);
  refuses('pfp', { lag_bins: 1e9 }, /lag_bins is 1000000000; allowed: an integer from 1 to 864000/);
  refuses('derivative', { d1_weight: 1e308 }, /d1_weight is 1e\+308; allowed: a number from 0 to 1000000/);
  refuses('jad', { zscore_window_bins: 10 }, /zscore_min_periods is 75; allowed: at most zscore_window_bins/);
  refuses('jad', { tanh_scale: 0 }, /allowed: a number > 0/);
  refuses('erd', { variant: 'c' }, /allowed: one of a, b/);
  refuses('spg', { reach_ticks: 25 }, /reads 26 ticks to each side of spot, but grid_radius_ticks is 25/);
  refuses('pva', { reach_ticks: 26 }, /reads 26 ticks to each side of spot, but grid_radius_ticks is 25/);
  refuses('sgp', {}, /nearest is "spg"/);
});

test('stored spg runs without centre_bins mean spg without a rolling mean', () => {
  const columns = market(5);
  const params = { reach_ticks: 16, fast_span_bins: 5, slow_span_bins: 20 };
  const stored = createStoredSignal({ name: 'spg', params }, context);
  const scores = range(0, 199).map((bin) => stored.update(columns, bin * rows));
  deepEqual(scores, scoresOf('spg', columns, 200, { centre_bins: 0 }));
  ok(`${scores}` !== `${scoresOf('spg', columns, 200)}`);
  // What says its value keeps it, and signals without later parameters are as they were.
  const said = createStoredSignal({ name: 'spg', params: { centre_bins: 41 } }, context);
  const saidScores = range(0, 199).map((bin) => said.update(columns, bin * rows));
  deepEqual(saidScores, scoresOf('spg', columns, 200, { centre_bins: 41 }));
  equal(createStoredSignal({ name: 'msd', params: {} }, context).update(columns, 0), scoresOf('msd', columns, 1)[0]);
});

test('scores keep within the bound that their signal declares', () => {
  const columns = market(17);
  for (const definition of signals) {
    const scores = scoresOf(definition.name, columns, binCount, {
      ...(definition.name === 'jad' && { tanh_scale: 0.1 }),
    });
    const largest = Math.max(...scores.map(Math.abs));
    ok(largest > 0 && largest <= (definition.bound ?? Number.POSITIVE_INFINITY), `${definition.name}: ${largest}`);
  }
});

test('the registry’s definitions match their signals', () => {
  for (const definition of signals) {
    equal(signalDefinition(definition.name), definition);
    const used = definition.stages.flatMap((stage) => stage.parameters);
    deepEqual([...new Set(used)].sort(), definition.parameters.map((parameter) => parameter.name).sort());
    ok(definition.thresholds.values.length > 0 && definition.columns.length > 0);
    // It reads the columns that it names, and no others.
    const named = new Proxy(market(2, 2), {
      get: (columns, name: SignalColumn) => {
        ok(definition.columns.includes(name), `${definition.name} reads ${name}`);
        return columns[name];
      },
    });
    createSignal(definition.name, {}, context).update(named, 0);
  }
});
