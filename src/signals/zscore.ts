import { maxCoefficient, maxWindowBins } from '../config/index.ts';
import { tanh } from '../elementary.ts';
import { RollingRobustZ } from '../spectrum/index.ts';
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

/** The robust z-score of model.md §6 with the parameters of `zscoreParameters`. */
export function createZscore(parameters: SignalParameters): RollingRobustZ {
  return new RollingRobustZ({
    window: numberOf(parameters, 'zscore_window_bins'),
    minPeriods: numberOf(parameters, 'zscore_min_periods'),
    scaleFloor: 1e-9,
    withoutScale: 'zero',
  });
}

/** A last stage: score = tanh(z/`tanh_scale`) of the one number that the stage before it gives, z as `createZscore`. */
export function tanhZscore(parameters: SignalParameters): Stage {
  const z = createZscore(parameters);
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
