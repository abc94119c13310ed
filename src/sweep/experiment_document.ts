import { present, SpymasterError } from '../errors.ts';
import { type ResultsStore, sweepSummaries } from '../lake/index.ts';
import { type ClusterMean, type DayStatistics, equivalentTrials, type WalkForward } from '../statistics/index.ts';
import { experimentNotes } from './experiment_notes.ts';
import { daysOf } from './experiment_verdict.ts';
import type { Family } from './family.ts';
import { sessionNet } from './family_clusters.ts';
import { type FreshResult, freshResults } from './fresh_result.ts';
import {
  type ExperimentStatistics,
  experimentStatistics,
  type JudgedExperimentInput,
  judgedSentence,
  loadFamily,
  type RunTrialResult,
  type StoredSessions,
  storedExperiment,
} from './judge_experiment.ts';
import { type Look, type Looks, lookAt, noLooks } from './looks.ts';
import type { Judgement } from './plan.ts';
import type { RunRow } from './run_rows.ts';
import { looksSentence, requirementSentence, verdictHeadline } from './verdict_text.ts';
import { countWalkForwards, walkForwardCountText } from './walk_forward_count.ts';

/** Everything that is known of an experiment, judged over all its sessions: what reports, the page and scripts show. */
export type ExperimentDocument = ReturnType<typeof documentOf>;

/**
 * The document of an experiment as the store has it now. `today` is a date YYYY-MM-DD in UTC; `look` is whom it is shown by,
 * null for a document that is not shown.
 * @throws EXPERIMENT_UNKNOWN for a name that no result has, and for results of an older method
 */
export async function experimentDocument(
  store: ResultsStore,
  experimentName: string,
  today: string,
  look: Look | null = null,
): Promise<ExperimentDocument> {
  const [newest] = await sweepSummaries(store, { experiment: experimentName });
  const input = newest === undefined ? null : await storedExperiment(store, newest.sweepId);
  if (input === null) {
    const why =
      newest === undefined
        ? 'no finished run has that name; see `spymaster compare` for those there are'
        : 'its results are of an older method; run it again';
    throw new SpymasterError('EXPERIMENT_UNKNOWN', `Cannot report on ${JSON.stringify(experimentName)}: ${why}.`, {
      experiment: experimentName,
    });
  }
  const family = await loadFamily(store, input.sessions);
  const walkForwards = await countWalkForwards(store, input.sessions, input.judgement, null);
  const statistics = experimentStatistics(family, input, today, walkForwards);
  const trialHashes = [...new Set(statistics.trials.map(({ result }) => result.trial.trialHash))];
  const [looks = noLooks] = await lookAt(store, [{ sessions: input.sessions, trialHashes }], look);
  return documentOf(input, statistics, looks, freshOf(family, statistics, looks, input.judgement));
}

type Fresh = ReadonlyMap<RunTrialResult, FreshResult | null>;

/** Each of an experiment's trials on the sessions that were added after it was first shown. */
function freshOf(family: Family, { trials }: ExperimentStatistics, { ofTrial }: Looks, { costs }: Judgement): Fresh {
  const shown = trials.map(({ result: { trial } }) => ({
    trial,
    isFresh: ofTrial.get(trial.trialHash)?.isFresh ?? [],
  }));
  const results = freshResults(family, shown, costs);
  return new Map(trials.map((one, at) => [one, results[at] ?? null]));
}

