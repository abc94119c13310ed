import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { presets } from '../viewport/layouts.ts';
import {
  fragmentOf,
  layoutFragment,
  parseFragment,
  parseLayoutLink,
  parseQuery,
  parseTradeLink,
} from './page_address.ts';

test('the query holds one serving and nothing else', () => {
  deepEqual(parseQuery('?serving=demo'), { kind: 'serving', serving: 'demo' });
  deepEqual(parseQuery(''), { kind: 'none' });
  for (const [query, words] of [
    ['?serving=demo&symbol=ES', /"symbol"/],
    ['?Serving=demo', /"Serving"/],
    ['?serving=a&serving=b', /more than once/],
    ['?serving=%20', /is empty/],
  ] as const) {
    const request = parseQuery(query);
    ok(request.kind === 'refused');
    match(request.message, words);
  }
});

test('a time in the fragment leads there and back', () => {
  deepEqual(parseFragment(fragmentOf(1_770_388_270_000_000_000n)), { tsNs: 1_770_388_270_000_000_000n, problem: null });
  for (const hash of ['', '#', '#x=3']) deepEqual(parseFragment(hash), { tsNs: null, problem: null }, hash);
  for (const hash of ['#t=', '#t=-5', '#t=1e9', '#t=garbage']) {
    const { tsNs, problem } = parseFragment(hash);
    equal(tsNs, null);
    match(String(problem), /expected #t= and UNIX nanoseconds/);
  }
});

test('a layout goes through the fragment, alone or with a time', () => {
  const [layout] = presets;
  const fragment = layoutFragment(layout!, 5n);
  deepEqual([parseLayoutLink(fragment), parseFragment(fragment).tsNs], [{ layout }, 5n]);
  deepEqual(parseLayoutLink(layoutFragment(layout!, null)), { layout });
  equal(parseLayoutLink('#t=5'), null);
  match(JSON.stringify(parseLayoutLink(fragment.slice(0, -9))), /cut or damaged/);
});

test('a trade in the fragment is the bin of its firing or the first; anything else is none', () => {
  for (const [hash, link] of [
    ['#trade=120', 120],
    ['#t=5&trade=0', 0],
    ['#trade=first', 'first'],
    ['#trade=last', null],
    ['#trade=-1', null],
    ['#trade=1e3', null],
    ['#trade=1234567890', null],
    ['#t=5', null],
    ['', null],
  ] as const) {
    equal(parseTradeLink(hash), link, hash);
  }
});
