import { formatCount, plural } from '../format.ts';
import type { SweepSummary } from '../lake/index.ts';
import type { ComparedRun, SweepStatistics } from '../sweep/index.ts';
import { formatTable } from './table.ts';

const percent = (rate: number | null) => (rate === null ? '–' : `${(rate * 100).toFixed(1)} %`);
const ticks = (value: number | null) => (value === null ? '–' : value.toFixed(2));
const chance = (p: number | null) => (p === null ? '–' : p < 0.001 ? p.toExponential(0) : p.toFixed(3));

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

/** Runs as a table: parameters that differ, results, and p, q and DSR. */
export function runTable(runs: readonly ComparedRun[]): string {
  const varying = varyingParameters(runs);
  const several = (key: 'experimentName' | 'signalName') => new Set(runs.map((run) => run[key])).size > 1;
  const names = (['experimentName', 'signalName'] as const).filter(several);
  const right = (title: string) => ({ title, align: 'right' }) as const;
  return formatTable(
    [
      { title: 'run' },
      ...names.map((name) => ({ title: name.replace('Name', '') })),
      ...varying.map(right),
      ...[
        'tp/sl',
        'thr',
        'n',
        'long',
        'short',
        'tp rate',
        '95 % interval',
        'break-even',
        'gross',
        'net',
        'mid',
        '/h',
        'p',
        'q',
        'DSR',
      ].map(right),
    ],
    runs.map((run) => {
      const settings = settingsOf(run);
      return [
        run.runId.slice(0, 8),
        ...names.map((name) => run[name]),
        ...varying.map((key) => String(settings[key] ?? '–')),
        `${run.evalTpTicks}/${run.evalSlTicks}`,
        `${run.threshold}${run.thresholdKind === 'past_percentile' ? ' pct' : ''}`,
        formatCount(run.nSignals),
        `${formatCount(run.nUp)}${run.oneSided === 'long' ? '*' : ''}`,
        `${formatCount(run.nDown)}${run.oneSided === 'short' ? '*' : ''}`,
        percent(run.tpRate),
        `${percent(run.tpRateLow)} – ${percent(run.tpRateHigh)}`,
        percent(run.breakEvenRate),
        ticks(run.meanPnlTicks),
        ticks(run.meanNetPnlTicks),
        ticks(run.meanMidPnlTicks),
        run.eventsPerHour.toFixed(1),
        chance(run.pValue),
        chance(run.qValue),
        chance(run.deflatedSharpe),
      ];
    }),
  );
}

/** The footnote for the multiple-testing columns, with the number of tests. */
export function familyText(family: { readonly runs: number; readonly tests: number }): string {
  return (
    `q: false discovery rate over ${plural(family.tests, 'test')} (all thresholds of ${plural(family.runs, 'run')}). ` +
    'mid: mean PnL in ticks per signal with exits at the mid instead of at the order prices; p, DSR and the folds use it. ' +
    'DSR: probability that the Sharpe ratio exceeds the best that luck alone would give in this sweep.'
  );
}

/** A sweep's verdict over all its cells, in words. */
export function sweepText(sweep: SweepSummary): string {
  const walk = JSON.parse(sweep.walkForwardJson ?? 'null') as SweepStatistics['walkForward'];
  return [
    `${sweep.experimentName}: ${plural(sweep.nRuns, 'run')}, ${plural(sweep.nDistinctTrials, 'different trial')} ` +
      `with enough signals; best deflated Sharpe ratio ${chance(sweep.bestDeflatedSharpe)}, ` +
      `probability of overfitting ${percent(sweep.overfittingProbability)}.`,
    ...(walk === null ? [] : [`  ${walkForwardText(walk)}`]),
  ].join('\n');
}

/** The same of statistics fresh from a sweep. */
export function statisticsText(statistics: SweepStatistics): string {
  const { best, overfitting, walkForward } = statistics;
  return [
    `${plural(statistics.trials, 'trial')}, ${formatCount(statistics.distinctTrials)} of them different and with enough signals; ` +
      `best deflated Sharpe ratio ${chance(best?.deflatedSharpe ?? null)}, ` +
      `probability of overfitting ${percent(overfitting?.probability ?? null)}.`,
    ...(walkForward === null ? [] : [walkForwardText(walkForward)]),
  ].join('\n');
}

function walkForwardText(walk: NonNullable<SweepStatistics['walkForward']>): string {
  return (
    `Chosen on train, judged on test over ${plural(walk.folds.length, 'fold')}: ${plural(walk.testSignals, 'signal')}, ` +
    `tp rate ${percent(walk.testTpRate)} (${percent(walk.testTpRateLow)} – ${percent(walk.testTpRateHigh)}), ` +
    `${ticks(walk.testMeanGrossTicks)} ticks gross, ${ticks(walk.testMeanNetTicks)} net a signal.`
  );
}
