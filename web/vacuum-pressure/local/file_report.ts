import { describeAnomalies, type EngineCounters } from '../../../src/engine/index.ts';
import { plural } from '../../shared/numbers.ts';
import type { FileReport } from '../feed/feed.ts';
import type { ReplayFindings } from './file_bins.ts';

const skipped = {
  otherRecords: ['record of another type than MBO', 'records of other types than MBO'],
  otherInstrument: ['record of another instrument', 'records of other instruments'],
  otherPublisher: ['record of another publisher', 'records of other publishers'],
  outOfSession: ['record after the session', 'records after the session'],
} as const satisfies Partial<Record<keyof EngineCounters, readonly [string, string]>>;

/** A file's condition in sentences: its anomalies in the words of `replay`, and the records that were left out. */
export function describeFile({ counters, startsFromKnownBook }: ReplayFindings): FileReport {
  return {
    events: counters.events,
    anomalies: describeAnomalies(counters, startsFromKnownBook),
    skipped: Object.entries(skipped).flatMap(([name, [one, many]]) => {
      const count = counters[name as keyof typeof skipped];
      return count === 0 ? [] : [plural(count, one, many)];
    }),
  };
}
