import type { ExperimentDocument, ReportDocument } from '../../src/sweep/index.ts';
import { noise } from './lab_dataset.ts';

type Trial = ExperimentDocument['trials'][number];

/** A made-up document of an experiment with so many trials and sessions; the first trial survives. */
export function madeDocument(trials: number, sessions: number): ReportDocument {
  const random = noise(11);
  const start = Temporal.PlainDate.from('2026-01-05');
  const dates = Array.from({ length: sessions }, (_, at) => `${start.add({ days: at + 2 * Math.floor(at / 5) })}`);
  const all = Array.from({ length: trials }, (_, rank) => madeTrial(rank, sessions, random)).reverse();
  const best = all.at(-1) as Trial;
  const tested = Math.max(sessions - 20, 0);
  return {
    experiment_name: 'made',
    signal_name: 'derivative',
    verdict: {
      ...{ kind: 'too_few_days', interim: true, adjusted: 0.0123, sessions, testSessions: tested, awaitsFinal: true },
      headline: 'interim: too few days',
      sentence: 'A trial survives the search (adjusted p 0.012); the date on which to judge lies ahead.',
      sensitivity: '24 sessions could have shown 0.42 ticks a trade; this is 0.61 (0.31 to 0.91).',
    },
    scope: null,
    costs: { spread: 'half', commissionTicks: 0 },
    is_before_costs: false,
    sessions: dates.map((date, at) => ({
      ...{ date, symbol: at < sessions / 2 ? 'MNQH6' : 'MNQM6', dataset_id: `mnq_${at}` },
      ...{ start_utc: `${date}T14:30:00Z`, end_utc: `${date}T21:00:00Z` },
      ...{ best_net_ticks: best.session_net_ticks[at] ?? null, best_signals: best.session_signals[at] ?? null },
      anomalies: at === 3 ? ['2 fills of orders that are not in the book'] : at === 4 ? null : [],
    })),
    rolls: [{ date: dates[Math.ceil(sessions / 2)] as string, from: 'MNQH6', to: 'MNQM6' }],
    left_out: [{ date: '2026-02-16', reason: 'holiday' }],
    holdout: { dates: ['2026-12-28', '2026-12-29'], openings: 1 },
    notes: [],
    looks: { times: 3, sentence: 'Looked at 3 times; no session was added after the first look.', unkept: null },
    family: {
      ...{ trials: trials + 12, distinct: trials, tested: trials - 1, clusters: sessions, is_by_sessions: true },
      ...{ deleted: 0, spa_p: 0.02, luck_sharpe: 0.35, luck_trials: 41.7 },
      overfitting: { probability: 0.12, lossProbability: 0.31, splits: 12_870, groups: 16 },
    },
    trials: all,
    best: {
      ...best,
      days: {
        ...{ positive_share: 0.66, median_day_p: 0.04, best: { date: dates[3] as string, net_ticks: 90 } },
        ...{ worst: { date: dates[1] as string, net_ticks: -41.5 }, best_share: 0.2, best_trades_share: 0.7 },
        ...{ mean_without_best: 0.5, without_best: { mean_net_pnl_ticks_low: 0.1, mean_net_pnl_ticks_high: 0.9 } },
        ...{ first_half: 0.8, second_half: 0.4 },
      },
    },
    survivors: [best],
    walk_forward: {
      ...{ number: 1, tried: 1, count_sentence: '' },
      ...{ test_sessions: tested, mean_net_pnl_ticks: 0.2, mean_net_pnl_ticks_low: -0.1, mean_net_pnl_ticks_high: 0.5 },
      dates: dates.slice(20),
      net_ticks: Array.from({ length: tested }, () => Math.round(100 * (random() - 0.4))),
      signals: Array.from({ length: tested }, () => 100),
      in_sample_net_ticks: best.session_net_ticks.slice(20),
      stretches: [],
    },
  };
}

function madeTrial(rank: number, sessions: number, random: () => number): Trial {
  // The last one has too few trades to be tested, and did not run on the first session.
  const isTested = rank < 1 || random() < 0.98;
  const mean = 0.6 - rank / 100;
  const p = isTested ? Math.min(1, 3e-4 * 1.05 ** rank) : null;
  return {
    run_id: rank.toString(16).padStart(8, '0').repeat(4),
    threshold: 0.1 + (rank % 6) / 10,
    parameters: { zscore_window_bins: 40 + (rank % 5), tanh_scale: 3, variant: rank % 2 === 0 ? 'a' : 'b' },
    ...{ tp_ticks: 8, sl_ticks: 4, cooldown_bins: 30, n_sessions: sessions - 1, n_signals: 2400, n_up: 1300 },
    ...{ is_tested: isTested, mean_mid_pnl_ticks: mean + 1, mean_cost_ticks: 1, mean_net_pnl_ticks: mean },
    ...{ mean_net_pnl_ticks_low: mean - 0.3, mean_net_pnl_ticks_high: mean + 0.3, mean_net_pnl_ticks_later: mean / 2 },
    ...{ mean_net_pnl_ticks_up: mean, mean_net_pnl_ticks_down: null, tp_rate: null },
    ...{ p_profit: p, q_value: p, p_adjusted: p, survives: isTested ? rank === 0 : null, p_timing: 0.2 },
    deflated_sharpe: isTested ? 1.2e-9 : null,
    looks: 3,
    fresh: {
      ...{ n_sessions: 4, n_signals: 400, mean_net_pnl_ticks: mean / 2 },
      ...{ mean_net_pnl_ticks_low: null, mean_net_pnl_ticks_high: null, p_profit: null },
    },
    session_net_ticks: Array.from({ length: sessions }, (_, at) =>
      at === 0 ? null : Math.round(200 * (random() - 0.5 + mean / 5)),
    ),
    session_signals: Array.from({ length: sessions }, (_, at) => (at === 0 ? null : 100)),
    hours: new Array<number>(24).fill(0),
  };
}
