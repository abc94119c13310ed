import { deepEqual, equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { noise } from '../../test/helpers/lab_dataset.ts';
import { madeUpRow } from '../../test/helpers/stored_rows.ts';
import { unitSums } from '../lake/index.ts';
import type { ResultRow } from '../wire/index.ts';
import { Family, type FamilyTrial } from './family.ts';
import { freshResults } from './fresh_result.ts';
import type { SweepSession } from './sweep_session.ts';
import { familyClusters, trialResults } from './trial_result.ts';

const zero = { VARCHAR: '', INTEGER: 0, DOUBLE: 0, BOOLEAN: false, 'INTEGER[]': [], 'DOUBLE[]': [] };
const costs = { spread: 'none', commissionTicks: 0.1 } as const;

function session(day: number): SweepSession {
  const date = `2026-03-${String(day + 1).padStart(2, '0')}`;
  return {
    ...{ datasetId: `day-${day}`, dataId: `data-${day}`, date, symbol: 'MNQH6', symbolRoot: 'MNQ' },
    ...{ window: '09:30-16:00', startUtc: `${date}T14:30:00Z`, endUtc: `${date}T21:00:00Z`, startOfDayMs: 0 },
  };
}

/** A trial on one session: 16 blocks of 6 trades. */
function unit(day: number, random: () => number): ResultRow<'units'> {
  const block = Array.from({ length: 16 }, (_, at) => at);
  const trades = block.map(() => 6);
  const none = block.map(() => 0);
  return {
    ...madeUpRow('units', ({ type, isNullable }) => (isNullable ? null : zero[type])),
    ...{ trialHash: 'trial', threshold: 0.5, datasetId: `day-${day}`, captureWindow: '09:30-16:00' },
    ...{
      nSignals: 96,
      nLong: 96,
      nBlocks: 16,
      block,
      blockLong: trades,
      blockShort: none,
      blockTp: none,
      blockSl: none,
    },
    ...{ blockWinners: block.map(() => 3), blockLosers: block.map(() => 3) },
    blockLongGross: block.map(() => Math.round(40 * (random() - 0.4))),
    ...{ blockShortGross: none, blockLongSpread: none, blockShortSpread: none, hours: new Array(24).fill(0) },
  };
}

function familyOf(days: readonly number[]): { readonly family: Family; readonly trial: FamilyTrial } {
  const family = new Family(days.map(session));
  days.forEach((day, at) => {
    family.add(at, { units: unitSums([unit(day, noise(100 + day))]), from: 0, to: 1 });
  });
  const trial = family.find('trial', 0.5);
  ok(trial !== null);
  return { family, trial };
}

/** The trial judged as one of an experiment of these days alone. */
function alone(days: readonly number[]) {
  const { family, trial } = familyOf(days);
  const [result] = trialResults([trial], familyClusters(family, [trial], costs), costs, days.length);
  ok(result !== undefined);
  const { signals, meanNet, net, pProfit } = result;
  return { sessions: days.length, signals, meanNet, low: net?.low ?? null, high: net?.high ?? null, pProfit };
}

const days = (count: number, from = 0) => Array.from({ length: count }, (_, at) => from + at);

for (const [all, seen] of [
  [5, 3],
  [6, 2],
  [9, 8],
  [14, 3],
  [24, 14],
] as const) {
  test(`${all - seen} fresh sessions of ${all} give what an experiment of these alone would`, () => {
    const { family, trial } = familyOf(days(all));
    const isFresh = days(all).map((day) => day >= seen);
    const [fresh] = freshResults(family, [{ trial, isFresh }], costs);
    deepEqual(fresh, alone(days(all - seen, seen)));
    ok(fresh !== null && fresh !== undefined && fresh.low !== null && fresh.pProfit !== null);
  });
}

test('where sessions are the clusters, fewer than ten fresh ones have n and r only; none are no result', () => {
  const { family, trial } = familyOf(days(12));
  const { sessions, signals, meanNet } = alone(days(9, 3));
  const isFresh = days(12).map((day) => day >= 3);
  deepEqual(freshResults(family, [{ trial, isFresh }], costs), [
    { sessions, signals, meanNet, low: null, high: null, pProfit: null },
  ]);
  equal(freshResults(family, [{ trial, isFresh: days(12).map(() => false) }], costs)[0], null);
});
