import { tanh } from '../elementary.ts';
import { normalisedWeights, type RollingRobustZ } from '../spectrum/index.ts';
import type { StateReader, StateWriter } from '../state.ts';
import { inverseDistances, sideWeightedSum, tooNarrow } from './sides.ts';
import {
  numberOf,
  type SignalColumns,
  type SignalContext,
  type SignalDefinition,
  type SignalParameters,
  type Stage,
  windowStage,
} from './signal.ts';
import { createZscore, tanhScaleParameter, zscoreConflict, zscoreParameterNames, zscoreParameters } from './zscore.ts';

const reachTicks = 24;

function jerkAcceleration({ radius }: SignalContext): Stage {
  const weights = normalisedWeights(inverseDistances(reachTicks));
  const imbalance = (add: Float64Array, pull: Float64Array, at: number): number => {
    const side = (column: Float64Array, sign: 1 | -1) => sideWeightedSum(column, at, radius, sign, weights);
    return 0.5 * (side(add, -1) - side(add, 1)) + 0.5 * (side(pull, 1) - side(pull, -1));
  };
  return windowStage(1, (columns, at, out, outAt) => {
    const jerk = imbalance(columns.j_add, columns.j_pull, at);
    const acceleration = imbalance(columns.a_add, columns.a_pull, at);
    const agree = jerk * acceleration > 0;
    out[outAt] = agree ? 0.4 * jerk + 0.6 * acceleration : 0.8 * jerk + 0.2 * acceleration;
  });
}

class ZScore implements Stage {
  readonly width = 2;
  readonly #z: RollingRobustZ;
  readonly #minPeriods: number;
  readonly #tanhScale: number;

  constructor(parameters: SignalParameters) {
    this.#z = createZscore(parameters);
    this.#minPeriods = numberOf(parameters, 'zscore_min_periods');
    this.#tanhScale = numberOf(parameters, 'tanh_scale');
  }

  update(_c: SignalColumns, _at: number, input: Float64Array, inputAt: number, out: Float64Array, outAt: number): void {
    const z = this.#z.push(input[inputAt]!);
    out[outAt] = tanh(z / this.#tanhScale);
    out[outAt + 1] = this.#z.count >= this.#minPeriods ? 1 : 0;
  }

  save(writer: StateWriter): void {
    this.#z.save(writer);
  }

  restore(reader: StateReader): void {
    this.#z.restore(reader);
  }
}

/**
 * Jerk–acceleration divergence: jerk turns before acceleration does, so where they disagree jerk is heard.
 *
 * With weights 1/|k| over |k| 1–24, imbalance = ½(add of bids − asks) + ½(pull of asks − bids), for jerk and for
 * acceleration; of the same sign 0.4·jerk + 0.6·acceleration, else 0.8·jerk + 0.2·acceleration; robust z-score;
 * score = tanh(z/tanh_scale).
 */
export const jad: SignalDefinition = {
  name: 'jad',
  about: 'jerk-acceleration divergence of adding and pulling between the sides',
  columns: ['j_add', 'j_pull', 'a_add', 'a_pull'],
  parameters: [...zscoreParameters(300), tanhScaleParameter],
  thresholds: { kind: 'score', values: [0.1, 0.2, 0.3, 0.4, 0.5, 0.6] },
  bound: 1,
  feelsRadius: false,
  stages: [
    { parameters: [], create: (_, context) => jerkAcceleration(context) },
    { parameters: [...zscoreParameterNames, 'tanh_scale'], create: (parameters) => new ZScore(parameters) },
  ],
  conflict: (parameters, context) => zscoreConflict(parameters) ?? tooNarrow(context.radius, reachTicks),
};
