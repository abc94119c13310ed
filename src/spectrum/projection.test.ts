import { equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { projectFlowScore } from './projection.ts';

const unit = fc.double({ min: -1, max: 1, noNaN: true });
const slope = fc.double({ min: -50, max: 50, noNaN: true });

test('a projection is the damped Taylor series of the score, clipped', () => {
  fc.assert(
    fc.property(
      unit,
      slope,
      slope,
      slope,
      fc.double({ min: 0, max: 5, noNaN: true }),
      fc.boolean(),
      unit,
      fc.double({ min: 0, max: 4, noNaN: true }),
      (s, s1, s2, s3, h, useCubic, cubicScale, dampingLambda) => {
        const series = s + s1 * h + (s2 * h ** 2) / 2 + (useCubic ? cubicScale * s3 * h ** 3 : 0);
        const want = Math.min(Math.max(series * Math.exp(-dampingLambda * h), -1), 1);
        const got = projectFlowScore(s, s1, s2, s3, h, { useCubic, cubicScale, dampingLambda });
        ok(Math.abs(got - want) <= 1e-9 * (1 + Math.abs(series)), `expected ${want}, got ${got}`);
      },
    ),
    { numRuns: 500 },
  );
});

test('at horizon 0 the projection is the score; without damping and history it stays so', () => {
  const params = { useCubic: true, cubicScale: 1, dampingLambda: 3 };
  equal(projectFlowScore(0.25, 9, 9, 9, 0, params), 0.25);
  equal(projectFlowScore(-0.25, 0, 0, 0, 7, { ...params, dampingLambda: 0 }), -0.25);
  equal(projectFlowScore(0.9, 10, 0, 0, 1, { ...params, dampingLambda: 0 }), 1);
  equal(projectFlowScore(-0.9, -10, 0, 0, 1, { ...params, dampingLambda: 0 }), -1);
});
