import type { Sighting, WatchOf } from './watch.ts';

/** Records that were lost, a book that is not valid any more, and records that a sound feed would not have. */
export const watchFeed: WatchOf<'feed'> = ({ problems, min_anomalies: minAnomalies }) => {
  let wasValid = false;
  return ({ update, message }) => {
    const { book_valid: isValid, bin_seq: seq } = update;
    const { anomalies, losses } = message.feed ?? { anomalies: 0, losses: 0 };
    const seen: Sighting[] = [];
    const see = (id: string, text: string) => seen.push({ id: `${id} bin ${seq}`, text });
    if (losses > 0 && problems.includes('gap'))
      see('gap', 'records of the feed were lost: the book is empty until a snapshot');
    if (wasValid && !isValid && problems.includes('invalid_book'))
      see('invalid book', 'the book is not valid any more');
    if (anomalies >= minAnomalies && problems.includes('anomaly')) {
      see('anomaly', `${anomalies} anomalies of the feed in one bin: the book may be wrong`);
    }
    wasValid = isValid;
    return seen;
  };
};
