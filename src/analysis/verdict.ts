import type { Projection } from '../config/index.ts';
import { notNull, present } from '../errors.ts';
import { formatCount, formatFixed, joinWords, plural } from '../format.ts';
import { conditionSentence, endsEarlyNs } from '../lake/index.ts';
import { clockTime, duration, percent, signedPercent, significant } from '../report/index.ts';
import type { AnalysisReport, VerdictLine } from './analysis_report.ts';
import type { Estimate } from './block_bootstrap.ts';
import type { InvalidCause } from './book_quality.ts';
import type { HorizonResult } from './projection_study.ts';
import { widestSpread } from './signal_record.ts';
import type { RegimeEdge } from './signal_study.ts';

export const causeWords: Readonly<Record<InvalidCause, string>> = {
  no_bid: 'no bid',
  no_ask: 'no ask',
  empty: 'empty book',
  crossed: 'crossed (best bid above best ask)',
  locked: 'locked (best bid equal to best ask)',
  flagged: 'flagged by the feed, in a snapshot, after a gap of a recording, or crossed at the last event',
};

/** Below this share of bins without a valid book a session is called clean. */
const cleanShare = 0.001;
/** A stretch without events that is this long is worth a sentence. */
const longGapNs = 10e9;

type Judged = Omit<AnalysisReport, 'verdict'>;

/** Findings that decide whether a session can be trusted, worst first within each subject. */
export function verdictOf(report: Judged): VerdictLine[] {
  const lines = [...dataLines(report), ...spectrumLines(report), ...projectionLines(report), ...signalLines(report)];
  const order = { bad: 0, warning: 1, note: 2, good: 3 } as const;
  return lines.sort((a, b) => order[a.level] - order[b.level]);
}

function dataLines(report: Judged): VerdictLine[] {
  const { book, subject, feed, counters } = report;
  const lines: VerdictLine[] = [];
  const say = (level: VerdictLine['level'], text: string) => lines.push({ level, about: 'data', text });
  if (report.leftOut !== null) {
    say(
      'warning',
      `The replay file is not at hand: flow scores, projection, gaps, clocks and late events are left out.`,
    );
  }
  const condition = conditionSentence(subject.condition, subject.date);
  if (condition !== null) say('warning', condition);
  if (!subject.startsWhole) {
    const unknown = (counters.unknownCancel ?? 0) + (counters.unknownModify ?? 0);
    say(
      unknown > 0 ? 'bad' : 'warning',
      `The file starts without a snapshot: the book is partial${unknown > 0 ? `, ${plural(unknown, 'record')} named unknown orders` : ''}.`,
    );
  }
  const share = book.invalidBins / book.bins;
  const worst = book.causes[0];
  if (share === 0) say('good', 'Every bin has a valid book.');
  else {
    const why = worst === undefined ? '' : `, mostly ${causeWords[worst.cause]}`;
    const [longest] = book.longestSpans;
    const span =
      longest === undefined
        ? ''
        : `; the longest span is ${duration(longest.bins * subject.cellWidthMs * 1e6)} from ` +
          clockTime(subject.sessionStartNs + BigInt(longest.startNs), 0);
    const level = share > 0.05 ? 'bad' : share > cleanShare ? 'warning' : 'note';
    say(level, `${percent(share)} of bins have no valid book${why}${span}.`);
  }
  if (counters.maybeBadBook) {
    say(
      'bad',
      `The feed flags ${plural(counters.maybeBadBook, 'record')} as following a gap: the book may be wrong from there.`,
    );
  }
  if (feed !== null) lines.push(...feedLines(feed, report));
  const empty = book.emptyBins / book.bins;
  if (empty > 0.2) say(empty > 0.8 ? 'warning' : 'note', `${percent(empty)} of bins have no event at all.`);
  for (const sentence of report.missing) say('warning', `${present(sentence[0]).toUpperCase()}${sentence.slice(1)}.`);
  if (report.anomalies.length === 0) say('good', 'No anomaly was counted in the feed.');
  else say('note', `Counted from the file's start: ${report.anomalies.join('; ')}.`);
  return lines;
}

