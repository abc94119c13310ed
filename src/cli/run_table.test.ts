import { equal, match, ok } from 'node:assert/strict';
import { test } from 'node:test';
import type { ComparedRun } from '../sweep/index.ts';
import { oneSidedText, runTable } from './run_table.ts';

const run = (up: number, down: number, oneSided: ComparedRun['one_sided']) =>
  ({
    ...{ run_id: 'abcdef0123', signal_params_json: '{}', scoring_json: '{}', threshold: 95 },
    ...{ threshold_kind: 'past_percentile', n_signals: up + down, n_up: up, n_down: down, one_sided: oneSided },
    ...{ tp_rate: 0.5, tp_rate_low: 0.4, tp_rate_high: 0.6, break_even_rate: 0.5, p_value: 0.2, q_value: 0.3 },
    ...{ mean_pnl_ticks: 1, mean_net_pnl_ticks: 1, mean_mid_pnl_ticks: 1, events_per_hour: 10, deflated_sharpe: null },
  }) as ComparedRun;

test('a table of runs has long and short firings, and marks the side of nearly all', () => {
  const table = runTable([run(60, 40, null), run(3, 1200, 'short')]);
  const [head, , first, second] = table.split('\n');
  match(head!, /n\s+long\s+short/);
  match(`${first}\n${second}`, /100\s+60\s+40\s[^*]*\n.*1,203\s+3\s+1,200\*/);
  equal(oneSidedText([run(60, 40, null)]), '');
  ok(oneSidedText([run(60, 40, null), run(3, 1200, 'short')]).startsWith('* 1 run with at least 95 %'));
});
