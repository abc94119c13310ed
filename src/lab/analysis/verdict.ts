import { formatCount, plural } from '../../format.ts';
import type { AnalysisReport } from './analyze.ts';
import type { InvalidCause } from './book_quality.ts';
import { clockTime, duration, percent } from './words.ts';

/** One sentence of the verdict: `bad` spoils results, `warning` may, `note` is to be known, `good` needs nothing. */
export interface VerdictLine {
  readonly level: 'bad' | 'warning' | 'note' | 'good';
  readonly about: 'data' | 'spectrum' | 'projection' | 'signal';
  readonly text: string;
}

export const causeWords: Readonly<Record<InvalidCause, string>> = {
  no_bid: 'no bid',
  no_ask: 'no ask',
  empty: 'empty book',
  crossed: 'crossed (best bid above best ask)',
  locked: 'locked (best bid equal to best ask)',
  flagged: 'flagged by the feed, in a snapshot, or crossed at the last event',
};

/** Below this share of bins without a valid book a session is called clean. */
const cleanShare = 0.001;
/** A stretch without events that is this long is worth a sentence. */
const longGapNs = 10e9;

type Judged = Omit<AnalysisReport, 'verdict'>;

/** What a researcher must know before trusting a session, worst first within each subject. */
export function verdictOf(report: Judged): VerdictLine[] {
  const lines = [...dataLines(report), ...spectrumLines(report)];
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
    say(
      share > 0.05 ? 'bad' : share > cleanShare ? 'warning' : 'note',
      `${percent(share)} of bins have no valid book${why}.`,
    );
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
  const others = report.anomalies.length;
  if (others === 0) say('good', 'No anomaly was counted in the feed.');
  return lines;
}

function feedLines(feed: NonNullable<Judged['feed']>, { subject }: Judged): VerdictLine[] {
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
  if (subject.captureEndNs !== null && subject.captureEndNs - subject.endNs > longGapNs) {
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
  const all = flow.bands[0]!;
  say(
    all.zeroShare > 0.5 ? 'warning' : 'note',
    `${percent(1 - all.zeroShare)} of the window's rows carry a flow score once it is warm (after ${formatCount(warmUp.flowMinPeriods)} ` +
      `bins); ${percent(all.stateShares[0]! + all.stateShares[2]!)} are beyond the neutral threshold.`,
  );
  const lean = all.stateShares[2]! - all.stateShares[0]!;
  if (Math.abs(lean) > 0.1) {
    say(
      'warning',
      `Flow states lean ${lean > 0 ? 'to pressure' : 'to vacuum'}: ${percent(all.stateShares[2]!)} against ${percent(all.stateShares[0]!)}.`,
    );
  }
  return lines;
}
