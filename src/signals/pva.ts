import { maxDecayPower } from '../config/light.ts';
import { tooNarrow } from './sides.ts';
import {
  numberOf,
  type SignalContext,
  type SignalDefinition,
  type SignalParameters,
  type Stage,
  windowStage,
} from './signal.ts';
import {
  modelZscore,
  tanhScaleParameter,
  tanhZscore,
  zscoreConflict,
  zscoreParameterNames,
  zscoreParameters,
} from './zscore.ts';

/** Base of a bin: the share of weighted pressure and vacuum that pushes up, less the share that pushes down. */
function asymmetry(parameters: SignalParameters, { radius }: SignalContext): Stage {
  const reach = numberOf(parameters, 'reach_ticks');
  const power = numberOf(parameters, 'spatial_decay_power');
  const weights = Float64Array.from({ length: reach + 1 }, (_, distance) => 1 / Math.max(distance, 1) ** power);
  return windowStage(1, ({ pressure_variant: pressure, vacuum_variant: vacuum }, at, out, outAt) => {
    const centre = at + radius;
    let up = 0;
    let down = 0;
    for (let distance = 1; distance <= reach; distance++) {
      const weight = weights[distance]!;
      up += weight * (pressure[centre - distance]! + vacuum[centre + distance]!);
      down += weight * (pressure[centre + distance]! + vacuum[centre - distance]!);
    }
    const sum = up + down;
    out[outAt] = sum === 0 ? 0 : (up - down) / sum;
  });
}

/**
 * Pressure–vacuum asymmetry: bids that build and asks that drain push the price up, the opposite pushes it down.
 *
 * base = [Σ_{k<0} w·P − Σ_{k>0} w·P + Σ_{k>0} w·V − Σ_{k<0} w·V] / Σ_{k≠0} w·(P + V), w = 1/|k|^spatial_decay_power over
 * |k| ≤ reach_ticks, 0 where the denominator is 0; robust z-score of the base (model.md §8); score = tanh(z/tanh_scale).
 */
export const pva: SignalDefinition = {
  name: 'pva',
  about: 'pressure–vacuum asymmetry: pressure below and vacuum above spot less the reverse, against its own past',
  columns: ['pressure_variant', 'vacuum_variant'],
  parameters: [
    { name: 'reach_ticks', about: 'ticks to each side of spot', default: 16, min: 1, integer: true },
    {
      name: 'spatial_decay_power',
      about: 'power of 1/|k| by which ticks count',
      default: 1,
      min: 0,
      max: maxDecayPower,
    },
    ...zscoreParameters(240),
    tanhScaleParameter,
  ],
  thresholds: { kind: 'score', values: [0.1, 0.2, 0.3, 0.4, 0.5, 0.6] },
  bound: 1,
  feelsRadius: false,
  stages: [
    {
      parameters: ['reach_ticks', 'spatial_decay_power'],
      create: (parameters, context) => asymmetry(parameters, context),
    },
    {
      parameters: [...zscoreParameterNames, 'tanh_scale'],
      create: (parameters) => tanhZscore(parameters, modelZscore),
    },
  ],
  conflict: (parameters, context) =>
    zscoreConflict(parameters) ?? tooNarrow(context.radius, numberOf(parameters, 'reach_ticks')),
};
