import { deepEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { fakeFrame, fakeStore, fakeUpdate } from '../../../test/web/fake_session.ts';
import { BinSummary } from '../session/bin_summary.ts';
import type { Session } from '../session/session.ts';
import { scoreColumns } from './series_columns.ts';

const session = (scores: readonly (number | null)[]) => {
  const store = fakeStore();
  for (const [seq, score] of scores.entries()) {
    if (score === null) continue;
    store.put(
      fakeUpdate(seq, 100, { state_model_score: score, state_model_threshold: 0.1 }),
      fakeFrame(5, () => 0),
    );
  }
  return { store, summary: new BinSummary(store), contract: store.contract } as Session;
};

test('a line has a value a bin, and none where no bin is held', () => {
  const view = { left: 0, top: 110, widthPx: 100, heightPx: 100, binsPerPx: 1, ticksPerPx: 0.1 };
  const { lines, ...groups } = scoreColumns(session([0.5, 0.5, 0.5, null, 0.25]), view);
  deepEqual(groups, { first: 0, step: 1, endBin: 5 });
  const [low, high, above, below] = lines.map((line) => [...line]);
  deepEqual(low, [0.5, 0.5, 0.5, Number.NaN, 0.25]);
  deepEqual(high, low);
  deepEqual(above, [0.1, 0.1, 0.1, Number.NaN, 0.1]);
  deepEqual(below, [-0.1, -0.1, -0.1, Number.NaN, -0.1]);
});

test('where a pixel has several bins, a line has a value of all of them, and ends with the newest', () => {
  const view = { left: 2, top: 110, widthPx: 100, heightPx: 100, binsPerPx: 2, ticksPerPx: 0.1 };
  const { lines, ...groups } = scoreColumns(session([0, 0, 0.5, -0.5, 0.25]), view);
  deepEqual(groups, { first: 1, step: 2, endBin: 5 });
  deepEqual([...(lines[0] ?? [])], [-0.5, 0.25]);
  deepEqual([...(lines[1] ?? [])], [0.5, 0.25]);
});