function documentOf(input: JudgedExperimentInput, statistics: ExperimentStatistics, looks: Looks, fresh: Fresh) {
  const { sweep, sessions, judgement } = input;
  const { family, best, survivors, walkForward, judged } = statistics;
  const runs = new Map(input.runs.map((run) => [run.runId, run]));
  const { left_out: leftOut = [], holdout = null } = JSON.parse(sweep.sessionsJson ?? '{}') as StoredSessions;
  const trial = (one: RunTrialResult) => ({
    ...trialOf(one, present(runs.get(one.runId)), judgement),
    /** Sets of sessions that its result was shown on, this time included. */
    looks: looks.ofTrial.get(one.result.trial.trialHash)?.times ?? 0,
    fresh: freshRow(fresh.get(one) ?? null),
  });
  const lead = survivors[0] ?? best;
  const most = [...looks.ofTrial.values()].reduce((sofar, one) => Math.max(sofar, one.times), 0);
  const times = lead === null ? most : (looks.ofTrial.get(lead.result.trial.trialHash)?.times ?? 0);
  return {
    experiment_name: sweep.experimentName,
    signal_name: sweep.signalName,
    verdict: {
      ...judged.verdict,
      headline: verdictHeadline(judged.verdict),
      sentence: judgedSentence(statistics),
      // Of a search's best r is inflated; a survivor's is what the search left.
      sensitivity:
        judged.requirement === null ? null : requirementSentence(judged.requirement, best?.result.survives !== true),
    },
    scope: sessions.length < 3 ? 'within these days: says nothing of others' : null,
    costs: judgement.costs,
    is_before_costs: judgement.costs.spread === 'none' && judgement.costs.commissionTicks === 0,
    sessions: sessions.map(({ date, symbol, datasetId, startUtc, endUtc }, session) => ({
      date,
      symbol,
      dataset_id: datasetId,
      start_utc: startUtc,
      end_utc: endUtc,
      best_net_ticks: best === null ? null : netOf(best, session, judgement),
      best_signals: best?.result.trial.inSession(session, 'signals') ?? null,
    })),
    rolls: sessions.flatMap(({ date, symbol }, at) => {
      const before = sessions[at - 1]?.symbol;
      return before === undefined || before === symbol ? [] : [{ date, from: before, to: symbol }];
    }),
    left_out: leftOut,
    /** Dates that stay locked, and the times that they have been opened; null without a holdout. */
    holdout,
    /** Signals that never fired, axes that change nothing, and the like; a sentence each. */
    notes: experimentNotes(sweep.planJson, input.runs, statistics),
    /** How often results were shown, of the best survivor or else the best tested trial; else the most of any trial. */
    looks: {
      times,
      sentence: looksSentence(times, lead === null ? null : (fresh.get(lead) ?? null)),
      unkept: looks.unkept,
    },
    family: {
      trials: family.trials.length,
      distinct: family.distinct,
      tested: family.tested,
      /** Different trials whose results were deleted; they are judged from the ledger. */
      deleted: family.gone,
      clusters: family.clusters,
      is_by_sessions: family.isBySessions,
      spa_p: family.spaP,
      luck_sharpe: family.luckSharpe,
      /** Independent trials whose largest Sharpe ratio is as large by luck. */
      luck_trials: family.luckSharpe === null ? null : equivalentTrials(family.luckSharpe, family.clusters),
      overfitting: family.overfitting,
    },
    trials: statistics.trials.map(trial),
    best: best === null ? null : { ...trial(best), days: shownDays(daysOf(best.result.trial, judgement.costs), input) },
    survivors: survivors.map(trial),
    walk_forward: walkForward === null ? null : walkForwardOf(walkForward, statistics, input),
  };
}

/** A trial on the sessions that were added after it was first shown, as JSON has it; null where none was. */
export function freshRow(fresh: FreshResult | null) {
  if (fresh === null) return null;
  return {
    n_sessions: fresh.sessions,
    n_signals: fresh.signals,
    mean_net_pnl_ticks: fresh.meanNet,
    mean_net_pnl_ticks_low: fresh.low,
    mean_net_pnl_ticks_high: fresh.high,
    p_profit: fresh.pProfit,
  };
}

