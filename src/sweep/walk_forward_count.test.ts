import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { withStore } from '../../test/helpers/day_experiments.ts';
import { fixtureJudgement } from '../../test/helpers/lab_dataset.ts';
import { storedRows } from '../../test/helpers/stored_rows.ts';
import { temporaryFolder } from '../../test/helpers/temporary_folder.ts';
import { Lake } from '../lake/index.ts';
import { sessionWalkForward } from './experiment_verdict.ts';
import type { FamilyTrial } from './family.ts';
import type { TotalName } from './unit_table.ts';
import { countWalkForwards, walkForwardCountText } from './walk_forward_count.ts';

const folder = temporaryFolder('walk-forward-count');

const days = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, at) => {
    const date = `2026-03-${String(from + at + 1).padStart(2, '0')}`;
    return { date, symbolRoot: 'MNQ', startUtc: `${date}T14:30:00Z`, endUtc: `${date}T21:00:00Z` };
  });

const split = { trainSessions: 4, testSessions: 2, anchored: false };
const first = { ...fixtureJudgement, split };

test('walk-forwards are counted by split and criterion, on sessions that they have in common', async () => {
  const lake = new Lake(join(folder, 'lake'));
  let time = Date.UTC(2026, 3, 1);
  const count = (from: number, to: number, judgement = first, isDeclared = true) =>
    withStore(lake, async (store) => {
      const timestampUtc = isDeclared ? new Date(time++).toISOString() : null;
      const { number, tried } = await countWalkForwards(store, days(from, to), judgement, timestampUtc);
      return [number, tried];
    });
  const bySharpe = { ...first, choose: 'sharpe' } as const;
  const anchored = { ...first, split: { ...split, anchored: true } };
  // One that is only looked at is not declared.
  deepEqual(await count(0, 10, bySharpe, false), [1, 1]);
  deepEqual(await count(0, 10), [1, 1]);
  deepEqual(await count(0, 10, bySharpe), [2, 2]);
  deepEqual(await count(0, 10), [1, 2]);
  deepEqual(await count(0, 11), [1, 2]);
  deepEqual(await count(0, 11, anchored), [3, 3]);
  deepEqual(await count(0, 11, bySharpe), [2, 3]);
  deepEqual(await count(0, 11, { ...first, minSignals: 6 }), [4, 4]);
  // On other sessions it is the first, until they meet.
  deepEqual(await count(20, 30, anchored), [1, 1]);
  deepEqual(await count(5, 30, anchored), [3, 4]);
  // Costs are an assumption, and too few sessions for a test are no try.
  deepEqual(await count(0, 10, { ...first, costs: { spread: 'none', commissionTicks: 0 } }), [1, 4]);
  deepEqual(await count(0, 4, anchored), [1, 1]);
  const rows = await withStore(lake, (store) => storedRows(store, 'walk_forwards'));
  // A day more adds that day.
  ok(rows.some(({ sessionsJson }) => (JSON.parse(sessionsJson) as object[]).length === 1));
  await withStore(lake, (store) => store.compact());
  deepEqual(await count(0, 10, bySharpe), [2, 4]);
});

test('the first that was declared alone has an interval', () => {
  const trial = {
    ...{ trialHash: 'a', threshold: 0.5 },
    inSession: (day: number, name: TotalName) => ({ signals: 10, longGross: 4 + (day % 5) })[name as string] ?? 0,
  } as unknown as FamilyTrial;
  const judgement = { ...first, costs: { spread: 'none', commissionTicks: 0 } } as const;
  const [walk, later] = [true, false].map((isFirst) => sessionWalkForward([trial], 15, judgement, isFirst));
  ok(walk?.estimate != null);
  equal(later?.estimate, null);
  deepEqual([later?.sums, later?.mean], [walk.sums, walk.mean]);
});

test('the count in words', () => {
  equal(walkForwardCountText({ number: 1, tried: 1 }), '');
  match(walkForwardCountText({ number: 1, tried: 2 }), /^1st walk-forward of 2 that were tried on these sessions\.$/);
  match(walkForwardCountText({ number: 3, tried: 12 }), /^3rd walk-forward of 12 .*this one has none\.$/);
  match(walkForwardCountText({ number: 11, tried: 12 }), /^11th walk-forward/);
});
