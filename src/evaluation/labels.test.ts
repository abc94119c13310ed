import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { randomSource } from '../statistics/index.ts';
import { labelBins, labelHorizon, labelKinds } from './labels.ts';
import { blockRoles, crossSessions, foldRoles, walkForwardSessions } from './training_folds.ts';

test('labels and the bins at which they are known equal a search bin by bin', () => {
  const random = randomSource(5);
  const mids = new Float64Array(400);
  let mid = 100;
  for (let bin = 0; bin < mids.length; bin++) {
    mid += random.below(3) - 1;
    mids[bin] = random.below(12) === 0 ? Number.NaN : mid;
  }
  const tradable = Uint8Array.from(mids, (value) => (Number.isNaN(value) || random.below(20) === 0 ? 0 : 1));
  for (const kind of labelKinds) {
    const rules = { kind, tpTicks: 3, slTicks: 2, maxHoldBins: 15 };
    const found = labelBins(mids, tradable, 1, rules);
    const horizon = labelHorizon(rules);
    equal(horizon, kind === 'first_move' ? 14 : 15);
    for (let bin = 0; bin < mids.length; bin++) {
      const hasLabel: boolean = tradable[bin] === 1 && bin + horizon < mids.length;
      equal(found.hasLabel[bin], hasLabel ? 1 : 0);
      if (!hasLabel) continue;
      let label = 0;
      let known: number = bin + horizon;
      for (let next = bin + 1; next <= bin + horizon && label === 0; next++) {
        const move = mids[next]! - mids[bin]!;
        const [up, down] = kind === 'first_move' ? [2, 2] : [3, 2];
        label = move >= up ? 1 : move <= -down ? -1 : 0;
        if (label !== 0) known = next;
      }
      deepEqual([found.label[bin], found.knownBin[bin]], [label, known]);
    }
  }
});

test('in blocks no train row reaches into the test, and none follows it within the embargo', () => {
  const rules = { blockBins: 30, folds: 3, maxHoldBins: 12, embargoBins: 7, purges: true };
  const tested = new Uint8Array(500);
  for (let fold = 0; fold < 3; fold++) {
    const roles = blockRoles(500, fold, rules);
    const role = (bin: number) => foldRoles[roles[bin] ?? 0];
    for (let bin = 0; bin < 500; bin++) {
      const isTest = Math.floor(bin / 30) % 3 === fold;
      equal(role(bin) === 'test', isTest);
      if (isTest) tested[bin]!++;
      const reaches = Array.from({ length: 12 }, (_, ahead) => bin + 1 + ahead).some((next) => role(next) === 'test');
      const follows = Array.from({ length: 7 }, (_, behind) => bin - 1 - behind).some(
        (before) => role(before) === 'test',
      );
      if (!isTest) equal(role(bin), reaches ? 'purged' : follows ? 'embargo' : 'train');
    }
    const leaky = blockRoles(500, fold, { ...rules, purges: false });
    deepEqual([...new Set(leaky)].sort(), [1, 2]);
  }
  deepEqual([...new Set(tested)], [1]);
});

test('sessions are tested after their training, or once each', () => {
  const rules = { trainSessions: 3, testSessions: 2, anchored: false };
  deepEqual(walkForwardSessions(6, rules), [
    { train: [0, 1, 2], test: [3, 4] },
    { train: [2, 3, 4], test: [5] },
  ]);
  deepEqual(walkForwardSessions(6, { ...rules, anchored: true })[1], { train: [0, 1, 2, 3, 4], test: [5] });
  deepEqual(crossSessions(5, 2), [
    { test: [0, 1], train: [2, 3, 4] },
    { test: [2, 3, 4], train: [0, 1] },
  ]);
});
