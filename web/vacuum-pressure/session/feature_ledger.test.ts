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
