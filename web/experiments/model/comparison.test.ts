import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { madeRun, threeRuns as runs } from '../../../test/web/made_runs.ts';
import { compareFields } from './comparison.ts';

const idsOf = (comparison: ReturnType<typeof compareFields>) =>
  Object.fromEntries(comparison.groups.map(([name, columns]) => [name, columns.map(({ id }) => id)]));

test('a comparison has the settings and the results in which runs differ', () => {
  const comparison = compareFields(runs.slice(0, 2), runs, false);
  deepEqual(idsOf(comparison), {
    Settings: ['span'],
    Results: ['mean_net_pnl_ticks', 'tp_rate_low', 'tp_rate', 'edge'],
  });
  deepEqual(runs.slice(0, 2).map(comparison.differences), ['span 1', 'span 2']);
});

test('a comparison of all fields marks the settings that differ, and no result', () => {
  const comparison = compareFields(runs.slice(1), runs, true);
  const all = comparison.groups.flatMap(([, columns]) => columns);
  deepEqual(
    all.filter(comparison.isDifference).map(({ id }) => id),
    ['signal_name', 'eval_tp_ticks'],
  );
  equal(
    all.some(({ id }) => id === 'span'),
    true,
    'a parameter in which other runs differ',
  );
  equal(
    all.some(({ id }) => id === 'run_id'),
    false,
  );
});

test('runs whose texts are the same do not differ', () => {
  const pair = [madeRun('a', { mean_net_pnl_ticks: 0.001 }), madeRun('b', { mean_net_pnl_ticks: 0.002 })];
  deepEqual(idsOf(compareFields(pair, pair, false)), { Settings: [], Results: [] });
});
