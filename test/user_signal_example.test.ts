import { equal, ok } from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { Lake } from '../src/lake/index.ts';
import { createSignal } from '../src/signals/index.ts';
import { findUserSignal, loadSignal, madeColumns } from '../src/user_signals/index.ts';
import { temporaryFolder } from './helpers/temporary_folder.ts';

/* The documented example of a user's signal, against a transcription of its definition that keeps no state. */

const folder = join(import.meta.dirname, '../configs/signals');
const context = { radius: 50, binS: 0.1 };
const rows = 2 * context.radius + 1;
const bins = 260;
const columns = madeColumns(['v_add', 'v_fill', 'v_pull', 'vacuum_variant'], bins, context);

type Name = 'v_add' | 'v_fill' | 'v_pull' | 'vacuum_variant';
const at = (name: Name, bin: number, k: number) => columns[name][bin * rows + context.radius + k] as number;
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
/** Mean over |k| from near to far of a side. */
const side = (name: Name, bin: number, sign: number, near: number, far: number) =>
  mean(Array.from({ length: far - near + 1 }, (_, index) => at(name, bin, sign * (near + index))));
const median = (values: readonly number[]) => {
  const sorted = values.toSorted((a, b) => a - b);
  return ((sorted[(sorted.length - 1) >> 1] as number) + (sorted[sorted.length >> 1] as number)) / 2;
};

function asymmetry(bin: number): number {
  const bands = [
    [1, 3],
    [4, 11],
    [12, 23],
  ] as const;
  const raw = bands.map(([near, far]) => 1 / Math.sqrt(far - near + 1));
  const total = raw.reduce((sum, weight) => sum + weight, 0);
  return bands.reduce((sum, [near, far], band) => {
    const add = side('v_add', bin, -1, near, far) - side('v_add', bin, 1, near, far);
    const pull = side('v_pull', bin, 1, near, far) - side('v_pull', bin, -1, near, far);
    return sum + ((raw[band] as number) / total) * (add + pull);
  }, 0);
}

/** The slope of the line through the last `window` asymmetries before and at a bin. */
function slope(bin: number, window: number): number {
  const xs = Array.from({ length: window }, (_, index) => index);
  const ys = xs.map((x) => asymmetries[bin - window + 1 + x] as number);
  const [xMean, yMean] = [mean(xs), mean(ys)];
  const products = xs.map((x, index) => (x - xMean) * ((ys[index] as number) - yMean));
  return mean(products) / mean(xs.map((x) => (x - xMean) ** 2));
}

function ads(bin: number): number {
  const windows = [10, 25, 50] as const;
  return windows.reduce((sum, window, index) => {
    if (bin < window - 1) return sum;
    const past = (slopes[index] as number[]).slice(Math.max(0, bin - window + 1 - 199), bin - window + 2);
    if (past.length < 30) return sum;
    const centre = median(past);
    const scale = 1.4826 * median(past.map((value) => Math.abs(value - centre)));
    const z = scale > 1e-9 ? ((past.at(-1) as number) - centre) / scale : 0;
    return sum + ([0.4, 0.35, 0.25][index] as number) * Math.tanh(z / 3);
  }, 0);
}

/** An average that starts at its first value. */
const ema = (values: readonly number[], alpha: number) =>
  values.slice(1).reduce((before, value) => alpha * value + (1 - alpha) * before, values[0] as number);

/** EMAs of a zone's inner values times its outer ones of 5 bins before, and of now. */
function lead(bin: number, inner: readonly number[], outer: readonly number[]): number {
  const to = inner.slice(0, bin + 1);
  const lagged = to.map((value, index) => value * (index < 5 ? 0 : (outer[index - 5] as number)));
  const together = to.map((value, index) => value * (outer[index] as number));
  return ema(lagged, 0.1) / (ema(together, 0.1) + 1e-12);
}

const everyBin = Array.from({ length: bins }, (_, bin) => bin);
const built = (sign: number, near: number, far: number) =>
  everyBin.map((bin) => side('v_add', bin, sign, near, far) + side('v_fill', bin, sign, near, far));
const pulled = (sign: number, near: number, far: number) => everyBin.map((bin) => side('v_pull', bin, sign, near, far));
const zones = [built, pulled].flatMap((zone) => [-1, 1].map((sign) => [zone(sign, 1, 3), zone(sign, 5, 12)] as const));

function pfp(bin: number): number {
  const [bid, ask, bidPull, askPull] = zones.map(([inner, outer]) => lead(bin, inner, outer)) as [
    number,
    number,
    number,
    number,
  ];
  return 0.6 * (bid - ask) + 0.4 * (askPull - bidPull);
}

const drains = everyBin.map((bin) => {
  let sum = 0;
  for (let k = 1; k <= 50; k++) sum += (at('vacuum_variant', bin, k) - at('vacuum_variant', bin, -k)) / k;
  return sum;
});

function svac(bin: number): number {
  const sizes = drains.slice(0, bin + 1).map(Math.abs);
  return (drains[bin] as number) / Math.max(ema(sizes, 0.05), 1e-6);
}

const asymmetries = everyBin.map(asymmetry);
const slopes = [10, 25, 50].map((window) =>
  Array.from({ length: bins - window + 1 }, (_, index) => slope(index + window - 1, window)),
);

test('ads_pfp_svac gives the numbers of its definition, and is ready once 20 s are there', async () => {
  const lake = new Lake(temporaryFolder('example'));
  await loadSignal((await findUserSignal({ lake, folder }, 'ads_pfp_svac')).source);
  const signal = createSignal('ads_pfp_svac', {}, context);
  let largest = 0;
  for (let bin = 0; bin < bins; bin++) {
    signal.update(columns, bin * rows);
    equal(signal.ready, bin >= 199, `bin ${bin}`);
    if (bin < 199) continue;
    const expected = 0.4 * ads(bin) + 0.3 * pfp(bin) + 0.3 * svac(bin);
    ok(Math.abs(signal.score - expected) <= 1e-9, `bin ${bin}: ${signal.score}, not ${expected}`);
    largest = Math.max(largest, Math.abs(signal.score));
  }
  ok(largest > 0.2, `${largest}`);
});
