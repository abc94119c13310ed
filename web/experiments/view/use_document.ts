import type { ExperimentDocumentResponse } from '../../../src/wire/index.ts';
import { fetchDocument } from '../model/api.ts';
import type { SweepGroup } from '../model/sweeps.ts';
import { type Fetched, useFetched } from './use_fetched.ts';

/** The document of a sweep's experiment, fetched anew when it is judged anew; none of a sweep that has no verdict yet. */
export function useDocument(group: SweepGroup | undefined): Fetched<ExperimentDocumentResponse> {
  const summary = group?.summary ?? null;
  const experiment = group?.experiment ?? '';
  const key = summary === null || summary.n_sessions === null ? null : `${experiment}/${summary.timestamp_utc}`;
  return useFetched(key, (signal) => fetchDocument(experiment, signal));
}
