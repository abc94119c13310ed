import { normalisedWeights } from '../spectrum/light.ts';
import { inverseDistances, sideWeightedSum, tooNarrow } from './sides.ts';
import { type SignalContext, type SignalDefinition, type Stage, windowStage } from './signal.ts';
import { tanhScaleParameter, tanhZscore, zscoreConflict, zscoreParameterNames, zscoreParameters } from './zscore.ts';

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
    { parameters: [...zscoreParameterNames, 'tanh_scale'], create: (parameters) => tanhZscore(parameters) },
  ],
  conflict: (parameters, context) => zscoreConflict(parameters) ?? tooNarrow(context.radius, reachTicks),
};
