import { formatChance, formatCount, formatTicks, plural } from '../format.ts';
import type { SilentRuns, SweepSummary } from '../lake/index.ts';
import {
  type ComparedRun,
  type ComparisonLooks,
  executionAssumptions,
  type FamilySize,
  type FoldWalkForward,
  notFifoSentence,
  type RunLooks,
  type TrialExecution,
} from '../sweep/light.ts';
import { formatTable } from './table.ts';

const percent = (rate: number | null) => (rate === null ? '–' : `${(rate * 100).toFixed(1)} %`);
const chance = (p: number | null) => (p === null ? '–' : formatChance(p));

/** Names of parameters whose values differ between runs. */
function varyingParameters(runs: readonly ComparedRun[]): string[] {
  const values = new Map<string, Set<string>>();
  for (const run of runs) {
    for (const [key, value] of Object.entries(settingsOf(run))) {
      values.set(key, (values.get(key) ?? new Set()).add(JSON.stringify(value)));
    }
  }
  return [...values].filter(([, different]) => different.size > 1).map(([key]) => key);
}

function settingsOf(run: ComparedRun): Record<string, unknown> {
  const scoring = Object.entries(JSON.parse(run.scoringJson) as object);
  return {
    ...(JSON.parse(run.signalParamsJson) as object),
    ...Object.fromEntries(scoring.map(([key, value]) => [`scoring.${key}`, value])),
    cooldown: run.cooldownBins,
  };
}

/** The footnote for `*` in a table of runs; empty if no run is marked. */
export function oneSidedText(runs: readonly ComparedRun[]): string {
  const marked = runs.filter((run) => run.oneSided !== null).length;
  if (marked === 0) return '';
  return `* ${plural(marked, 'run')} with at least 95 % of its firings on one side: its PnL is mostly the market's drift.\n`;
}

/** Runs that are not listed, since they have too few signals. */
export function silentText({ runs, mostSignals }: SilentRuns): string {
  return `${plural(runs, 'run')} not listed: no threshold has enough signals, the most is ${formatCount(mostSignals)}; see \`--min-signals\`.`;
}

/** Runs as a table: what tells them apart, how they did, and what the search leaves of it. */
export function runTable(runs: readonly ComparedRun[], looks: ComparisonLooks): string {
  const varying = varyingParameters(runs);
  const several = (key: 'experimentName' | 'signalName') => new Set(runs.map((run) => run[key])).size > 1;
  const names = (['experimentName', 'signalName'] as const).filter(several);
  const hasSessions = runs.some((run) => (run.nSessions ?? 1) > 1);
  const right = (title: string) => ({ title, align: 'right' }) as const;
  const isExecuted = runs.some(({ executionJson }) => executionJson !== null);
  const isInSample = runs.some(({ inSampleSessions }) => (inSampleSessions ?? null) !== null);
  const figures = figureColumns.filter(
    ({ title }) =>
      (title !== 'sessions' || hasSessions) &&
      (title !== 'missed' || isExecuted) &&
      (title !== 'in sample' || isInSample),
  );
  const looksOf = ({ runId }: ComparedRun) => looks.ofRun.get(runId) ?? null;
  const shownLooks = lookColumns.slice(0, runs.some((run) => looksOf(run)?.fresh != null) ? undefined : 1);
  return formatTable(
    [
      { title: 'run' },
      ...names.map((name) => ({ title: name.replace('Name', '') })),
      ...varying.map(right),
      ...figures.map(({ title }) => right(title)),
      ...shownLooks.map(({ title }) => right(title)),
    ],
    runs.map((run) => {
      const settings = settingsOf(run);
      return [
        run.runId.slice(0, 8),
        ...names.map((name) => run[name]),
        ...varying.map((key) => String(settings[key] ?? '–')),
        ...figures.map(({ text }) => text(run)),
        ...shownLooks.map(({ text }) => text(looksOf(run))),
      ];
    }),
  );
}

const interval = (low: number | null, high: number | null, format: (value: number | null) => string) =>
  low === null || high === null ? '–' : `${format(low)} … ${format(high)}`;

const figureColumns: readonly { readonly title: string; readonly text: (run: ComparedRun) => string }[] = [
  { title: 'tp/sl', text: (run) => `${run.evalTpTicks}/${run.evalSlTicks}` },
  { title: 'thr', text: (run) => `${run.threshold}${run.thresholdKind === 'past_percentile' ? ' pct' : ''}` },
  { title: 'sessions', text: (run) => (run.nSessions === null ? '–' : formatCount(run.nSessions)) },
  {
    title: 'in sample',
    text: ({ inSampleSessions }) => (inSampleSessions === null ? '–' : formatCount(inSampleSessions)),
  },
  { title: 'n', text: (run) => formatCount(run.nSignals) },
  { title: 'long', text: (run) => `${formatCount(run.nUp)}${run.oneSided === 'long' ? '*' : ''}` },
  { title: 'short', text: (run) => `${formatCount(run.nDown)}${run.oneSided === 'short' ? '*' : ''}` },
  { title: 'missed', text: (run) => missedText(run) },
  { title: 'tp rate', text: (run) => percent(run.tpRate) },
  { title: 'mid', text: (run) => formatTicks(run.meanMidPnlTicks) },
  { title: 'cost', text: (run) => formatTicks(run.meanCostTicks) },
  { title: 'net', text: (run) => formatTicks(run.meanNetPnlTicks) },
  {
    title: '95 % interval',
    text: (run) => interval(run.meanNetPnlTicksLow, run.meanNetPnlTicksHigh, formatTicks),
  },
  { title: 'p', text: (run) => chance(run.pProfit) },
  { title: 'q', text: (run) => chance(run.qValue) },
  { title: 'adjusted p', text: (run) => `${chance(run.pAdjusted)}${run.survives === true ? ' survives' : ''}` },
  { title: 'timing p', text: (run) => chance(run.pTiming) },
  { title: 'DSR', text: (run) => chance(run.deflatedSharpe) },
];

