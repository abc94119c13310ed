import { formatCount, joinWords, plural } from '../format.ts';
import type { EngineCounters } from './engine.ts';

/** Anomaly counters of a feed: any of the book's and the engine's. */
export type AnomalyCounters = Partial<Readonly<EngineCounters>>;

/**
 * Every anomaly that is not zero as a sentence that a trader understands; empty for a clean feed.
 *
 * @param hasSnapshot - whether the records start with a snapshot, which decides what unknown orders mean
 */
export function describeAnomalies(counters: AnomalyCounters, hasSnapshot: boolean): string[] {
  const count = (name: keyof EngineCounters): number => counters[name] ?? 0;
  const sentences: string[] = [];
  const say = (name: keyof EngineCounters, sentence: (count: number) => string): void => {
    if (count(name) > 0) sentences.push(sentence(count(name)));
  };
  sentences.push(...unknownOrders(count('unknownCancel'), count('unknownModify'), hasSnapshot));
  say(
    'crossedAtLast',
    (n) => `the book was crossed or locked after ${plural(n, 'event')}: a pre-open, an auction, or a fault`,
  );
  say('maybeBadBook', (n) => `${plural(n, 'record')} flagged as following a gap in the feed: the book may be wrong`);
  say('duplicateAdd', (n) => `${plural(n, 'add')} of orders that were already resting: the later one counts`);
  say(
    'fillUnknown',
    (n) => `${plural(n, 'fill')} of orders that are not in the book: market orders of an auction, or missing records`,
  );
  say('fillUnmatched', (n) => `${plural(n, 'fill')} that no cancel or modify followed: the order kept its size`);
  say('nullPrice', (n) => `${plural(n, 'add or modify', 'adds or modifies')} without a price: dropped`);
  say(
    'inexactPrice',
    (n) =>
      `${plural(n, 'add or modify', 'adds or modifies')} at prices beyond ±9007199.25 that cannot be held exactly: dropped, ` +
      'so the book lacks them',
  );
  say('nullSize', (n) => `${plural(n, 'record')} without a size: dropped`);
  say('noSide', (n) => `${plural(n, 'order')} without a side: dropped`);
  say('late', (n) => `${plural(n, 'event')} late, with a time before one already seen: taken at the later time`);
  say('receiveTime', (n) => `${plural(n, 'event')} without ts_event: taken at ts_recv`);
  say('nullTime', (n) => `${plural(n, 'event')} without ts_event and ts_recv: taken at the time of the one before`);
  say(
    'remaps',
    (n) =>
      `the symbol moved to another instrument ${plural(n, 'time')}: the book was emptied, and is not valid until a snapshot or clear`,
  );
  say('otherPublisher', (n) => `${plural(n, 'record')} of other publishers: left out`);
  say('anomaliesBefore', (n) => `${plural(n, 'anomaly', 'anomalies')} before the session began, not among those above`);
  say('outOfRange', (n) => `${plural(n, 'change')} at prices outside the tick grid: in the book, not in the heatmap`);
  return sentences;
}

function unknownOrders(cancels: number, modifies: number, hasSnapshot: boolean): string[] {
  const parts = [
    ...(cancels > 0 ? [plural(cancels, 'cancel')] : []),
    ...(modifies > 0 ? [`${formatCount(modifies)} ${modifies === 1 ? 'modify' : 'modifies'}`] : []),
  ];
  if (parts.length === 0) return [];
  const what = `${joinWords(parts)} of unknown orders`;
  return [
    hasSnapshot
      ? `${what} in spite of a snapshot: records are missing, the book may be wrong`
      : `the file starts without a snapshot: ${what}; the book is partial`,
  ];
}
