import { deepEqual, equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { firingLists, nullSession, outcomesOf, payoffSets, warmupBins } from './market.ts';
import { type CalibrationRow, holdsBound, rowOf } from './table.ts';
import { runSession } from './unit.ts';

const payoffs = payoffSets.symmetric.slice(0, 1);

test('mids are a martingale: no payoff gains on either side, and outcomes end where they say', () => {
  const means: number[] = [];
  for (let seed = 1; seed <= 120; seed++) {
    const { mids } = nullSession(seed, 1500, true);
    const { long, short, longTp } = outcomesOf(mids, { tp: 4, sl: 20 });
    const gain = (from: Int32Array) => from.reduce((sum, value) => sum + value, 0) / from.length;
    means.push(gain(long), gain(short));
    for (let bin = 0; bin < 1500; bin++) if (longTp[bin] === 1) ok(long[bin]! >= 8);
  }
  const mean = means.reduce((sum, value) => sum + value, 0) / means.length;
  const error = Math.sqrt(means.reduce((sum, value) => sum + (value - mean) ** 2, 0)) / means.length;
  ok(Math.abs(mean) < 4 * error, `${mean} ± ${error}`);
});

test('block sums are those of the firings, and a seed gives the same again', () => {
  const { sums, fired, outcomes } = runSession(5, 1500, 4, payoffs, true);
  deepEqual(runSession(5, 1500, 4, payoffs, true).sums, sums);
  firingLists.forEach(({ cooldown }, list) => {
    const { bins, sides } = fired[list]!;
    for (let index = 1; index < bins.length; index++) ok(bins[index]! - bins[index - 1]! > cooldown);
    const gains = Array.from(bins, (bin, index) => (sides[index] === 1 ? outcomes[0]!.long : outcomes[0]!.short)[bin]!);
    const row = (values: Float64Array) =>
      values.subarray(list * 4, list * 4 + 4).reduce((sum, value) => sum + value, 0);
    equal(
      row(sums.sums),
      gains.reduce((sum, gain) => sum + gain, 0),
    );
    equal(row(sums.counts), bins.length);
    equal(sums.winners[list], gains.filter((gain) => gain > 0).length);
    ok(bins.every((bin) => bin >= warmupBins));
  });
});

test('a bound is missed beyond its standard errors only, which are more where few families tell the error', () => {
  const line: CalibrationRow = {
    name: '',
    families: 9,
    value: 0.06,
    error: 0.004,
    atLeast: null,
    atMost: 0.05,
    errors: 3,
  };
  ok(holdsBound(line));
  ok(!holdsBound({ ...line, error: 0.003 }));
  ok(holdsBound({ ...line, error: 0.003, errors: 4 }));
  ok(!holdsBound({ ...line, atLeast: 0.08, atMost: null }));
  ok(holdsBound({ ...line, atMost: null }));
  const allowed = (families: number) =>
    rowOf(
      '',
      Array.from({ length: families }, (_, i) => i),
      [null, null],
    ).errors;
  ok(allowed(3) > 19 && allowed(20) < 3.5 && Math.abs(allowed(100_000) - 3) < 0.01);
});
