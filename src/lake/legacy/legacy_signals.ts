import { canonicalJson } from '../../config/index.ts';
import { signals } from '../../signals/index.ts';
import { refusal } from './refusal.ts';

/** Signals of the replaced program that learned from data. */
const modelSignals: ReadonlySet<string> = new Set([
  ...['svm_sp', 'gbm_mf', 'knn_cl', 'lsvm_der', 'xgb_snap', 'pca_ad'],
]);

/** How a parameter of the replaced program is said now. */
type Rule =
  /** By another name. */
  | { readonly to: string; readonly values?: Readonly<Record<string, string>> }
  /** Not at all: the signal has this value. */
  | { readonly fixed: unknown }
  /** By the warm-up of the evaluation. */
  | { readonly isWarmup: true };

const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);

/** Columns were counted from the window's first row, −50 ticks, so that spot was 50. */
const rules: Readonly<Record<string, Readonly<Record<string, Rule>>>> = {
  ads: {
    slope_windows: { fixed: [10, 25, 50] },
    blend_weights: { fixed: [0.4, 0.35, 0.25] },
    blend_scale: { to: 'tanh_scale' },
    zscore_window: { to: 'zscore_window_bins' },
  },
  spg: {
    fast_span: { to: 'fast_span_bins' },
    slow_span: { to: 'slow_span_bins' },
    curv_cols: { fixed: [48, 49, 50, 51, 52] },
    curv_span: { fixed: 10 },
    blend_smooth: { fixed: 0.7 },
    blend_curv: { fixed: 0.3 },
    ema_fast_weight: { fixed: 0.6 },
    ema_slow_weight: { fixed: 0.4 },
  },
  erd: { zscore_window: { to: 'zscore_window_bins' }, spike_floor: { to: 'gate_z' } },
  pfp: {
    inner_bid_cols: { fixed: range(47, 49) },
    inner_ask_cols: { fixed: range(51, 53) },
    outer_bid_cols: { fixed: range(38, 45) },
    outer_ask_cols: { fixed: range(55, 62) },
    ema_alpha: { to: 'alpha' },
    eps: { fixed: 1e-12 },
    add_weight: { fixed: 0.6 },
    pull_weight: { fixed: 0.4 },
    warmup_bins: { isWarmup: true },
  },
  jad: {
    bid_cols: { fixed: range(26, 49) },
    ask_cols: { fixed: range(51, 74) },
    zscore_window: { to: 'zscore_window_bins' },
    confirm_weights: { fixed: [0.4, 0.6] },
    disagree_weights: { fixed: [0.8, 0.2] },
  },
  iirc: {
    bid_slice: { fixed: [34, 50] },
    ask_slice: { fixed: [51, 67] },
    eps: { fixed: 1 },
    fast_window: { fixed: 10 },
    slow_window: { fixed: 30 },
    fast_weight: { fixed: 0.6 },
    slow_weight: { fixed: 0.4 },
    noise_floor: { to: 'min_imbalance' },
  },
  msd: {
    variant: { to: 'weighting', values: { weighted: 'inverse_distance' } },
    warmup_bins: { isWarmup: true },
  },
};

export type Axes = Readonly<Record<string, readonly unknown[]>>;

/**
 * The signals of an experiment that there are, in its order. Those that learn from data are left out, and it is said; an experiment
 * of them alone, and one of a signal that nobody knows, is refused with CONFIG_INVALID.
 */
export function knownSignals(file: string, names: readonly string[], changes: string[]): string[] {
  const known = new Set(signals.map(({ name }) => name));
  const unknown = names.find((name) => !known.has(name) && !modelSignals.has(name));
  if (unknown === 'ads_pfp_svac') {
    throw refusal(
      file,
      'signals',
      'there is no signal ads_pfp_svac: it was a blend that the old page computed by itself, and one of its three parts, svac, is in no ' +
        'other place; sweep ads and pfp apart',
    );
  }
  if (unknown !== undefined) throw refusal(file, 'signals', `there is no signal ${unknown}`);
  const models = names.filter((name) => modelSignals.has(name));
  const kept = names.filter((name) => known.has(name));
  const what = `${models.join(', ')} ${models.length === 1 ? 'learns' : 'learn'} from data, and no signal here does`;
  if (kept.length === 0) throw refusal(file, 'signals', what);
  if (models.length > 0) changes.push(`signals: ${models.join(', ')} left out: ${what}.`);
  return kept;
}

/**
 * The axes of a signal by today's names. What the signal has fixed is left out, and other values of it are named; where only other
 * values were asked for, it is refused with CONFIG_INVALID.
 */
