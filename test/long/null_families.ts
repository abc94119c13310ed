import { ok } from 'node:assert/strict';
import { test } from 'node:test';
import { judgeFamily } from '../calibration/family.ts';
import { payoffSets } from '../calibration/market.ts';
import { type CalibrationRow, holdsBound } from '../calibration/table.ts';
import { runSession, type SessionSums } from '../calibration/unit.ts';

const payoffs = payoffSets.symmetric.slice(0, 1);

test('a few null families: small p-values are as rare as they say, intervals cover', () => {
  const families = Array.from({ length: 24 }, (_, family) => {
    const units: SessionSums[] = [];
    for (let session = 0; session < 10; session++) {
      units.push(runSession(1 + family * 10 + session, 1500, 4, payoffs, true).sums);
    }
    return judgeFamily(units, family, 21);
  });
  const row = (pick: (family: (typeof families)[0]) => number, atLeast: number | null, atMost: number | null) => {
    const values = families.map(pick);
    const value = values.reduce((sum, x) => sum + x, 0) / values.length;
    const error = Math.sqrt(values.reduce((sum, x) => sum + (x - value) ** 2, 0)) / values.length;
    const line: CalibrationRow = {
      name: '',
      families: 24,
      value,
      error: Math.max(error, 0.01),
      atLeast,
      atMost,
      errors: 3,
    };
    ok(holdsBound(line), JSON.stringify(line));
  };
  row(({ p05 }) => p05, 0.02, 0.05);
  row(({ coverage }) => coverage, 0.94, 0.96);
  row(({ anyQ }) => anyQ, null, 0.1);
  row(({ anyAdjusted }) => anyAdjusted ?? 0, null, 0.06);
  row(({ holds }) => holds ?? 0, null, 0.05);
  ok(families.every(({ tested }) => tested > 20));
});
