/** Price step and currency per price unit of a contract, in price units as Databento gives prices. */
export interface ContractFacts {
  readonly tickSize: number;
  readonly multiplier: number;
}

/**
 * Contracts that are asked for most, by product root, from the exchange's published contract specifications. Prices of
 * Treasury futures step by halves and quarters of 1/32.
 */
const facts: Readonly<Record<string, readonly [tickSize: number, multiplier: number]>> = {
  ES: [0.25, 50],
  MES: [0.25, 5],
  NQ: [0.25, 20],
  MNQ: [0.25, 2],
  RTY: [0.1, 50],
  M2K: [0.1, 5],
  YM: [1, 5],
  MYM: [1, 0.5],
  CL: [0.01, 1000],
  MCL: [0.01, 100],
  NG: [0.001, 10_000],
  RB: [0.0001, 42_000],
  HO: [0.0001, 42_000],
  GC: [0.1, 100],
  MGC: [0.1, 10],
  SI: [0.005, 5000],
  HG: [0.0005, 25_000],
  ZT: [1 / 256, 2000],
  ZF: [1 / 128, 1000],
  ZN: [1 / 64, 1000],
  TN: [1 / 64, 1000],
  ZB: [1 / 32, 1000],
  UB: [1 / 32, 1000],
  '6E': [0.00005, 125_000],
  '6J': [0.0000005, 12_500_000],
  '6B': [0.0001, 62_500],
  '6A': [0.00005, 100_000],
  '6C': [0.00005, 100_000],
};

/** What is known of a product root without its definition records; null for one that the table lacks. */
export function contractFacts(root: string): ContractFacts | null {
  const known = Object.hasOwn(facts, root) ? facts[root] : undefined;
  return known === undefined ? null : { tickSize: known[0], multiplier: known[1] };
}
