import { deepEqual, equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { circularShiftPValue, type FiringOutcomes } from './circular_shift.ts';
import { randomSource } from './random.ts';

const twice = (values: readonly number[]) => Float64Array.from([...values, ...values]);

function outcomes(up: number[], down: number[], gainUp: number[], gainDown: number[]): FiringOutcomes {
  return {
    upAt: Int32Array.from(up),
    downAt: Int32Array.from(down),
    gainUp: twice(gainUp),
    gainDown: twice(gainDown),
    positions: gainUp.length,
  };
}

test('p-value tends to the share of all shifts that do at least as well', () => {
  const gainUp = [5, -1, 2, -3, 4, -2, 1, -4];
  const gainDown = gainUp.map((gain) => -gain);
  const firings = outcomes([0, 4], [3], gainUp, gainDown);
  const total = (shift: number) => gainUp[shift % 8]! + gainUp[(4 + shift) % 8]! + gainDown[(3 + shift) % 8]!;
  const shifts = [1, 2, 3, 4, 5, 6, 7];
  const share = shifts.filter((shift) => total(shift) >= total(0)).length / shifts.length;
  const pValue = circularShiftPValue(firings, 1, { maxShifts: 20_000, minExceedances: 20_000 }, randomSource(1));
  ok(Math.abs(pValue - share) < 0.02, `${pValue} is not near ${share}`);
});

test('the same seed gives the same p-value, and nothing fired gives none', () => {
  const gains = Array.from({ length: 50 }, (_, index) => ((index * 37) % 11) - 5);
  const firings = outcomes([3, 17, 30], [5], gains, gains);
  const pValue = (room: number) =>
    circularShiftPValue(firings, room, { maxShifts: 99, minExceedances: 20 }, randomSource(9));
  equal(pValue(2), pValue(2));
  ok(Number.isNaN(pValue(40)));
  const none = outcomes([], [], gains, gains);
  ok(Number.isNaN(circularShiftPValue(none, 1, { maxShifts: 99, minExceedances: 20 }, randomSource(9))));
});

test('p-values of a signal without skill are uniform', () => {
  const random = randomSource(77);
  const positions = 300;
  let small = 0;
  const rounds = 400;
  for (let round = 0; round < rounds; round++) {
    const gains = Array.from({ length: positions }, () => random.below(3) - 1);
    const up = Array.from({ length: positions }, (_, at) => at).filter(() => random.below(10) === 0);
    const firings = outcomes(up, [], gains, gains);
    if (circularShiftPValue(firings, 1, { maxShifts: 199, minExceedances: 10 }, random) <= 0.1) small++;
  }
  // Binomial(400, 0.1): mean 40, standard deviation 6.
  ok(small > 18 && small < 62, `${small} of ${rounds} p-values are at most 0.1`);
});

test('randomSource is the same everywhere and fair', () => {
  const random = randomSource(42);
  const drawn = Array.from({ length: 6 }, () => random.below(1000));
  deepEqual(
    drawn,
    Array.from(
      { length: 6 },
      (
        (again) => () =>
          again.below(1000)
      )(randomSource(42)),
    ),
  );
  const counts = new Array<number>(7).fill(0);
  for (let draw = 0; draw < 70_000; draw++) counts[random.below(7)]!++;
  for (const count of counts) ok(Math.abs(count - 10_000) < 500, `${counts}`);
});