export function translateAxes(
  file: string,
  signal: string,
  axes: Readonly<Record<string, unknown>>,
  warmupBins: number,
  changes: string[],
): Axes {
  const translated: Record<string, readonly unknown[]> = {};
  const at = (parameter: string) => `sweep.per_signal.${signal}.${parameter}`;
  for (const [parameter, given] of Object.entries(axes)) {
    if (signal === 'spg' && (parameter === 'ask_band' || parameter === 'bid_band')) continue;
    const values: readonly unknown[] = Array.isArray(given) ? given : [given];
    const rule = rules[signal]?.[parameter];
    if (rule === undefined) translated[parameter] = values;
    else if ('to' in rule) {
      translated[rule.to] = values.map((value) => renamed(file, at(parameter), value, rule.values));
      changes.push(`${at(parameter)} is ${rule.to} now.`);
    } else if ('fixed' in rule) changes.push(leftOut(file, at(parameter), values, rule.fixed));
    else changes.push(warmupText(file, at(parameter), values, warmupBins));
  }
  if (signal !== 'spg') return translated;
  // Its score was not centred on its own past.
  changes.push('sweep.per_signal.spg.centre_bins is 0: the older score was not centred; 300 is the default.');
  return { ...translated, ...reachOf(file, axes, changes), centre_bins: [0] };
}

function renamed(
  file: string,
  key: string,
  value: unknown,
  values: Readonly<Record<string, string>> | undefined,
): unknown {
  if (values === undefined) return value;
  const now = typeof value === 'string' ? values[value] : undefined;
  if (now !== undefined) return now;
  throw refusal(file, key, `${key} is ${canonicalJson(value)}; known: ${Object.keys(values).join(', ')}`);
}

function leftOut(file: string, key: string, values: readonly unknown[], fixed: unknown): string {
  const same = canonicalJson(fixed);
  const others = values.filter((value) => canonicalJson(value) !== same).map(canonicalJson);
  if (others.length === 0) return `${key} left out: it is ${same} always.`;
  if (others.length < values.length)
    return `${key} left out: it is ${same} always, ${others.join(' and ')} cannot be had.`;
  throw refusal(file, key, `${key} is ${others.join(' or ')}, and the signal has ${same} always`);
}

/** A signal's own warm-up matters only beyond that of the evaluation, before which nothing fires. */
function warmupText(file: string, key: string, values: readonly unknown[], warmupBins: number): string {
  const longer = values.filter((value) => typeof value !== 'number' || value > warmupBins).map(canonicalJson);
  if (longer.length === 0) return `${key} left out: before eval.warmup_bins, ${warmupBins}, nothing fires.`;
  throw refusal(
    file,
    key,
    `${key} is ${longer.join(' and ')}; give eval.warmup_bins as many bins, the signal has no warm-up of its own`,
  );
}

/** The reach that bands [51, 51 + reach) above and [50 − reach, 50) below spot meant; both are one parameter. */
function reachOf(file: string, axes: Readonly<Record<string, unknown>>, changes: string[]): Axes {
  if (axes.ask_band === undefined && axes.bid_band === undefined) return {};
  const reaches = (key: 'ask_band' | 'bid_band', reach: (from: number, to: number) => number | null): number[] => {
    const bands = axes[key] ?? [key === 'ask_band' ? [51, 67] : [34, 50]];
    return (Array.isArray(bands) ? bands : []).map((band: unknown) => {
      const [from, to] = Array.isArray(band) ? (band as number[]) : [];
      const found = from === undefined || to === undefined ? null : reach(from, to);
      if (found !== null && found > 0) return found;
      const path = `sweep.per_signal.spg.${key}`;
      throw refusal(file, path, `${path} is ${canonicalJson(band)}; the band starts next to spot, column 50`);
    });
  };
  const ask = reaches('ask_band', (from, to) => (from === 51 ? to - 51 : null));
  const bid = reaches('bid_band', (from, to) => (to === 50 ? 50 - from : null));
  const both = ask.filter((reach) => bid.includes(reach));
  if (both.length === 0) {
    throw refusal(
      file,
      'sweep.per_signal.spg',
      `bands of ${ask.join(', ')} ticks above and ${bid.join(', ')} below spot; the signal has one reach for both sides`,
    );
  }
  const unequal = ask.length * bid.length > both.length ? '; bands of unequal width cannot be had' : '';
  changes.push(`sweep.per_signal.spg: ask_band and bid_band are reach_ticks now${unequal}.`);
  return { reach_ticks: both };
}
