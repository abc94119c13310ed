import { deepEqual, equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { idsOf, madeRun, threeRuns as runs } from '../../../test/web/made_runs.ts';
import { allColumns, type Column } from './columns.ts';
import { type Brush, brushOf, inGroups, matching, parseSearch, sorted, withBrush } from './query.ts';
import { varyingParameters } from './runs.ts';

const columns = allColumns(varyingParameters(runs));
const found = (search: string, aboveOnly = false) => idsOf(matching(runs, parseSearch(search, columns), aboveOnly));
/** A column with a value for each run, in their order. */
const columnOf = (values: readonly (number | string | null)[], of = runs) =>
  ({ ...columns[0], value: (run) => values[of.indexOf(run)] ?? null }) as Column;

test('a search takes words and comparisons, all of which must hold', () => {
  deepEqual(found(''), ['a', 'b', 'c']);
  deepEqual(found('  '), ['a', 'b', 'c']);
  deepEqual(found('ADS'), ['a', 'b']);
  deepEqual(found('ads nothing'), []);
  deepEqual(found('tp_rate>0.5'), ['a']);
  deepEqual(found('span=2 tp_rate<=0.4'), ['b']);
  deepEqual(found('netpnl>=-1'), ['a', 'b']);
  deepEqual(found('signal!=ads'), ['c']);
  deepEqual(found('n=10 span!=2'), ['a']);
});

test('a search without words or conditions is the same list, and above break-even is a filter of its own', () => {
  equal(matching(runs, parseSearch('', columns), false), runs);
  deepEqual(found('', true), ['a']);
  deepEqual(found('span=2', true), []);
});

test('alternatives of = and != stand between bars; an empty one matches nothing', () => {
  deepEqual(found('span=1|2'), ['a', 'b', 'c']);
  deepEqual(found('signal!=ads|other'), ['c']);
  deepEqual(found('span=|1'), ['a']);
});

test('runs without a value fail every order comparison, and so does an operand that is no number', () => {
  for (const operator of ['<', '<=', '>', '>=']) {
    ok(!found(`tp_rate${operator}0.5`).includes('c'), operator);
    deepEqual(found(`tp_rate${operator}high`), [], operator);
  }
  deepEqual(found('tp_rate!=0.6'), ['b', 'c']);
});

test('a column goes by its id or its label; a part that names none is reported and filters nothing', () => {
  deepEqual(found('tp/sl>1'), ['c']);
  deepEqual(found('TPTICKS=8'), ['c']);
  const search = parseSearch('spam=2 span>=x eggs<1', columns);
  deepEqual(search.unknown, ['spam=2', 'eggs<1']);
  equal(search.conditions.length, 1);
  deepEqual(found('spam=2'), ['a', 'b', 'c']);
});

test('a brush is written as conditions of the search and read back', () => {
  const text = fc.stringMatching(/^[a-z]{1,5}$/).filter((one) => one !== 'infinity' && one !== 'nan');
  const bound = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0);
  const brush: fc.Arbitrary<Brush> = fc.oneof(
    fc.tuple(bound, bound).map(([low, high]) => ({ low, high })),
    bound.map((low) => ({ low, high: Number.POSITIVE_INFINITY })),
    bound.map((high) => ({ low: Number.NEGATIVE_INFINITY, high })),
    fc.array(text, { minLength: 1, maxLength: 4 }).map((values) => ({ values })),
  );
  fc.assert(
    fc.property(brush, (given) => {
      const search = withBrush('ads span>=0 n>5 span=7 spanner=1', 'span', given);
      ok(search.startsWith('ads n>5 spanner=1 span'), search);
      deepEqual(brushOf(search, 'span'), given);
      equal(withBrush(search, 'span', null), 'ads n>5 spanner=1');
    }),
  );
});

test('a search without conditions on a column has no brush there', () => {
  equal(brushOf('', 'span'), null);
  equal(brushOf('ads span2=1 span!=3 span<4', 'span'), null);
  equal(withBrush('', 'span', null), '');
});

test('sorting puts runs without a value last in both directions, those that are not a number too', () => {
  const four = ['a', 'b', 'c', 'd'].map((id) => madeRun(id));
  for (const missing of [null, Number.NaN]) {
    const column = columnOf([missing, 2, missing, 1], four);
    deepEqual(idsOf(sorted(four, column, false)), ['d', 'b', 'a', 'c']);
    deepEqual(idsOf(sorted(four, column, true)), ['b', 'd', 'a', 'c']);
  }
});

test('sorting keeps equal runs in the order of their ids in both directions, and the list as it was', () => {
  const given = ['c', 'a', 'b'].map((id) => madeRun(id));
  const column = columnOf([1, 1, 1], given);
  for (const descending of [false, true]) deepEqual(idsOf(sorted(given, column, descending)), ['a', 'b', 'c']);
  deepEqual(idsOf(given), ['c', 'a', 'b']);
  deepEqual(sorted([], column, true), []);
});

test('sorting puts numbers before texts', () => {
  deepEqual(idsOf(sorted(runs, columnOf(['x', 10, 9]), false)), ['c', 'b', 'a']);
});

test('groups filter by every kind of name; without names the list is the same', () => {
  const none = { signals: [], datasets: [], experiments: [], aboveOnly: false };
  equal(inGroups(runs, none), runs);
  deepEqual(idsOf(inGroups(runs, { ...none, signals: ['null'], datasets: ['d1'] })), ['c']);
  deepEqual(idsOf(inGroups(runs, { ...none, signals: ['null', 'ads'], experiments: ['first'] })), ['a', 'b', 'c']);
  deepEqual(idsOf(inGroups(runs, { ...none, datasets: ['d2'] })), []);
});
