import { deepEqual, equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { fixtureRequest } from '../../test/helpers/lab_dataset.ts';
import { randomSource } from '../statistics/index.ts';
import { planSweep } from '../sweep/index.ts';
import { maxShares, shardOf, shareId, shareRanges, shareSizes } from './shares.ts';

test('shares cover every trial once, none has trials of two signals, and groups are cut only where they must be', () => {
  const random = randomSource(5);
  for (let round = 0; round < 300; round++) {
    const signals = Array.from({ length: 1 + random.below(3) }, () => {
      const together = 1 + random.below(40);
      return { together, trialCount: together * (1 + random.below(30)) };
    });
    const sizes = signals.map(({ trialCount }) => 1 + random.below(trialCount));
    const ranges = shareRanges(signals, sizes);
    let at = 0;
    for (const { from, to } of ranges) {
      equal(from, at);
      ok(to > from);
      at = to;
    }
    equal(
      at,
      signals.reduce((sum, { trialCount }) => sum + trialCount, 0),
    );
    let start = 0;
    for (const [signal, { trialCount, together }] of signals.entries()) {
      const size = sizes[signal]!;
      const own = ranges.filter(({ from }) => from >= start && from < start + trialCount);
      for (const { from, to } of own) {
        ok(to <= start + trialCount && to - from <= size);
        const groups = new Set([from, to - 1].map((position) => Math.floor((position - start) / together)));
        if (size < together) equal(groups.size, 1);
        else equal((from - start) % together, 0);
      }
      start += trialCount;
    }
  }
});

test('shares take the time that was asked for, and are longer where there would be too many', () => {
  const one = { trialCount: 10_000, together: 10_000, trialMs: 20 };
  deepEqual(shareSizes([one], 5), [1500]);
  deepEqual(shareSizes([{ ...one, trialMs: 1e6 }], 1), [1]);
  deepEqual(shareSizes([{ ...one, trialMs: 0 }], 1), [10_000]);
  const large = { trialCount: 1_000_000, together: 1_000_000, trialMs: 60 };
  const sizes = shareSizes([large], 60);
  const count = shareRanges([large], sizes).length * 60;
  ok(count <= maxShares && count > maxShares / 2, `${count} shares`);
});

test('every share falls into one shard of any number', () => {
  const ids = Array.from({ length: 200 }, (_, from) => shareId('plan', 'dataset', { from, to: from + 1 }));
  equal(new Set(ids).size, ids.length);
  for (const count of [1, 2, 7, 64]) {
    const counts = new Map<number, number>();
    for (const id of ids) counts.set(shardOf(id, count), (counts.get(shardOf(id, count)) ?? 0) + 1);
    ok([...counts.keys()].every((shard) => shard >= 1 && shard <= count));
    if (count < 8) ok([...counts.values()].every((n) => n > 100 / count));
  }
});

test('the order of stages is an order of all trials, in which the first stages change least', () => {
  const { cells } = planSweep(
    fixtureRequest(10, {
      signalAxes: {
        derivative: {
          d2_weight: [0, 0.5, 1],
          zscore_window_bins: [40, 60],
          zscore_min_periods: [20],
          tanh_scale: [1, 2],
        },
      },
    }),
  );
  const order = Array.from({ length: cells.trialCount }, (_, position) => cells.inStageOrder(position));
  deepEqual(
    order.toSorted((a, b) => a - b),
    order.map((_, number) => number),
  );
  const windows = order.map((number) => cells.at(number).parameters.zscore_window_bins);
  equal(windows.filter((value, at) => value !== windows[at - 1]).length, 2);
});
