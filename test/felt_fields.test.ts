import { deepEqual, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { captureWindow, defaultRuntimeConfig, type RuntimeConfig } from '../src/config/index.ts';
import { DbnDecoder, type RecordBatch } from '../src/dbn/index.ts';
import { BinColumns, Engine } from '../src/engine/index.ts';
import {
  createSignal,
  feltFields,
  findFirings,
  pastPercentiles,
  type SignalDefinition,
  signalContext,
  signals,
} from '../src/signals/index.ts';
import { SyntheticSession } from '../src/synth/index.ts';

/*
 * What the signal definitions declare of the fields and parameters that change firings, seen in numbers: every field is
 * changed by itself, and each signal must fire elsewhere or not, as declared.
 */

const base: RuntimeConfig = {
  ...defaultRuntimeConfig,
  n_absolute_ticks: 1024,
  grid_radius_ticks: 26,
  flow_zscore_window_bins: 60,
  flow_zscore_min_periods: 20,
};
/** Another value for every field that specs can set. */
const changes = {
  grid_radius_ticks: 30,
  tau_velocity: 3,
  tau_acceleration: 7,
  tau_jerk: 12,
  tau_rest_decay: 11,
  c1_v_add: 2,
  c2_v_rest_pos: 2,
  c3_a_add: 2,
  c4_v_pull: 2,
  c5_v_fill: 5,
  c6_v_rest_neg: 2,
  c7_a_pull: 2,
  flow_windows: [3, 7],
  flow_rollup_weights: base.flow_rollup_weights.map((weight, index) => weight + index + 1),
  flow_derivative_weights: [0.1, 0.1, 0.8],
  flow_tanh_scale: 1,
  flow_neutral_threshold: 0.4,
  flow_zscore_window_bins: 30,
  flow_zscore_min_periods: 40,
} as const satisfies Partial<RuntimeConfig>;
type Changed = keyof typeof changes;

const records = (() => {
  const session = new SyntheticSession({
    ...{ seed: 5, profile: 'busy', symbol: 'MNQH6', date: 20260206, nextDate: 20260207 },
    ...{ startNs: 1770387900_000_000_000n, durationS: 120, openS: 300, recordsPerS: 250 },
  });
  const decoder = new DbnDecoder();
  const batches: RecordBatch[] = [];
  for (let chunk = session.next(); chunk !== null; chunk = session.next()) {
    decoder.push(chunk.slice());
    for (let batch = decoder.next(); batch !== null; batch = decoder.next()) {
      batches.push({ ...batch, bytes: batch.bytes.slice(), words: batch.words.slice() });
    }
  }
  return batches;
})();

type Parameters = Readonly<Record<string, number>>;

/** Bins and sides of the firings of each signal at each of its thresholds. */
function firingsOf(runtime: RuntimeConfig, wanted: readonly (readonly [SignalDefinition, Parameters])[]): string[] {
  const context = signalContext(runtime);
  const running = wanted.map(([{ name }, parameters]) => createSignal(name, parameters, context));
  const scores: number[][] = running.map(() => []);
  const capture = captureWindow('future_mbo', '2026-02-06', '09:25', undefined);
  const engine = new Engine({ runtime, capture, instrumentId: null });
  const columns = new BinColumns(engine.frame, [], 1).take(engine.bin, null);
  for (const batch of records) {
    for (let index = 0; index < batch.count; ) {
      index = engine.ingest(batch, index);
      if (!engine.binReady) continue;
      for (const [at, signal] of running.entries()) scores[at]!.push(signal.update(columns, 0));
    }
  }
  return running.map(({ definition: { thresholds } }, at) => {
    const series = Float64Array.from(scores[at]!);
    const perBin =
      thresholds.kind === 'score'
        ? thresholds.values.map((value) => Float64Array.of(value))
        : pastPercentiles(series, thresholds.values, 200);
    const tradable = new Uint8Array(series.length).fill(1);
    return JSON.stringify(
      perBin.map((threshold) => {
        const { bins, sides } = findFirings(series, threshold, tradable, 0, 0);
        return Array.from(bins, (bin, index) => bin * sides[index]!);
      }),
    );
  });
}

/** Short windows, so that a minute is enough; no deadband. */
const quick: Readonly<Record<string, Parameters>> = {
  derivative: { zscore_window_bins: 80, zscore_min_periods: 20 },
  ads: { zscore_window_bins: 80, zscore_min_periods: 20 },
  erd: { zscore_window_bins: 60, zscore_min_periods: 20 },
  iirc: { min_imbalance: 0 },
  jad: { zscore_window_bins: 80, zscore_min_periods: 20 },
  spg: { centre_bins: 60 },
};
const all = signals.map((definition) => [definition, quick[definition.name] ?? {}] as const);
const asIs = firingsOf(base, all);

test('every signal fires', () => {
  asIs.forEach((firings, at) => {
    ok(firings.length > 100, `${signals[at]!.name}: ${firings}`);
  });
});

for (const field of Object.keys(changes) as Changed[]) {
  test(`${field} changes the firings of the signals that declare to feel it, and of no other`, () => {
    const changed = firingsOf({ ...base, [field]: changes[field] }, all);
    const felt = signals.filter((_, at) => changed[at] !== asIs[at]).map(({ name }) => name);
    const declared = signals.filter((signal) => feltFields(signal).has(field)).map(({ name }) => name);
    deepEqual(felt, declared);
  });
}

test('parameters that are declared to change no firing change none', () => {
  const others = { center_exclusion_radius: [1, 9], spatial_decay_power: [0.5, 2] };
  const told = signals.flatMap((definition) =>
    definition.parameters.flatMap((spec) =>
      'changesNoFiring' in spec && spec.changesNoFiring ? [[definition, spec.name] as const] : [],
    ),
  );
  deepEqual(told.map(([, name]) => name).sort(), Object.keys(others).sort());
  const cases = told.flatMap(([definition, name]) =>
    others[name as keyof typeof others].map(
      (value) => [definition, { ...quick[definition.name], [name]: value }] as const,
    ),
  );
  // Where two states weigh differently and mixed ones damp, too.
  const odd = { bull_vacuum_weight: 2, bear_pressure_weight: 0.5, mixed_weight: 0.7 };
  const oddCases = cases.map(([definition, parameters]) => [definition, { ...parameters, ...odd }] as const);
  const derivativeAt = signals.findIndex(({ name }) => name === 'derivative');
  const [oddAsIs] = firingsOf(base, [[signals[derivativeAt]!, { ...quick.derivative, ...odd }]]);
  for (const firings of firingsOf(base, cases)) deepEqual(firings, asIs[derivativeAt]);
  for (const firings of firingsOf(base, oddCases)) deepEqual(firings, oddAsIs);
});
