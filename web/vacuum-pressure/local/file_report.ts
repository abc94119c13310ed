import { describeAnomalies, type EngineCounters } from '../../../src/engine/index.ts';

import { plural } from '../../../src/format.ts';
import type { FileReport } from './file_bins.ts';

const skipped = {
  otherRecords: ['record of another type than MBO', 'records of other types than MBO'],
  otherInstrument: ['record of another instrument', 'records of other instruments'],
  otherPublisher: ['record of another publisher', 'records of other publishers'],
  outOfSession: ['record after the session', 'records after the session'],
} as const satisfies Partial<Record<keyof EngineCounters, readonly [string, string]>>;

/** What the page tells of a file, in sentences: what was wrong with it, as `replay` does, and what of it was left out. */
export interface FileWords {
  readonly events: number;
  readonly anomalies: readonly string[];
  readonly skipped: readonly string[];
}

export function fileWords({ counters, startsWhole }: FileReport): FileWords {
  return {
    events: counters.events,
    anomalies: describeAnomalies(counters, startsWhole),
    skipped: Object.entries(skipped).flatMap(([name, [one, many]]) => {
      const count = counters[name as keyof typeof skipped];
      return count === 0 ? [] : [plural(count, one, many)];
    }),
  };
}
