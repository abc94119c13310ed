import { maxCoefficient, maxWindowBins } from '../config/light.ts';
import { tanh } from '../elementary.ts';
import { type RobustZOptions, RollingRobustZ } from '../spectrum/light.ts';
import { type NumberParameter, numberOf, type SignalParameters, type Stage, scoreStage } from './signal.ts';

/** Parameters of a robust z-score whose window is `window` bins by default, ready after a quarter of it. */
export function zscoreParameters(window: number): readonly NumberParameter[] {
  return [
    {
      name: 'zscore_window_bins',
      about: 'past bins that a value is compared with',
      default: window,
      min: 2,
      max: maxWindowBins,
      integer: true,
    },
    {
      name: 'zscore_min_periods',
      about: 'bins before the first z-score',
      default: window / 4,
      min: 1,
      max: maxWindowBins,
      integer: true,
    },
  ];
}

export const zscoreParameterNames = ['zscore_window_bins', 'zscore_min_periods'] as const;

/** Which scales of a series are too small to divide by, and the z-score then. */
type ScaleRule = Pick<RobustZOptions, 'scaleFloor' | 'withoutScale'>;

/** The rule of the flow score's z-scores (model.md §6). */
const flowZscore: ScaleRule = { scaleFloor: 1e-9, withoutScale: 'zero' };
/** The rule of the derivative signal's z-scores (model.md §8). */
export const modelZscore: ScaleRule = { scaleFloor: 1e-12, withoutScale: 'standard' };

/** A robust z-score with the parameters of `zscoreParameters`. */
export function createZscore(parameters: SignalParameters, rule: ScaleRule = flowZscore): RollingRobustZ {
  return new RollingRobustZ({
    window: numberOf(parameters, 'zscore_window_bins'),
    minPeriods: numberOf(parameters, 'zscore_min_periods'),
    ...rule,
  });
}

/** A last stage: score = tanh(z/`tanh_scale`) of the one number that the stage before it gives, z as `createZscore`. */
export function tanhZscore(parameters: SignalParameters, rule?: ScaleRule): Stage {
  const z = createZscore(parameters, rule);
  const minPeriods = numberOf(parameters, 'zscore_min_periods');
  const tanhScale = numberOf(parameters, 'tanh_scale');
  return scoreStage(
    [z],
    (input, at) => tanh(z.push(input[at]!) / tanhScale),
    () => z.count >= minPeriods,
  );
}

/** For `SignalDefinition.conflict`. */
export function zscoreConflict(parameters: SignalParameters): string | null {
  const window = numberOf(parameters, 'zscore_window_bins');
  const minPeriods = numberOf(parameters, 'zscore_min_periods');
  return minPeriods <= window ? null : `zscore_min_periods is ${minPeriods}; allowed: at most zscore_window_bins`;
}

/** A scale that z-scores are divided by before tanh. */
export const tanhScaleParameter: NumberParameter = {
  name: 'tanh_scale',
  about: 'tanh saturation scale, in z units',
  default: 3,
  min: 0,
  aboveMin: true,
  max: maxCoefficient,
};
