import { test } from 'node:test';
import { checkFacts } from '../helpers/check_market_facts.ts';

for (const profile of ['calm', 'busy', 'open'] as const) {
  test(`${profile} at its default rate neither trends nor comes in long waves`, () => {
    checkFacts(profile);
  });
}
