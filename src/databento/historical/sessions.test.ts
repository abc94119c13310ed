import { deepEqual, equal, throws } from 'node:assert/strict';
import { test } from 'node:test';
import { firstDelivered } from './front_month.ts';
import { checkSymbol, sessionDates, sessionRequest } from './sessions.ts';

const equity = { productType: 'equity_mbo', dataset: 'XNAS.ITCH', schema: 'mbo' } as const;
const future = { productType: 'future_mbo', dataset: 'GLBX.MDP3', schema: 'mbo' } as const;

function utcHours(date: string): string[] {
  const { start, end } = sessionRequest(equity, 'AAPL', date);
  return [start, end];
}

test('the orders of an equity are asked for from 00:00 UTC, when the clear comes, to 16:00 in New York', () => {
  // Clocks go forward on 2025-03-09 and 2026-03-08, back on 2025-11-02 and 2026-11-01, all Sundays.
  for (const [friday, monday, before, after] of [
    ['2025-03-07', '2025-03-10', [0, 21], [0, 20]],
    ['2025-10-31', '2025-11-03', [0, 20], [0, 21]],
    ['2026-03-06', '2026-03-09', [0, 21], [0, 20]],
    ['2026-10-30', '2026-11-02', [0, 20], [0, 21]],
  ] as const) {
    for (const [date, hours] of [
      [friday, before],
      [monday, after],
    ] as const) {
      deepEqual(
        utcHours(date),
        hours.map((hour) => `${date}T${String(hour).padStart(2, '0')}:00:00Z`),
      );
    }
    deepEqual(sessionDates('equity_mbo', friday, monday), [friday, monday]);
  }
  equal(sessionRequest({ ...equity, schema: 'trades' }, 'AAPL', '2026-02-06').start, '2026-02-06T07:00:00Z');
});

test('a futures session is the whole UTC day, whatever New York does', () => {
  for (const date of ['2025-03-10', '2025-11-03', '2026-03-09', '2026-11-02', '2025-12-31']) {
    const { start, end } = sessionRequest(future, 'MNQH6', date);
    equal(start, `${date}T00:00:00Z`);
    equal(Temporal.Instant.from(start).until(end).total('hours'), 24);
  }
});

test('every weekday of a range is a session date, for futures Sundays too, over leap days and year ends', () => {
  const yearEnd = ['2025-12-30', '2025-12-31', '2026-01-01', '2026-01-02'];
  deepEqual(sessionDates('equity_mbo', '2025-12-30', '2026-01-02'), yearEnd);
  deepEqual(sessionDates('equity_mbo', '2024-02-28', '2024-03-01'), ['2024-02-28', '2024-02-29', '2024-03-01']);
  deepEqual(sessionDates('equity_mbo', '2026-02-07', '2026-02-08'), []);
  deepEqual(sessionDates('future_mbo', '2026-02-06', '2026-02-09'), ['2026-02-06', '2026-02-08', '2026-02-09']);
  equal(sessionDates('equity_mbo', '2025-01-01', '2026-12-31').length, 522);
});

test('exchange suffixes of symbols are accepted, path characters are not', () => {
  for (const symbol of ['AAC+', 'ACIC=', 'ABR^', 'XYZ#', 'BRK.B', 'BAC-E', 'MNQH6']) checkSymbol(symbol);
  for (const symbol of ['../X', 'A/B', '', 'mnq', 'A..B', '+A', 'A*B'])
    throws(() => checkSymbol(symbol), { code: 'USAGE' });
});

test('the contract that is delivered first is the front, across years and decades', () => {
  equal(firstDelivered('MNQ', ['MNQH7', 'MNQM6', 'MNQU6'], '2026-04-01'), 'MNQM6');
  equal(firstDelivered('MNQ', ['MNQH7', 'MNQZ6'], '2026-12-17'), 'MNQZ6');
  equal(firstDelivered('CL', ['CLF0', 'CLG0', 'CLZ9'], '2029-11-22'), 'CLZ9');
  equal(firstDelivered('CL', ['CLF0', 'CLG0'], '2029-12-22'), 'CLF0');
  equal(firstDelivered('MNQ', ['MNQH6-MNQM6', 'NQH6', 'MNQ:BF H6', 'MNQ H6'], '2026-02-05'), undefined);
  equal(firstDelivered('MNQ', ['MNQH6', 'MNQM26'], '2026-04-01'), 'MNQM26');
});
