export { canonicalJson, contentHash, sha256Hex } from './canonical.ts';
export { maxCoefficient, maxDecayPower, maxWindowBins } from './limits.ts';
export { nearest } from './nearest.ts';
export { productRoot } from './product_root.ts';
export type { ProductType } from './runtime.ts';
export {
  type FeatureSignalColumn,
  featureSignalColumns,
  type GridSignalColumn,
  gridSignalColumns,
} from './signal_columns.ts';