function feedLines(feed: NonNullable<Judged['feed']>, { subject, coverage }: Judged): VerdictLine[] {
  const lines: VerdictLine[] = [];
  const say = (level: VerdictLine['level'], text: string) => lines.push({ level, about: 'data', text });
  const longest = feed.gaps.longest[0];
  if (longest !== undefined) {
    const at = clockTime(subject.sessionStartNs + BigInt(longest.startNs), 0);
    const level = longest.lengthNs >= 6 * longGapNs ? 'warning' : 'note';
    say(
      longest.lengthNs >= longGapNs ? level : 'good',
      `The longest stretch without an event is ${duration(longest.lengthNs)}, from ${at}.`,
    );
  }
  const isTold = coverage !== null && endsEarlyNs(coverage, subject.captureEndNs) > 0;
  if (!isTold && subject.captureEndNs !== null && subject.captureEndNs - subject.endNs > longGapNs) {
    say('warning', `The file ends ${duration(subject.captureEndNs - subject.endNs)} before the capture does.`);
  }
  if (feed.skew.negative > 0) {
    say(
      'warning',
      `${plural(feed.skew.negative, 'record')} (${percent(feed.skew.negative / feed.skew.count)}) were received before they ` +
        `happened, by up to ${duration(-feed.skew.mostNegativeNs)}: the clocks disagree.`,
    );
  }
  if (feed.late.count > 0) {
    say(
      'note',
      `${plural(feed.late.count, 'event')} came late, by up to ${duration(feed.late.maxNs)}; they count at the later time.`,
    );
  }
  return lines;
}

function spectrumLines({ spectrum, book }: Judged): VerdictLine[] {
  const { flow, warmUp } = spectrum;
  const lines: VerdictLine[] = [];
  const say = (level: VerdictLine['level'], text: string) => lines.push({ level, about: 'spectrum', text });
  if (warmUp.firstSignalBin === null) {
    say(
      'bad',
      `The derivative signal is never ready: it needs ${formatCount(warmUp.signalMinPeriods)} bins, there are ${formatCount(book.bins)}.`,
    );
  }
  if (flow === null) return lines;
  if (warmUp.firstFlowBin === null) {
    say(
      'bad',
      `No flow score is ever ready: it needs ${formatCount(warmUp.flowMinPeriods)} bins, there are ${formatCount(book.bins)}.`,
    );
    return lines;
  }
  const all = present(flow.bands[0]);
  say(
    all.zeroShare > 0.5 ? 'warning' : 'note',
    `${percent(1 - all.zeroShare)} of the window's rows carry a flow score once it is warm (after ${formatCount(warmUp.flowMinPeriods)} ` +
      `bins); ${percent(present(all.stateShares[0]) + present(all.stateShares[2]))} are beyond the neutral threshold.`,
  );
  const lean = present(all.stateShares[2]) - present(all.stateShares[0]);
  if (Math.abs(lean) > 0.1) {
    say(
      'warning',
      `Flow states lean ${lean > 0 ? 'to pressure' : 'to vacuum'}: ${percent(present(all.stateShares[2]))} against ${percent(present(all.stateShares[0]))}.`,
    );
  }
  return lines;
}

function projectionLines({ projection }: Judged): VerdictLine[] {
  if (projection === null) return [];
  const lines: VerdictLine[] = [];
  const say = (level: VerdictLine['level'], text: string) => lines.push({ level, about: 'projection', text });
  const { horizons, sweep } = projection;
  const at = (verdict: string) => horizons.filter((horizon) => horizon.verdict === verdict);
  const where = (some: readonly HorizonResult[]) =>
    some.length === horizons.length
      ? 'at every horizon'
      : `at ${joinWords(some.map(({ horizonS }) => duration(horizonS * 1e9)))}`;
  const [better, worse, same] = [at('better'), at('worse'), at('no better')];
  if (horizons.some(({ verdict }) => verdict === 'too short')) {
    say('note', 'The session is too short to judge the projection.');
    return lines;
  }
  const size = (some: readonly HorizonResult[]) =>
    joinWords(some.map(({ skill }) => signedPercent(Math.abs(skill.value)).slice(1)));
  if (better.length > 0)
    say(
      'good',
      `The plain projection beats persistence ${where(better)} (95 %): its error is smaller by ${size(better)}.`,
    );
  if (worse.length > 0) {
    say(
      'warning',
      `The plain projection is worse than persistence ${where(worse)} (95 %): its error is larger by ${size(worse)}. ${directionWords(worse)}`,
    );
  }
  if (same.length > 0) say('note', `The plain projection is no better than persistence ${where(same)} (95 %).`);
  if (sweep === null) return lines;
  const name = settingWords(present(sweep.settings[sweep.chosen]).projection);
  const told = joinWords(sweep.chosenSkill.map(({ value }) => signedPercent(value)));
  if (sweep.verdict === 'too short') return lines;
  const beaten = sweep.chosenSkill.filter(({ low }) => low > 0).length;
  const mean = (skills: readonly Estimate[]) => skills.reduce((total, { value }) => total + value, 0) / skills.length;
  const shrinks = beaten > 0 && mean(sweep.zeroSkill) >= mean(sweep.chosenSkill);
  say(
    'note',
    `The setting that is best in the first half (${name}) beats persistence in the second at ${beaten === 0 ? 'none' : beaten} of ` +
      `${plural(horizons.length, 'horizon')}: skill ${told}.` +
      (shrinks
        ? ` Calling every score 0 does as well (${signedPercent(mean(sweep.zeroSkill))} on average): that is shrinkage, not foresight.`
        : ''),
  );
  return lines;
}

