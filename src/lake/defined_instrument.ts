import { type DbnRecord, type UnknownRecord, undefinedInt32, undefinedPrice } from '../dbn/index.ts';

/** What a definition record says of an instrument, in price units. */
export interface DefinedInstrument {
  readonly symbol: string;
  /** Least step of its prices; null where the venue does not say. */
  readonly tickSize: number | null;
  /** Units behind a contract, which a price step is paid for; null where the venue does not say. */
  readonly multiplier: number | null;
}

/** The instrument that a record defines; null for a record of another type. */
export function definedInstrument(record: DbnRecord | UnknownRecord): DefinedInstrument | null {
  if (record.layout !== 'definitionV1' && record.layout !== 'definitionV2' && record.layout !== 'definitionV3')
    return null;
  const { rawSymbol: symbol, minPriceIncrement, unitOfMeasureQty, contractMultiplier } = record;
  const said = (value: bigint) => (value === undefinedPrice || value <= 0n ? null : Number(value) / 1e9);
  const whole = contractMultiplier > 0 && contractMultiplier < undefinedInt32 ? contractMultiplier : null;
  return { symbol, tickSize: said(minPriceIncrement), multiplier: whole ?? said(unitOfMeasureQty) };
}
