import { ok } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { orderEventKinds } from '../../src/orders/index.ts';
import { compareOrderEvents } from '../helpers/compare_order_events.ts';
import { marketStreams, tickInt } from './execution_streams.ts';

/** Thresholds at which short markets have events of every kind. */
const params = {
  ...{
    stopRunStops: 2,
    sweepLevels: 2,
    percentile: 0.7,
    tradeWindow: 8,
    tradeMinimum: 3,
    addWindow: 12,
    addMinimum: 4,
  },
  ...{
    largeOrderTicks: 3,
    replaceNs: 20,
    replaceMinimumSize: 1,
    replaceMedians: 0.5,
    chainOrders: 2,
    absorptionNs: 30,
  },
  ...{ absorptionWindow: 10, absorptionMinimum: 2, absorptionAwayNs: 2, fastPullTicks: 3, fastPullNs: 5 },
  ...{ stackedLevels: 2, stackedNs: 6, stackedShare: 0.3, exhaustedNs: 3 },
};

test('order events equal those of a literal model on random markets, and are the same after every pause', () => {
  const seen = new Map<string, number>();
  fc.assert(
    fc.property(marketStreams, fc.integer({ min: 20, max: 200 }), (records, every) => {
      for (const [kind, count] of compareOrderEvents(records, params, tickInt, every)) {
        seen.set(kind, (seen.get(kind) ?? 0) + count);
      }
    }),
    { numRuns: 60 },
  );
  // No aggressor of these markets triggers a stop; hand-made cases have them.
  const never = ['stop', 'stop_run'];
  for (const kind of orderEventKinds)
    ok(never.includes(kind) || (seen.get(kind) ?? 0) > 0, `there are events of kind ${kind}`);
});
