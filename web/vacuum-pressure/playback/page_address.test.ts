import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { fragmentOf, parseFragment, parseQuery } from './page_address.ts';

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
