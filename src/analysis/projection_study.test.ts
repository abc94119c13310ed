import { deepEqual, equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { noise } from '../../test/helpers/lab_dataset.ts';
import { projectFlowScore } from '../spectrum/index.ts';
import { ProjectionWatch } from './projection_study.ts';

const rows = 21;
const options = { rows, cellS: 0.1, horizonsBins: [1, 2, 4], firstBin: 0, memoryBins: 20 };

/** Runs bins whose score at a price (in ticks) is `scoreAt`, seen through a window that starts at `firstTickAt`. */
function study(bins: number, scoreAt: (bin: number, tick: number) => number, firstTickAt: (bin: number) => number) {
  const watch = new ProjectionWatch(options);
  for (let bin = 0; bin < bins; bin++) {
    const first = firstTickAt(bin);
    const scores = Float64Array.from({ length: rows }, (_, row) =>
      Number.isNaN(first) ? 0 : scoreAt(bin, first + row),
    );
    watch.add(scores, first);
  }
  return watch.report();
}

/** A window that moves up and down, so that one price is another k from bin to bin. */
const moving = (bin: number) => 1000 + Math.round(4 * Math.sin(bin / 5));

test('scores on straight lines are foreseen exactly, at their prices and not at their k', () => {
  const slope = (tick: number) => ((tick % 5) - 2) / 1000;
  const { horizons, sweep } = study(
    400,
    (bin, tick) => ((tick * 7) % 11) / 40 + (slope(tick) * (bin - 200)) / 4,
    moving,
  );
  for (const { changeHitRate, meanAbsError, verdict } of horizons) {
    equal(changeHitRate.value, 1);
    ok(meanAbsError < 1e-9, String(meanAbsError));
    equal(verdict, 'better');
  }
  ok(sweep!.secondHalfRank >= 1 && sweep!.settings[sweep!.plain]!.secondHalfSkill > 0.999);
});

test('scores that wander by chance leave the direction at a coin’s rate, and its interval covers that at its rate', () => {
  const sessions = 20;
  let covered = 0;
  for (let seed = 0; seed < sessions; seed++) {
    const random = noise(seed);
    const walk = new Map<number, number>();
    let last = -1;
    const { horizons } = study(
      500,
      (bin, tick) => {
        if (bin !== last) {
          last = bin;
          for (let each = 990; each < 1020; each++)
            walk.set(each, (walk.get(each) ?? 0) + (random() < 0.5 ? 1 : -1) / 2000);
        }
        return walk.get(tick)!;
      },
      moving,
    );
    const { low, high } = horizons[0]!.changeHitRate;
    if (low <= 0.5 && high >= 0.5) covered++;
    equal(horizons[0]!.verdict, 'worse');
  }
  ok(covered / sessions >= 0.8, `${covered} of ${sessions}`);
});

test('every sum is that of a slow look-up by bin and price, with windows that jump and bins without one', () => {
  const random = noise(11);
  const bins = 300;
  const first = Array.from({ length: bins }, (_, bin) =>
    bin % 37 === 5 ? Number.NaN : 1000 + Math.floor(random() * 6),
  );
  const table = Array.from({ length: bins }, () => new Map<number, number>());
  first.forEach((tick, bin) => {
    for (let row = 0; row < rows; row++) table[bin]!.set(tick + row, random() < 0.3 ? 0 : 2 * random() - 1);
  });
  const scoreAt = (bin: number, tick: number) => table[bin]?.get(tick);
  const report = study(
    bins,
    (bin, tick) => scoreAt(bin, tick)!,
    (bin) => first[bin]!,
  );
  const furthest = Math.max(...options.horizonsBins);
  options.horizonsBins.forEach((h, index) => {
    let cells = 0;
    let calls = 0;
    let hits = 0;
    let error = 0;
    for (let bin = 3; bin + furthest < bins; bin++) {
      for (const [tick, s] of table[bin]!) {
        const past = [1, 2, 3].map((back) => scoreAt(bin - back, tick));
        const real = scoreAt(bin + h, tick);
        if (Number.isNaN(tick) || past.includes(undefined) || real === undefined) continue;
        const [p1, p2, p3] = past as [number, number, number];
        if (s === 0 && p1 === 0 && p2 === 0 && p3 === 0) continue;
        const [a, b, c] = [(s - p1) / 0.1, (p1 - p2) / 0.1, (p2 - p3) / 0.1];
        const [s2, before] = [(a - b) / 0.1, (b - c) / 0.1];
        const plain = { useCubic: false, cubicScale: 0, dampingLambda: 0 };
        const projected = projectFlowScore(s, a, s2, (s2 - before) / 0.1, h * 0.1, plain);
        cells++;
        error += Math.abs(projected - real);
        if (projected === s || real === s) continue;
        calls++;
        if (Math.sign(projected - s) === Math.sign(real - s)) hits++;
      }
    }
    const told = report.horizons[index]!;
    deepEqual([told.cells, told.calls], [cells, calls]);
    ok(Math.abs(told.changeHitRate.value - hits / calls) < 1e-12);
    ok(Math.abs(told.meanAbsError - error / cells) < 1e-9);
  });
});

test('a bin’s projection errors depend on nothing beyond its furthest horizon', () => {
  const calm = (bin: number, tick: number) => Math.sin(bin / 9 + tick);
  const wild = (bin: number, tick: number) => (bin >= 500 ? (tick % 2) - 0.5 : calm(bin, tick));
  const [a, b] = [calm, wild].map((scores) => study(700, scores, moving).sweep!);
  deepEqual(
    a!.settings.map((setting) => setting.firstHalfSkill),
    b!.settings.map((setting) => setting.firstHalfSkill),
  );
  equal(a!.chosen, b!.chosen, 'the choice is made on the first half alone');
  ok(a!.settings.some((setting, i) => setting.secondHalfSkill !== b!.settings[i]!.secondHalfSkill));
});
