import { ok } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { flag } from '../../src/dbn/index.ts';
import { fillReasonNames } from '../../src/execution/index.ts';
import { compareExecution } from '../helpers/compare_execution.ts';
import { marketStreams, ourOrders, tickInt } from './execution_streams.ts';
import { hostileIds, mboStreams } from './streams.ts';

test('fills equal those of a literal oracle after every record of random markets', () => {
  const seen = new Map<string, number>();
  fc.assert(
    fc.property(marketStreams, ourOrders, (records, orders) => {
      const { fills } = compareExecution(orders, records, 1);
      for (const { reason } of fills.flat()) seen.set(reason, (seen.get(reason) ?? 0) + 1);
    }),
    { numRuns: 150 },
  );
  for (const reason of fillReasonNames) ok(seen.has(reason), `there are fills by ${reason}`);
});

test('fills equal those of a literal oracle after every record of hostile streams', () => {
  const hostile = mboStreams({
    startNs: 1_770_000_000_000_000_000n,
    stepsNs: [0, 0, 1, 3],
    ids: hostileIds,
    priceOf: (n) => BigInt((n - 10) * tickInt),
    farPrices: [-(2n ** 53n), 2n ** 53n],
    maxSize: 40,
    hostile: true,
    minLength: 1,
    maxLength: 200,
  }).map((records) => records.map((record) => ({ ...record, flags: record.flags & ~flag.tob })));
  fc.assert(
    fc.property(hostile, ourOrders, (records, orders) => {
      compareExecution(orders, records, 1);
    }),
    { numRuns: 60 },
  );
});