/** The share of a run's orders that were missed in the real book. */
function missedText({ executionJson }: ComparedRun): string {
  if (executionJson === null) return '–';
  const { orders, missed } = JSON.parse(executionJson) as { readonly orders: number; readonly missed: number };
  return percent(orders === 0 ? null : missed / orders);
}

/** How often a run's trial was shown, and how it did on the sessions that were added after the first time. */
const lookColumns: readonly { readonly title: string; readonly text: (looks: RunLooks | null) => string }[] = [
  { title: 'looks', text: (looks) => (looks === null ? '–' : formatCount(looks.times)) },
  { title: 'fresh n', text: (looks) => (looks?.fresh == null ? '–' : formatCount(looks.fresh.signals)) },
  { title: 'fresh net', text: (looks) => formatTicks(looks?.fresh?.meanNet ?? null) },
  {
    title: 'fresh 95 %',
    text: (looks) => interval(looks?.fresh?.low ?? null, looks?.fresh?.high ?? null, formatTicks),
  },
  { title: 'fresh p', text: (looks) => chance(looks?.fresh?.pProfit ?? null) },
];

/** Meaning of the columns, and the number of tests that the corrections count. */
export function familyText({ runs, tests }: FamilySize, shown: readonly ComparedRun[]): string {
  const executions = shown.flatMap(({ executionJson }) =>
    executionJson === null ? [] : [JSON.parse(executionJson) as Pick<TrialExecution, 'frontShare' | 'notFifo'>],
  );
  const outOfTurn = executions.find(({ notFifo }) => notFifo === true);
  const mark = outOfTurn === undefined ? '' : ` ${notFifoSentence(outOfTurn.frontShare)}`;
  const executed =
    executions.length > 0
      ? ` Runs with a share of missed orders were sent to the real book: their net is what was filled there, less fees. Assumed: ${executionAssumptions.join('; ')}.${mark}`
      : '';
  const inSample = shown.some(({ inSampleSessions }) => (inSampleSessions ?? null) !== null)
    ? ' in sample: sessions that the model was trained on; what it earns there proves nothing.'
    : '';
  return (
    `mid: ticks a trade with both fills at the mid. net: less half the spread at entry and exit, and commission; p asks whether ` +
    `it is above 0, and is given to trials with enough trades and clusters alone. q, adjusted p (Romano–Wolf) and DSR correct ` +
    `for ${plural(tests, 'tested trial')} of the family, of which ${plural(runs, 'run')} are listed here. timing p: the same ` +
    'firings at other moments of the same sessions, before costs. looks: the sets of sessions that a trial was shown on; fresh: on ' +
    `the sessions added after the first.${executed}${inSample}`
  );
}

/** An experiment's statistics over all its cells and sessions, in words. */
export function sweepText(sweep: SweepSummary, looks: ComparisonLooks): string {
  const walk = JSON.parse(sweep.walkForwardJson ?? 'null') as FoldWalkForward | null;
  if (sweep.nSessions === null) {
    return `${sweep.experimentName}: ${plural(sweep.nRuns, 'run')} of an older method, without p-values; run it again.`;
  }
  const { holdout } = JSON.parse(sweep.sessionsJson ?? '{}') as {
    readonly holdout?: { readonly dates: readonly string[]; readonly openings: number };
  };
  const { sentence } = JSON.parse(sweep.verdictJson ?? '{}') as { readonly sentence?: string };
  return [
    `${sweep.experimentName}: ${sweep.verdict ?? 'not judged'}. ${sentence ?? ''}`,
    `  ${plural(sweep.nRuns, 'run')} on ${plural(sweep.nSessions, 'session')}; ` +
      `${formatCount(sweep.nTested ?? 0)} of ${plural(sweep.nDistinctTrials, 'different trial')} of the family tested, ` +
      `${formatCount(sweep.nSurvivors ?? 0)} of this experiment survive; SPA p ${chance(sweep.spaP)}, best deflated Sharpe ratio ` +
      `${chance(sweep.bestDeflatedSharpe)}, probability of overfitting ${percent(sweep.overfittingProbability)}, ` +
      `of a loss out of sample ${percent(sweep.overfittingLossProbability)}.`,
    ...(walk === null ? [] : [`  ${walkForwardText(walk)}`]),
    `  Looked at ${plural(looks.ofSweep.get(sweep.sweepId) ?? 0, 'time')}.`,
    ...(holdout === undefined
      ? []
      : [`  Holdout of ${plural(holdout.dates.length, 'session')}, opened ${plural(holdout.openings, 'time')}.`]),
  ].join('\n');
}

function walkForwardText(walk: FoldWalkForward): string {
  return (
    `Chosen on train, judged on test over ${plural(walk.folds.length, 'fold')}: ${plural(walk.testSignals, 'signal')}, ` +
    `tp rate ${percent(walk.testTpRate)} (${percent(walk.testTpRateLow)} – ${percent(walk.testTpRateHigh)} if trades were ` +
    `independent), ${formatTicks(walk.testMeanGrossTicks)} ticks gross, ${formatTicks(walk.testMeanNetTicks)} net a signal.`
  );
}
