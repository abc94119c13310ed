import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { fakeFrame, fakeStore, fakeUpdate } from '../../../test/web/fake_session.ts';
import { BinSummary } from './bin_summary.ts';

function filled(scores: readonly number[], firings: readonly number[] = []) {
  const store = fakeStore();
  for (const [seq, score] of scores.entries()) {
    store.put(
      fakeUpdate(seq, 100 + seq, { state_model_score: score, state_model_firing: firings[seq] ?? 0 }),
      fakeFrame(5, () => 0),
    );
  }
  return store;
}

test('groups of a broken number of bins cover each bin once', () => {
  const store = filled([0, 0.5, -0.5, 0.1, 0, -0.9, 0.2, 0, 0.3], [0, 1, -1, 0, 0, -1, 1]);
  const summary = new BinSummary(store);
  summary.setStep(2.5);
  const of = (group: number) => {
    const slot = summary.slot(group);
    return [
      summary.low('score', slot),
      summary.high('score', slot),
      summary.last('score', slot),
      summary.mark('firing', slot),
    ];
  };
  deepEqual(of(0), [0, 0.5, 0.5, 1]);
  deepEqual(of(1), [-0.5, 0.1, 0, -1]);
  deepEqual(of(2), [-0.9, 0.2, 0.2, 1]);
  equal(summary.mean('score', summary.slot(1)), -0.13333333333333333);
  store.put(
    fakeUpdate(1, 101, { state_model_score: 0.9 }),
    fakeFrame(5, () => 0),
  );
  equal(of(0)[1], 0.5, 'a group is kept');
  summary.invalidate(1);
  equal(of(0)[1], 0.9);
});
