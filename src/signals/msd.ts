import { inverseDistances, sideWeightedSum } from './sides.ts';
import type { SignalColumns, SignalContext, SignalDefinition, SignalParameters, Stage } from './signal.ts';

class VacuumAsymmetry implements Stage {
  readonly width = 2;
  readonly #radius: number;
  readonly #weights: Float64Array;

  constructor(parameters: SignalParameters, context: SignalContext) {
    this.#radius = context.radius;
    this.#weights = inverseDistances(context.radius);
    if (parameters.weighting === 'plain') this.#weights.fill(1, 1);
  }

  update(columns: SignalColumns, at: number, _in: Float64Array, _inAt: number, out: Float64Array, outAt: number): void {
    const side = (sign: 1 | -1) => sideWeightedSum(columns.vacuum_variant, at, this.#radius, sign, this.#weights);
    out[outAt] = side(1) - side(-1);
    out[outAt + 1] = 1;
  }

  save(): void {}
  restore(): void {}
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
  stages: [{ parameters: ['weighting'], create: (parameters, context) => new VacuumAsymmetry(parameters, context) }],
};
