import { deepEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { fakeFrame, fakeStore, fakeUpdate } from '../../../test/web/fake_session.ts';
import { BinSummary } from '../session/bin_summary.ts';
import type { Session } from '../session/session.ts';
import { scoreColumns } from './series_columns.ts';

test('values that are those before and behind them are left out, gaps are not', () => {
  const store = fakeStore();
  const scores = [0.5, 0.5, 0.5, 0.25, 0.25];
  for (const [seq, score] of scores.entries()) {
    if (seq !== 3)
      store.put(
        fakeUpdate(seq, 100, { state_model_score: score, state_model_threshold: 0.1 }),
        fakeFrame(5, () => 0),
      );
  }
  const summary = new BinSummary(store);
  summary.setStep(1);
  const view = { left: 0, top: 110, widthPx: 100, heightPx: 100, binsPerPx: 1, ticksPerPx: 0.1 };
  const [time, low, high, threshold] = scoreColumns({ store, summary, contract: store.contract } as Session, view);
  // The last step before the gap is closed at the end of its bin.
  deepEqual(time, [0, 1, 2, 3, 3, 4, 5]);
  deepEqual(low, [0.5, undefined, undefined, 0.5, null, 0.25, 0.25]);
  deepEqual(high, low);
  deepEqual(threshold, [0.1, undefined, undefined, 0.1, null, 0.1, 0.1]);
});
