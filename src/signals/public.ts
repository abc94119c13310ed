/* `spymaster/signal`: everything that a user's signal may build on. */

export { expm1, log, tanh } from '../elementary.ts';
export { normalisedWeights, RollingRobustZ } from '../spectrum/light.ts';
export type { StateReader, StateWriter } from '../state.ts';
export { cos, exp, pow, sin } from './exact_math.ts';
export type { DeclaredFeature } from './features/feature_list.ts';
export { defineImportedScores, type ImportedScores, type ImportedSession } from './imported_scores.ts';
export { defineModelSignal, type ModelFile, type ModelSignal } from './model_signal.ts';
export { Ema, History, leastSquaresSlope } from './rolling.ts';
export type { ScoredSession } from './scored_sessions.ts';
export { inverseDistances, sideMean, sideSum, sideWeightedSum, tooNarrow } from './sides.ts';
export {
  type ChoiceParameter,
  type ListParameter,
  type ListValue,
  type NumberParameter,
  numberOf,
  numbersOf,
  type ParameterSpec,
  type ParameterValue,
  pairsOf,
  type SessionPlace,
  type SignalColumn,
  type SignalColumns,
  type SignalContext,
  type SignalParameters,
  type SignalSeries,
  type Thresholds,
} from './signal.ts';
export { defineSignal, type RunningSignal, type SignalBin, type UserSignal } from './user_signal.ts';
