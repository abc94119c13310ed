import { ok } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { flag } from '../../src/dbn/index.ts';
import { exitReasonNames, fillReasonNames } from '../../src/execution/index.ts';
import { compareExecution } from '../helpers/compare_execution.ts';
import { comparePositions } from '../helpers/compare_positions.ts';
import { exitRules, marketStreams, ourEntries, ourOrders, tickInt } from './execution_streams.ts';
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

test('positions that share entries and take-profits equal those of a literal oracle that have orders of their own', () => {
  const seen = new Set<string>();
  fc.assert(
    fc.property(marketStreams, ourEntries, exitRules, (records, entries, rules) => {
      const { positions } = comparePositions(entries, records, rules).positions;
      for (const { reason, closedAtMid, exitOrders } of positions) {
        seen.add(exitReasonNames[reason]!);
        if (closedAtMid > 0) seen.add('closed at the mid');
        if (exitOrders.length > 1) seen.add('sent again');
      }
    }),
    { numRuns: 150 },
  );
  for (const name of [...exitReasonNames, 'closed at the mid', 'sent again']) ok(seen.has(name), name);
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