function trialOf({ runId, result }: RunTrialResult, run: RunRow, judgement: Judgement) {
  const { trial } = result;
  return {
    run_id: runId,
    threshold: trial.threshold,
    parameters: JSON.parse(run.signalParamsJson) as Readonly<Record<string, unknown>>,
    tp_ticks: run.evalTpTicks,
    sl_ticks: run.evalSlTicks,
    cooldown_bins: run.cooldownBins,
    n_sessions: trial.total('sessionsRun'),
    n_signals: result.signals,
    n_up: trial.total('longs'),
    is_tested: result.isTested,
    mean_mid_pnl_ticks: result.meanMid,
    mean_cost_ticks: result.meanCost,
    mean_net_pnl_ticks: result.meanNet,
    ...intervalOf(result.net),
    mean_net_pnl_ticks_later: result.meanNetLater,
    mean_net_pnl_ticks_up: result.meanNetUp,
    mean_net_pnl_ticks_down: result.meanNetDown,
    tp_rate: result.tpRate === null ? null : { ...result.tpRate },
    p_profit: result.pProfit,
    q_value: result.qValue,
    p_adjusted: result.pAdjusted,
    survives: result.survives,
    p_timing: result.pTiming,
    deflated_sharpe: result.deflatedSharpe,
    /** Per session, net PnL in ticks and trades; null where the trial did not run. */
    session_net_ticks: Array.from({ length: trial.sessions }, (_, at) => sessionNet(judgement.costs, trial, at)),
    session_signals: Array.from({ length: trial.sessions }, (_, at) => trial.inSession(at, 'signals')),
    hours: [...trial.hours],
  };
}

function intervalOf(net: ClusterMean | null) {
  return { mean_net_pnl_ticks_low: net?.low ?? null, mean_net_pnl_ticks_high: net?.high ?? null };
}

function netOf({ result }: RunTrialResult, session: number, { costs }: Judgement): number | null {
  return sessionNet(costs, result.trial, session);
}

function shownDays({ best, worst, withoutBest, ...days }: DayStatistics, { sessions }: JudgedExperimentInput) {
  const day = (one: DayStatistics['best']) =>
    one === null ? null : { date: present(sessions[one.session]).date, net_ticks: one.sum };
  return {
    positive_share: days.positiveShare,
    median_day_p: days.medianDayP,
    best: day(best),
    worst: day(worst),
    best_share: days.bestShare,
    best_trades_share: days.bestTradesShare,
    mean_without_best: days.meanWithoutBest,
    without_best: intervalOf(withoutBest),
    first_half: days.firstHalf,
    second_half: days.secondHalf,
  };
}

function walkForwardOf(
  walk: WalkForward,
  { trials, best, walkForwards }: ExperimentStatistics,
  input: JudgedExperimentInput,
) {
  const { sessions, judgement } = input;
  const dates = sessions.map(({ date }) => date);
  return {
    test_sessions: walk.sums.length,
    /** Which it is of the walk-forwards that were tried on these sessions; only the first has an interval. */
    number: walkForwards.number,
    tried: walkForwards.tried,
    count_sentence: walkForwardCountText(walkForwards),
    mean_net_pnl_ticks: walk.mean,
    ...intervalOf(walk.estimate),
    /** Per test session, the net PnL in ticks and trades of what was chosen before it, and of the best trial in sample. */
    dates: dates.slice(walk.firstSession),
    net_ticks: [...walk.sums],
    signals: [...walk.counts],
    in_sample_net_ticks: dates
      .slice(walk.firstSession)
      .map((_, at) => (best === null ? null : netOf(best, walk.firstSession + at, judgement))),
    stretches: walk.stretches.map(({ trainFrom, trainTo, testFrom, testTo, trial, trained }) => {
      const chosen = trial === null ? undefined : trials[trial];
      return {
        train: [dates[trainFrom], dates[trainTo - 1]],
        test: [dates[testFrom], dates[testTo - 1]],
        run_id: chosen?.runId ?? null,
        threshold: chosen?.result.trial.threshold ?? null,
        trained,
      };
    }),
  };
}
