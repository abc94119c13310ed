import { equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { fakeFrame, fakeStore, fakeUpdate } from '../../../test/web/fake_session.ts';
import { projectedScore } from './projection.ts';

test('the score is continued along its slope and curvature at the same price', () => {
  const store = fakeStore();
  // Spot moves, so that rows are different prices from bin to bin.
  const score = [0.1, 0.12, 0.15];
  for (const [seq, value] of score.entries())
    store.put(
      fakeUpdate(seq, 100 + seq),
      fakeFrame(5, () => value),
    );
  const [s1, before] = [0.03 / 0.1, 0.02 / 0.1];
  const s2 = (s1 - before) / 0.1;
  const want = 0.15 + s1 * 0.2 + 0.5 * s2 * 0.04;
  ok(Math.abs(projectedScore(store, 2, 102, 0.2) - want) < 1e-5);
  ok(Math.abs(projectedScore(store, 2, 107, 0.2) - 0.15) < 1e-6, 'a price that has just come into the window');
  equal(projectedScore(store, 2, 108, 0.2), Number.NaN);
});
