import type { ProductType } from './runtime.ts';

/** The product root of a futures symbol (MNQH6 → MNQ: month letter and year digits go); an equity symbol as it is. */
export function productRoot(productType: ProductType, symbol: string): string {
  if (productType === 'equity_mbo') return symbol;
  return /^(.+)[FGHJKMNQUVXZ]\d{1,2}$/.exec(symbol)?.[1] ?? symbol;
}
