export { canonicalJson, contentHash, type Plain, sha256Hex } from './canonical.ts';
export { type CaptureWindow, captureWindow } from './capture.ts';
export { assertInstrument, parseInstrument, productRoot } from './instrument.ts';
export { nearest } from './nearest.ts';
export type { Origin } from './origin.ts';
export {
  checkedName,
  formatPublishedServing,
  type PublishedServingSpec,
  parsePublishedServing,
  type RuntimeSnapshot,
  readPublishedServing,
} from './published_serving.ts';
export { parseReplayConfig, type ReplayConfig } from './replay_config.ts';
export {
  configVersion,
  defaultRuntimeConfig,
  type ProductType,
  parseRuntimeConfig,
  pickRuntime,
  productTypes,
  projectionHorizonsMs,
  type RuntimeConfig,
  runtimeKeys,
  tickSizeInt,
} from './runtime.ts';
export { formatYaml, type ParsedYaml, parseYaml } from './yaml.ts';
