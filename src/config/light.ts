export { canonicalJson, contentHash, sha256Hex } from './canonical.ts';
export { nearest } from './nearest.ts';
export { productRoot } from './product_root.ts';
export type { ProductType } from './runtime.ts';
