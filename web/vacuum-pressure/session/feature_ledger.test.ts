import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { type FeaturesMessage, type PriceVolume, profileBins } from '../../../src/wire/index.ts';
import { FeatureLedger } from './feature_ledger.ts';

function message(seq: number, volume: number, traded: PriceVolume[], profile?: PriceVolume[]): FeaturesMessage {
  const values = { since_volume: volume, cvd: seq, vwap: null } as FeaturesMessage['values'];
  return { type: 'features', bin_seq: seq, since_ns: '0', values, traded, ...(profile && { profile }) };
}

test('values are kept by bin, and the profile grows with the bins that follow each other', () => {
  const ledger = new FeatureLedger();
  ledger.put(message(3, 5, [[10, 1, 0, 0]]));
  equal(ledger.profile.profile, null);
  ledger.put(message(profileBins, 9, [[10, 1, 0, 0]], [[10, 4, 5, 0]]));
  ledger.put(message(profileBins + 1, 12, [[9, 0, 2, 1]]));
  // Nothing is counted between two trading days.
  ledger.put(message(profileBins + 2, 12, [[8, 7, 0, 0]]));
  deepEqual(ledger.profile.profile, [
    [9, 0, 2, 1],
    [10, 4, 5, 0],
  ]);
  equal(ledger.profile.seq, profileBins + 2);
  ledger.put(message(profileBins + 4, 13, [[8, 1, 0, 0]]));
  equal(ledger.profile.profile, null);
  deepEqual(
    [ledger.value(3, 'cvd'), ledger.value(3, 'vwap'), ledger.value(4, 'cvd'), ledger.latest?.bin_seq],
    [3, Number.NaN, Number.NaN, profileBins + 4],
  );
});

const drawn = (seq: number, cvd: number | null, delta: number): FeaturesMessage => ({
  ...message(seq, 0, []),
  values: { cvd, delta } as FeaturesMessage['values'],
});

test('drawn features are summed up in groups that follow what comes', () => {
  const ledger = new FeatureLedger();
  ledger.summary.setStep(2);
  ledger.put(drawn(0, null, 3));
  const of = (group: number, name: 'cvd' | 'delta') => {
    const slot = ledger.summary.slot(group);
    return [ledger.summary.low(name, slot), ledger.summary.high(name, slot), ledger.summary.last(name, slot)];
  };
  deepEqual(of(0, 'delta'), [3, 3, 3]);
  deepEqual(of(0, 'cvd'), [Number.NaN, Number.NaN, Number.NaN]);
  ledger.put(drawn(1, 7, -4));
  deepEqual(of(0, 'delta'), [-4, 3, -4]);
  deepEqual(of(0, 'cvd'), [7, 7, 7]);
  equal(ledger.value(1, 'cvd'), 7);
  equal(ledger.value(5, 'cvd'), Number.NaN);
});