/** Whether the direction of the change is called right, which a projection that goes too far may still do. */
function directionWords(horizons: readonly HorizonResult[]): string {
  const rates = horizons.map(({ changeHitRate }) => changeHitRate);
  const span = joinWords(rates.map(({ value }) => percent(value)));
  if (rates.every(({ low }) => low > 0.5))
    return `It goes too far, not the wrong way: the change's direction is right in ${span} of calls.`;
  if (rates.every(({ high }) => high < 0.5))
    return `Scores turn back where it goes on: the change's direction is right in only ${span} of calls.`;
  return `The change's direction is right in ${span} of calls.`;
}

/** A projection's parameters as people say them. */
export function settingWords({ use_cubic, cubic_scale, damping_lambda }: Projection): string {
  const cubic = use_cubic ? `cubic ${significant(cubic_scale)}` : 'no cubic term';
  return `${cubic}, ${damping_lambda === 0 ? 'no damping' : `damping ${significant(damping_lambda)}/s`}`;
}

/** A discovery is called one when at most this share of such calls would be false. */
export const discoveryRate = 0.05;

const ticks = (value: number) => formatFixed(value, 2, true);

function signalLines({ signal }: Judged): VerdictLine[] {
  const lines: VerdictLine[] = [];
  const say = (level: VerdictLine['level'], text: string) => lines.push({ level, about: 'signal', text });
  const { rules, thresholds, regimes } = signal;
  const overall = thresholds.find(({ threshold }) => threshold === rules.threshold);
  if (overall === undefined || !overall.judged) {
    say(
      'note',
      `The derivative signal fires ${plural(overall?.firings ?? 0, 'time')} at ±${rules.threshold}: too few to judge.`,
    );
    return lines;
  }
  const found = thresholds.filter(({ qValue }) => qValue !== null && qValue <= discoveryRate);
  const shown = found.toSorted((a, b) => notNull(a.qValue) - notNull(b.qValue) || b.firings - a.firings)[0] ?? overall;
  const told =
    `at ±${shown.threshold} it fires ${plural(shown.firings, 'time')} and gains ${ticks(shown.meanGainTicks.value)} ticks a ` +
    `trade at the mid (95 %: ${ticks(shown.meanGainTicks.low)} to ${ticks(shown.meanGainTicks.high)}), before costs`;
  if (found.length === 0) {
    say('note', `The derivative signal shows no directional edge at any threshold (q > ${discoveryRate}): ${told}.`);
  } else {
    const where = `±${joinWords(found.map(({ threshold }) => String(threshold)))}`;
    const against = found.every(({ meanGainTicks }) => meanGainTicks.value < 0);
    say(
      against ? 'warning' : 'good',
      `The derivative signal ${against ? 'does worse than chance' : 'shows a directional edge'} at ${where} (q ≤ ${discoveryRate}): ${told}.`,
    );
  }
  const judged = regimes.filter(({ qValue }) => qValue !== null);
  const edges = judged.filter(({ qValue }) => notNull(qValue) <= discoveryRate);
  if (judged.length === 0) return lines;
  if (edges.length === 0)
    say('note', `None of ${plural(judged.length, 'regime')} with enough firings shows an edge (q > ${discoveryRate}).`);
  else {
    const named = (some: readonly RegimeEdge[]) =>
      joinWords(some.map((edge) => `${regimeWords(edge)} (${ticks(edge.meanGainTicks.value)} ticks)`));
    const gains = edges.filter(({ meanGainTicks }) => meanGainTicks.value > 0);
    const losses = edges.filter(({ meanGainTicks }) => meanGainTicks.value <= 0);
    const parts = [
      ...(gains.length === 0
        ? []
        : [`${gains.length === 1 ? 'one shows' : `${gains.length} show`} an edge: ${named(gains)}`]),
      ...(losses.length === 0
        ? []
        : [`${losses.length === 1 ? 'one loses' : `${losses.length} lose`}: ${named(losses)}`]),
    ];
    say('note', `Of ${plural(judged.length, 'regime')} (q ≤ ${discoveryRate}), ${parts.join('; ')}.`);
  }
  return lines;
}

/** A regime as people say it. */
export function regimeWords({ dimension, class: value }: Pick<RegimeEdge, 'dimension' | 'class'>): string {
  const level = ['low', 'middle', 'high'][value] ?? '';
  switch (dimension) {
    case 'hour':
      return `${String(value).padStart(2, '0')}:00 to ${String(value + 1).padStart(2, '0')}:00`;
    case 'spread':
      return `spread ${value + 1}${value + 1 === widestSpread ? '+' : ''} ${value === 0 ? 'tick' : 'ticks'}`;
    case 'volatility':
      return `${level} volatility`;
    case 'rate':
      return `${level} event rate`;
  }
}
