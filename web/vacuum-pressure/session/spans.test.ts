import { equal } from 'node:assert/strict';
import { test } from 'node:test';
import { Spans } from './spans.ts';

test('stretches join in whatever order their numbers come, as a set of them says', () => {
  let state = 11;
  const random = (below: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  for (let round = 0; round < 30; round++) {
    const [spans, set] = [new Spans(), new Set<number>()];
    for (let step = 0; step < 40; step++) {
      const seq = random(30);
      spans.add(seq);
      set.add(seq);
      const first = random(30);
      const last = first + random(6);
      const expected = Array.from({ length: last - first + 1 }, (_, i) => first + i).every((each) => set.has(each));
      equal(spans.hasAll(first, last), expected, `${[...set]}: ${first} to ${last}`);
    }
  }
});
