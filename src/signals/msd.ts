import { inverseDistances, sideWeightedSum } from './sides.ts';
import { type SignalContext, type SignalDefinition, type SignalParameters, type Stage, windowStage } from './signal.ts';

function vacuumAsymmetry(parameters: SignalParameters, { radius }: SignalContext): Stage {
  const weights = inverseDistances(radius);
  if (parameters.weighting === 'plain') weights.fill(1, 1);
  return windowStage(2, ({ vacuum_variant: vacuum }, at, out, outAt) => {
    const side = (sign: 1 | -1) => sideWeightedSum(vacuum, at, radius, sign, weights);
    out[outAt] = side(1) - side(-1);
    out[outAt + 1] = 1;
  });
}

/**
 * Spatial vacuum asymmetry: price moves to where liquidity drains.
 *
 * score = Σ V above/|k| − Σ V below/|k| over the window, or the plain sums. It has no memory and is always ready.
 */
export const msd: SignalDefinition = {
  name: 'msd',
  about: 'spatial vacuum asymmetry: draining above spot less draining below it',
  columns: ['vacuum_variant'],
  parameters: [
    {
      name: 'weighting',
      about: 'how ticks count: by 1/|k|, or all the same',
      default: 'inverse_distance',
      choices: ['inverse_distance', 'plain'],
    },
  ],
  thresholds: { kind: 'past_percentile', values: [80, 85, 90, 95, 97.5, 99], windowBins: 3000 },
  bound: null,
  feelsRadius: true,
  stages: [{ parameters: ['weighting'], create: (parameters, context) => vacuumAsymmetry(parameters, context) }],
};
