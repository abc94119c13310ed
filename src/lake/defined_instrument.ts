import { type DbnRecord, type UnknownRecord, undefinedInt32, undefinedPrice } from '../dbn/index.ts';

/** What a definition record says of an instrument, in price units. */
export interface DefinedInstrument {
  readonly symbol: string;
  /** Least step of its prices; null where the venue does not say. */
  readonly tickSize: number | null;
  /** Currency per price unit: the value of a price step over the step, else the units behind a contract; null where the venue does not say. */
  readonly multiplier: number | null;
}

/** The instrument that a record defines; null for a record of another type. */
export function definedInstrument(record: DbnRecord | UnknownRecord): DefinedInstrument | null {
  if (record.layout !== 'definitionV1' && record.layout !== 'definitionV2' && record.layout !== 'definitionV3')
    return null;
  const {
    rawSymbol: symbol,
    minPriceIncrement,
    minPriceIncrementAmount,
    unitOfMeasureQty,
    contractMultiplier,
  } = record;
  const said = (value: bigint) => (value === undefinedPrice || value <= 0n ? null : Number(value) / 1e9);
  const tickSize = said(minPriceIncrement);
  const tickValue = said(minPriceIncrementAmount);
  const perTick = tickSize === null || tickValue === null ? null : Number((tickValue / tickSize).toPrecision(12));
  const whole = contractMultiplier > 0 && contractMultiplier < undefinedInt32 ? contractMultiplier : null;
  return { symbol, tickSize, multiplier: perTick ?? whole ?? said(unitOfMeasureQty) };
}
