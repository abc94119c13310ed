import { tanh } from '../elementary.ts';
import { normalisedWeights } from '../spectrum/light.ts';
import { History, leastSquaresSlope } from './rolling.ts';
import { sideMean, tooNarrow } from './sides.ts';
import {
  numberOf,
  type SignalContext,
  type SignalDefinition,
  type SignalParameters,
  type Stage,
  scoreStage,
  windowStage,
} from './signal.ts';
import { createZscore, tanhScaleParameter, zscoreConflict, zscoreParameterNames, zscoreParameters } from './zscore.ts';

/** Inner, mid and outer band: nearest and furthest |k|. */
const bands = [
  [1, 3],
  [4, 11],
  [12, 23],
] as const;
const slopeWindows = [10, 25, 50] as const;
const slopeWeights = [0.4, 0.35, 0.25] as const;

/** Asymmetry of a bin: adding below and pulling above count as up, weighted towards the narrow bands near spot. */
function asymmetry({ radius }: SignalContext): Stage {
  const weights = normalisedWeights(bands.map(([near, far]) => 1 / Math.sqrt(far - near + 1)));
  return windowStage(1, ({ v_add: add, v_pull: pull }, at, out, outAt) => {
    let sum = 0;
    for (let band = 0; band < bands.length; band++) {
      const [near, far] = bands[band]!;
      const added = sideMean(add, at, radius, -1, near, far) - sideMean(add, at, radius, 1, near, far);
      const pulled = sideMean(pull, at, radius, 1, near, far) - sideMean(pull, at, radius, -1, near, far);
      sum += weights[band]! * (added + pulled);
    }
    out[outAt] = sum;
  });
}

function slopeScore(parameters: SignalParameters): Stage {
  const history = new History(slopeWindows[2]);
  const zs = slopeWindows.map(() => createZscore(parameters));
  const minPeriods = numberOf(parameters, 'zscore_min_periods');
  const tanhScale = numberOf(parameters, 'tanh_scale');
  return scoreStage(
    [history, ...zs],
    (input, at) => {
      history.push(input[at]!);
      let score = 0;
      for (let index = 0; index < slopeWindows.length; index++) {
        const window = slopeWindows[index]!;
        if (history.count < window) continue;
        const z = zs[index]!.push(leastSquaresSlope(history, window));
        score += slopeWeights[index]! * tanh(z / tanhScale);
      }
      return score;
    },
    () => zs[2]!.count >= minPeriods,
  );
}

/**
 * Asymmetric derivative slope: is the imbalance of building and draining liquidity between the two sides growing?
 *
 * Bands of |k| 1–3, 4–11, 12–23; per band the asymmetry (mean v_add of bids − asks) + (mean v_pull of asks − bids),
 * weighted by 1/√width; least-squares slopes of it over 10, 25 and 50 bins, each as a robust z-score against its past;
 * score = Σ 0.40, 0.35, 0.25 · tanh(z/tanh_scale). Ready when the slowest slope has its z-score.
 */
export const ads: SignalDefinition = {
  name: 'ads',
  about: 'asymmetric derivative slope: growth of the imbalance of adding and pulling between the sides',
  columns: ['v_add', 'v_pull'],
  parameters: [...zscoreParameters(200), tanhScaleParameter],
  thresholds: { kind: 'score', values: [0.1, 0.2, 0.3, 0.4, 0.5, 0.6] },
  bound: 1,
  feelsRadius: false,
  stages: [
    { parameters: [], create: (_, context) => asymmetry(context) },
    { parameters: [...zscoreParameterNames, 'tanh_scale'], create: (parameters) => slopeScore(parameters) },
  ],
  conflict: (parameters, context) => zscoreConflict(parameters) ?? tooNarrow(context.radius, 23),
};
