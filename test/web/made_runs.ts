import type { TableRow } from '../../src/wire/index.ts';
import { type Run, toRun } from '../../web/experiments/model/runs.ts';

/** A row of the results of which only the given fields are a test's subject. */
export function madeRow(id: string, changes: Partial<TableRow> = {}, parameters: object = {}): TableRow {
  return {
    run_id: id,
    signal_name: 'ads',
    dataset_id: 'd1',
    experiment_name: 'first',
    serving_spec_name: 'spec',
    timestamp_utc: '2026-02-06T00:00:00Z',
    signal_params_json: JSON.stringify(parameters),
    scoring_json: '{"tanh_scale":3}',
    n_signals: 10,
    n_up: 6,
    n_down: 4,
    eval_min_signals: 5,
    tp_rate: null,
    tp_rate_low: 0,
    tp_rate_high: 1,
    break_even_rate: 0.5,
    eval_tp_ticks: 4,
    eval_sl_ticks: 4,
    cooldown_bins: 1,
    mean_net_pnl_ticks: null,
    mean_net_pnl_ticks_low: null,
    mean_net_pnl_ticks_high: null,
    n_sessions: 1,
    p_adjusted: null,
    survives: null,
    p_profit: null,
    q_value: null,
    sharpe: null,
    ...changes,
  } as TableRow;
}

export function madeRun(id: string, changes: Partial<TableRow> = {}, parameters: object = {}): Run {
  return toRun(madeRow(id, changes, parameters), new Map());
}

/** Three runs: above break-even, below it, and one of another signal without a result. */
export const threeRuns: readonly Run[] = [
  madeRun('a', { tp_rate: 0.6, tp_rate_low: 0.55, tp_rate_high: 0.7, mean_net_pnl_ticks: 1 }, { span: 1, wide: true }),
  madeRun(
    'b',
    { tp_rate: 0.4, tp_rate_low: 0.3, tp_rate_high: 0.45, mean_net_pnl_ticks: -1, eval_min_signals: 20 },
    { span: 2, wide: true },
  ),
  madeRun('c', { signal_name: 'null', eval_tp_ticks: 8 }, { span: 2, wide: true }),
];

export const idsOf = (runs: readonly Run[]) => runs.map(({ run_id }) => run_id);
