import type { ContractSource, SessionPlan } from './session_plan.ts';

/** Where contracts were not compared with all others of their root. */
const uncertain: ReadonlySet<ContractSource | null> = new Set<ContractSource | null>(['single', 'fallback', null]);

/** Dates whose contract the lake cannot tell for certain, and the vendor can; empty without a rule of contracts. */
export function datesOfUncertainContract({ contract, sessions, missing }: SessionPlan): string[] {
  if (contract === 'fixed') return [];
  const days = [...sessions, ...missing].filter(({ contractSource }) => uncertain.has(contractSource));
  return [...new Set(days.map(({ date }) => date))].sort();
}

/** The raw files that a plan lacks, one a day; days whose contract is not known are not among them. */
export function missingFiles({ missing }: SessionPlan): { readonly date: string; readonly symbol: string }[] {
  const files = new Map<string, { date: string; symbol: string }>();
  for (const { fileDate: date, symbol } of missing) {
    if (symbol !== null) files.set(`${date} ${symbol}`, { date, symbol });
  }
  return [...files.values()];
}
