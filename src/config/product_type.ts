import type { ProductType } from './runtime.ts';

const futuresDatasets = /^(?:GLBX|IFEU|IFUS|IFLL|NDEX|XEUR|XEEE|XCBF)\./;
const equityDatasets = /^(?:X(?:NAS|NYS|ASE|BOS|PSX|CIS|CHI)|ARCX|BATS|BATY|EDGA|EDGX|IEXG|EPRL|MEMX|ASPN|DBEQ|EQUS)\./;

/** The kind of product in a Databento dataset; null where its code does not tell. */
export function productTypeOf(dataset: string): ProductType | null {
  if (futuresDatasets.test(dataset)) return 'future_mbo';
  return equityDatasets.test(dataset) ? 'equity_mbo' : null;
}
