import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  defaultState,
  formatState,
  maxMarked,
  type PageState,
  parseState,
  thresholdChoices,
  views,
  withToggledMark,
} from './page_state.ts';

const name = fc.string({ minLength: 1, maxLength: 8 });
const names = fc.uniqueArray(name, { maxLength: 3 });
const field = fc.stringMatching(/^[a-z][a-z_.]{0,9}$/);
const state = fc.record<PageState>({
  view: fc.constantFrom(...views),
  signals: names,
  datasets: names,
  experiments: names,
  aboveOnly: fc.boolean(),
  search: fc.string({ unit: 'grapheme' }),
  sort: field,
  descending: fc.boolean(),
  by: fc.constantFrom(...thresholdChoices.map(([key]) => key)),
  minSignals: fc.option(fc.nat(), { nil: null }),
  run: fc.option(name, { nil: null }),
  threshold: fc.option(
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0),
    { nil: null },
  ),
  session: fc.option(name, { nil: null }),
  marked: fc.uniqueArray(name, { maxLength: maxMarked }),
  toggled: names,
  sweep: name,
  metric: field,
  x: field,
  y: field,
  rest: fc.constantFrom('median', 'best'),
  alias: name,
  spec: name,
  axes: names,
});

test('an address keeps every field of the state', () => {
  fc.assert(fc.property(state, (given) => deepEqual(parseState(formatState(given)), { ...given })));
});

test('an address names what differs from the default alone', () => {
  equal(formatState(defaultState), '');
  deepEqual(parseState(''), defaultState);
  equal(formatState({ ...defaultState, descending: true }), '?sort=-survives');
  equal(formatState({ ...defaultState, sort: 'p_value' }), '?sort=p_value');
  equal(formatState({ ...defaultState, minSignals: 0, threshold: 0 }), '?min_n=0&at=0');
  equal(formatState({ ...defaultState, search: 'n>=5 a&b' }), '?q=n%3E%3D5+a%26b');
});

test('a field that an address has wrong takes its default', () => {
  for (const query of [
    '?view=nothing',
    '?min_n=-3',
    '?min_n=1.5',
    '?min_n=many',
    '?min_n=',
    '?min_n=1e300',
    '?by=luck',
    '?at=high',
    '?at=',
    '?at=Infinity',
    '?rest=worst',
    '?above=yes',
    '?unknown=1',
    '?%E0%A4%A',
  ]) {
    deepEqual(parseState(query), defaultState, query);
  }
});

test('an address marks as many runs as can be compared, each once', () => {
  const ids = Array.from({ length: maxMarked + 5 }, (_, index) => `r${index}`);
  const query = [...ids.slice(0, 3), ...ids].map((id) => `mark=${id}`).join('&');
  deepEqual(parseState(`?${query}`).marked, ids.slice(0, maxMarked));
});

test('a mark is set and taken away; beyond the most that can be compared it is not set', () => {
  deepEqual(withToggledMark(['a'], 'b'), ['a', 'b']);
  deepEqual(withToggledMark(['a', 'b'], 'a'), ['b']);
  const marked = ['a'];
  equal(withToggledMark(marked, null), marked);
  const full = Array.from({ length: maxMarked }, (_, index) => `r${index}`);
  equal(withToggledMark(full, 'one more'), full);
  deepEqual(withToggledMark(full, 'r0'), full.slice(1));
});
