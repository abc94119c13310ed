export {
  DerivativeSignal,
  type DerivativeState,
  derivativeParameters,
  spatialWeights,
  withDerivativeParameters,
} from './derivative.ts';
export { feltFields } from './felt_fields.ts';
export {
  Firing,
  type FiringRule,
  type Firings,
  type FiringThreshold,
  findFirings,
  type Side,
} from './firing.ts';
export { pastPercentiles } from './past_sizes.ts';
export { createSignal, createStoredSignal, signalDefinition, signals } from './registry.ts';
export {
  allowedText,
  type ParameterSpec,
  resolveParameters,
  Signal,
  type SignalColumn,
  type SignalColumns,
  type SignalContext,
  type SignalDefinition,
  type SignalParameters,
  type Stage,
  type StageDefinition,
  storedParameters,
  type Thresholds,
} from './signal.ts';
