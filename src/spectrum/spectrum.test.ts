import { deepEqual, equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { LiteralSpectrum } from '../../test/oracle/literal_spectrum.ts';
import { defaultRuntimeConfig } from '../config/index.ts';
import { Physics, tick, tickStride } from '../physics/index.ts';
import { StateReader, StateWriter } from '../state.ts';
import { Spectrum, type SpectrumParams } from './spectrum.ts';

const slots = 24;
const config = {
  ...defaultRuntimeConfig,
  flow_windows: [2, 3, 6],
  flow_rollup_weights: [1, 2, 1],
  flow_zscore_window_bins: 9,
  flow_zscore_min_periods: 3,
};
const params: SpectrumParams = {
  binS: 0.5,
  windows: config.flow_windows,
  rollupWeights: config.flow_rollup_weights,
  derivativeWeights: config.flow_derivative_weights,
  tanhScale: config.flow_tanh_scale,
  neutralThreshold: config.flow_neutral_threshold,
  zscoreWindowBins: config.flow_zscore_window_bins,
  zscoreMinPeriods: config.flow_zscore_min_periods,
};

/** Forces of a bin, from 0 to 9: pressure and vacuum of each slot; before some bins a silence that all histories forget. */
const bins = fc.array(
  fc.record({
    silent: fc.integer({ min: 0, max: 9 }).map((n) => (n === 0 ? 80 : 0)),
    forces: fc.array(fc.nat(9), { minLength: 2 * slots, maxLength: 2 * slots }),
    first: fc.integer({ min: -4, max: slots }),
    rows: fc.integer({ min: 1, max: 9 }),
    scored: fc.boolean(),
    saved: fc.boolean(),
    shift: fc.integer({ min: -40, max: 40 }).map((n) => (Math.abs(n) < 6 ? n : 0)),
  }),
  { minLength: 5, maxLength: 40, size: 'max' },
);

function setForces(physics: Physics, forces: readonly number[] | null): void {
  physics.liveCount = 0;
  for (let slot = 0; slot < slots; slot++) {
    // A third of the slots never has any force; quiet ones are not live.
    const pressure = slot % 3 === 0 ? 0 : (forces?.[slot] ?? 0);
    const vacuum = slot % 3 === 0 ? 0 : (forces?.[slots + slot] ?? 0);
    physics.state[slot * tickStride + tick.pressure] = pressure;
    physics.state[slot * tickStride + tick.vacuum] = vacuum;
    if (pressure !== 0 || vacuum !== 0) physics.live[physics.liveCount++] = slot;
  }
}

function throughBytes(spectrum: Spectrum): Spectrum {
  const writer = new StateWriter();
  spectrum.save(writer);
  const restored = new Spectrum(slots, 9, params);
  const bytes = writer.finish();
  restored.restore(new StateReader(bytes));
  const again = new StateWriter();
  restored.save(again);
  deepEqual(again.finish(), bytes);
  return restored;
}

test('slots that are scored now and then score as if all were scored at every bin', () => {
  let scored = 0;
  fc.assert(
    fc.property(bins, (steps) => {
      const physics = new Physics(slots, 1, {} as never);
      let spectrum = new Spectrum(slots, 9, params);
      let literal = Array.from({ length: slots }, () => new LiteralSpectrum(0));
      let count = 0;
      const push = (forces: readonly number[] | null) => {
        setForces(physics, forces);
        spectrum.push(physics);
        count++;
        literal.forEach((each, slot) => {
          const at = slot * tickStride;
          each.push(physics.state[at + tick.pressure]!, physics.state[at + tick.vacuum]!, params.binS, config);
        });
      };
      for (const { silent, forces, first, rows, scored: isScored, saved, shift } of steps) {
        for (let i = 0; i < silent; i++) push(null);
        if (shift !== 0) {
          spectrum.recentre(shift);
          literal = literal.map((_, slot) => literal[slot + shift] ?? new LiteralSpectrum(count));
        }
        push(forces);
        if (saved) spectrum = throughBytes(spectrum);
        if (!isScored) continue;
        const column = () => new Float64Array(rows).fill(9);
        const out = {
          composite: column(),
          composite_d1: column(),
          composite_d2: column(),
          composite_d3: column(),
          flow_score: column(),
          flow_state_code: new Int8Array(rows).fill(9),
        };
        spectrum.score(first, rows, out);
        for (let row = 0; row < rows; row++) {
          const want = literal[first + row];
          const wanted = want === undefined ? [] : [want.composites, ...want.derivatives, want.scores];
          const got = [out.composite, out.composite_d1, out.composite_d2, out.composite_d3, out.flow_score];
          got.forEach((values, i) => {
            equal(values[row], wanted[i]?.at(-1) ?? 0, `slot ${first + row}`);
          });
          equal(out.flow_state_code[row], want?.code ?? 0, `slot ${first + row}`);
          if (out.flow_score[row] !== 0) scored++;
        }
      }
    }),
    { numRuns: 15, endOnFailure: true },
  );
  ok(scored > 100, `${scored} scores were compared`);
});
