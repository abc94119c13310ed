import { formatFixed } from '../../format.ts';
import { type Html, html, probability, type Row, table, thinCount } from '../../report/index.ts';
import { byEvidence } from '../../wire/index.ts';
import type { ExperimentDocument } from '../experiment_document.ts';
import { type DocumentTrial, parameterText, shortNumber, variedParameters } from './trial.ts';

/** Most rows of the table. */
const maxRows = 50;

/** A number of ticks, with two decimals and its sign; a dash where there is none. */
export const ticks = (value: number | null) => (value === null ? '–' : formatFixed(value, 2, true));

/** The trials with the most evidence, as a table that sorts. */
export function trialsSection({ trials }: ExperimentDocument): Html {
  const rows = byEvidence(trials).slice(0, maxRows);
  const varied = variedParameters(trials);
  const limits = limitsOf(rows);
  const more =
    trials.length > rows.length
      ? ` The ${rows.length} of ${thinCount(trials.length)} with the most evidence are listed.`
      : '';
  const numbers = (...titles: string[]) => titles.map((title) => ({ title, isNumber: true }));
  const columns = [
    { title: 'run' },
    ...numbers('threshold', 'sessions', 'n', 'net, ticks', '95 %'),
    { title: 'about 0' },
    ...numbers('p', 'q', 'adjusted p'),
    { title: 'survives' },
    ...numbers('looks', 'fresh sessions', 'fresh n', 'fresh net', 'fresh 95 %', 'fresh p'),
    ...numbers(
      'p timing',
      'DSR',
      'a bin later',
      'long n',
      'long net',
      'short n',
      'short net',
      'cost',
      'tp',
      'sl',
      'cooldown',
    ),
    ...numbers(...varied),
  ];
  return html`<section class="trials" aria-labelledby="trials"><h2 id="trials">Trials</h2>
<p class="lead">Net PnL in ticks a trade, after costs. p asks whether it is above 0, and is given to trials with enough trades and clusters alone; q and adjusted p correct for the whole family. p timing: against the same firings at other moments, before costs. Fresh: on the sessions added after the trial was first shown; looks: the sets of sessions that it was shown on. Grey: does not survive.${more} A click on a head sorts.</p>
${table(
  'Trials by evidence',
  columns,
  rows.map((trial) => rowOf(trial, varied, limits)),
)}</section>`;
}

interface Limits {
  readonly low: number;
  readonly high: number;
}

/** The range of the intervals' picture: those of tested trials, and 0; a trial of few trades may go beyond. */
function limitsOf(trials: readonly DocumentTrial[]): Limits {
  const tested = trials.filter(({ p_profit: p }) => p !== null);
  const ends = (tested.length > 0 ? tested : trials)
    .flatMap((trial) => [trial.mean_net_pnl_ticks_low, trial.mean_net_pnl_ticks_high])
    .filter((value) => value !== null);
  return { low: Math.min(0, ...ends), high: Math.max(0, ...ends) };
}

function rowOf(trial: DocumentTrial, varied: readonly string[], limits: Limits): Row {
  const { mean_net_pnl_ticks: net, mean_net_pnl_ticks_low: low, mean_net_pnl_ticks_high: high } = trial;
  const shorts = trial.n_signals - trial.n_up;
  const survives = trial.survives === null ? 'not tested' : trial.survives ? 'yes' : 'no';
  // Text, and what a click sorts by.
  const cells: (readonly [string | Html, number | string | null])[] = [
    [trial.run_id.slice(0, 8), trial.run_id],
    [shortNumber(trial.threshold), trial.threshold],
    [thinCount(trial.n_sessions), trial.n_sessions],
    [thinCount(trial.n_signals), trial.n_signals],
    [ticks(net), net],
    [low === null ? '–' : `${ticks(low)} to ${ticks(high)}`, low],
    [intervalMark(net, low, high, limits), net],
    [probability(trial.p_profit), trial.p_profit],
    [probability(trial.q_value), trial.q_value],
    [probability(trial.p_adjusted), trial.p_adjusted],
    [survives, survives],
    [thinCount(trial.looks), trial.looks],
    ...freshCells(trial.fresh),
    [probability(trial.p_timing), trial.p_timing],
    [probability(trial.deflated_sharpe), trial.deflated_sharpe],
    [ticks(trial.mean_net_pnl_ticks_later), trial.mean_net_pnl_ticks_later],
    [thinCount(trial.n_up), trial.n_up],
    [ticks(trial.mean_net_pnl_ticks_up), trial.mean_net_pnl_ticks_up],
    [thinCount(shorts), shorts],
    [ticks(trial.mean_net_pnl_ticks_down), trial.mean_net_pnl_ticks_down],
    [trial.mean_cost_ticks === null ? '–' : formatFixed(trial.mean_cost_ticks, 2), trial.mean_cost_ticks],
    [shortNumber(trial.tp_ticks), trial.tp_ticks],
    [shortNumber(trial.sl_ticks), trial.sl_ticks],
    [thinCount(trial.cooldown_bins), trial.cooldown_bins],
    ...varied.map((name) => {
      const value = trial.parameters[name];
      return [parameterText(value), typeof value === 'number' ? value : parameterText(value)] as const;
    }),
  ];
  return {
    cells: cells.map(([text]) => text),
    sortValues: cells.map(([, key]) => key),
    muted: trial.survives !== true,
  };
}

/** The trial on the sessions that were added after it was first shown. */
function freshCells(fresh: DocumentTrial['fresh']): (readonly [string, number | null])[] {
  if (fresh === null) return [0, 1, 2, 3, 4].map(() => ['–', null] as const);
  const { mean_net_pnl_ticks: net, mean_net_pnl_ticks_low: low, mean_net_pnl_ticks_high: high } = fresh;
  return [
    [thinCount(fresh.n_sessions), fresh.n_sessions],
    [thinCount(fresh.n_signals), fresh.n_signals],
    [ticks(net), net],
    [low === null ? '–' : `${ticks(low)} to ${ticks(high)}`, low],
    [probability(fresh.p_profit), fresh.p_profit],
  ];
}

const markWidth = 120;

/** An estimate with its interval about a line at 0; ends beyond the range are cut. */
function intervalMark(value: number | null, low: number | null, high: number | null, limits: Limits): Html {
  if (value === null || low === null || high === null) return html``;
  const span = limits.high - limits.low || 1;
  const x = (at: number) =>
    Number((4 + ((Math.min(Math.max(at, limits.low), limits.high) - limits.low) / span) * (markWidth - 8)).toFixed(1));
  return html`<svg class="mark" width="${markWidth}" height="14" viewBox="0 0 ${markWidth} 14" aria-hidden="true"><line class="reference" x1="${x(0)}" x2="${x(0)}" y1="0" y2="14"/><line class="whisker" x1="${x(low)}" x2="${x(high)}" y1="7" y2="7"/><circle cx="${x(value)}" cy="7" r="3"/></svg>`;
}
