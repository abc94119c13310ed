export {
  DerivativeSignal,
  type DerivativeState,
  spatialWeights,
} from './derivative.ts';
export {
  type DeclaredFeature,
  type Feature,
  type FeatureList,
  layOutFeatures,
} from './features/feature_list.ts';
export { FeatureRow } from './features/feature_row.ts';
export { feltFields } from './felt_fields.ts';
export {
  Firing,
  type FiringRule,
  type Firings,
  type FiringThreshold,
  findFirings,
  type Side,
} from './firing.ts';
export { defineImportedScores, type ImportedScores, type ImportedSession } from './imported_scores.ts';
export { defineModelSignal, type ModelFile, type ModelSignal } from './model_signal.ts';
export { pastPercentiles } from './past_sizes.ts';
export {
  createSignal,
  createStoredSignal,
  defaultSignal,
  knownSignals,
  knowsSource,
  registerSignal,
  registerSource,
  replaceUserSignals,
  type StoredSignal,
  signalDefinition,
  signals,
} from './registry.ts';
export { runtimeParameters, withRuntimeParameters } from './runtime_parameters.ts';
export { assertComputed, type ScoredSession } from './scored_sessions.ts';
export {
  allowedText,
  allowsValue,
  type BinSignalColumn,
  type GridSignalColumns,
  isBinColumn,
  isFeatureColumn,
  type ParameterSpec,
  type ParameterValue,
  resolveParameters,
  type SessionPlace,
  Signal,
  type SignalColumn,
  type SignalColumns,
  type SignalContext,
  type SignalDefinition,
  type SignalParameters,
  type SignalSeries,
  type Stage,
  type StageDefinition,
  signalContext,
  storedParameters,
  type Thresholds,
} from './signal.ts';
export type { SignalSource } from './signal_source.ts';
export { sampleOf, type TrainedSession, type TrainedStretch } from './trained_sessions.ts';
export {
  checkedUserSignal,
  describedSignalDefinition,
  describeSignal,
  placeInSource,
  type RunningBin,
  type SignalDescription,
  signalApiVersion,
  signalFailure,
  signalScheme,
  type UserSignal,
  userSignalDefinition,
} from './user_signal.ts';
