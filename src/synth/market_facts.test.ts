import { ok } from 'node:assert/strict';
import { test } from 'node:test';
import { syntheticFacts } from '../../test/helpers/market_facts.ts';

/* Whether the profiles trend is a long test: test/long/market_facts.ts. */
test('the facts of a session are those of its records', () => {
  const facts = syntheticFacts('null', 1, 60);
  ok(facts.spread1 === 1 && facts.spread2 === 0, 'null has a spread of one tick');
  ok(Math.abs(facts.recordsPerS / 600 - 1) < 0.5, `${facts.recordsPerS} records a second`);
});
