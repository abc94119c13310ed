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
export function describeFile({ counters, startsFromKnownBook, gaps, tornBytes }: ReplayFindings): FileReport {
  return {
    events: counters.events,
    anomalies: [
      ...describeAnomalies(counters, startsFromKnownBook),
      ...(gaps === 0
        ? []
        : [`${plural(gaps, 'gap', 'gaps')} in the recording: the book is empty until a snapshot follows`]),
      ...(tornBytes === 0
        ? []
        : [`the recording ends in ${plural(tornBytes, 'byte', 'bytes')} that are no whole record, and are left out`]),
    ],
    skipped: Object.entries(skipped).flatMap(([name, [one, many]]) => {
      const count = counters[name as keyof typeof skipped];
      return count === 0 ? [] : [plural(count, one, many)];
    }),
  };
}
