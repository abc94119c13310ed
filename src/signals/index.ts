export {
  DerivativeSignal,
  type DerivativeState,
  derivativeParameters,
  spatialWeights,
  withDerivativeParameters,
} from './derivative.ts';
export { createSignal, signalDefinition, signals } from './registry.ts';
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
  type Thresholds,
} from './signal.ts';
