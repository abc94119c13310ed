import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { type DbnRecord, undefinedInt32, undefinedPrice } from '../dbn/index.ts';
import { definedInstrument } from './defined_instrument.ts';

/** A definition with these fields; what the venue leaves out is undefined in DBN's way. */
function defined(fields: object): DbnRecord {
  return {
    layout: 'definitionV3',
    rawSymbol: 'ESH6',
    minPriceIncrement: 250_000_000n,
    minPriceIncrementAmount: undefinedPrice,
    unitOfMeasureQty: undefinedPrice,
    contractMultiplier: undefinedInt32,
    ...fields,
  } as DbnRecord;
}

test('the multiplier is the value of a price step over the step, else what is behind a contract', () => {
  const multiplier = (fields: object) => definedInstrument(defined(fields))?.multiplier;
  equal(multiplier({ minPriceIncrementAmount: 12_500_000_000n, unitOfMeasureQty: 1n }), 50);
  equal(multiplier({ minPriceIncrement: 15_625_000n, minPriceIncrementAmount: 15_625_000_000n }), 1000);
  equal(multiplier({ contractMultiplier: 5, unitOfMeasureQty: 50_000_000_000n }), 5);
  equal(multiplier({ unitOfMeasureQty: 50_000_000_000n }), 50);
  equal(multiplier({}), null);
});

test('what the venue does not say, and records of other types, define nothing', () => {
  deepEqual(definedInstrument(defined({ minPriceIncrement: undefinedPrice })), {
    symbol: 'ESH6',
    tickSize: null,
    multiplier: null,
  });
  equal(definedInstrument({ layout: 'mbo' } as DbnRecord), null);
});
