import { deepEqual } from 'node:assert/strict';
import { test } from 'node:test';
import type { FeaturesMessage } from '../../../src/wire/index.ts';
import { FeatureLedger } from '../session/feature_ledger.ts';
import type { Session } from '../session/session.ts';
import { levelsAt } from './session_lines.ts';

test('levels of one price are one line with their names, the highest first; unknown ones are none', () => {
  const features = new FeatureLedger();
  const values = { day_high: 4821, overnight_high: 4821, day_low: 4790.25, prior_close: null };
  features.put({ type: 'features', bin_seq: 3, since_ns: null, values, traded: [] } as unknown as FeaturesMessage);
  const session = { features } as Session;
  deepEqual(levelsAt({ session }, 3), [
    [4821, 'Day high · Overnight high'],
    [4790.25, 'Day low'],
  ]);
  deepEqual(levelsAt({ session }, 4), []);
});
