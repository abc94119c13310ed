import type { ExperimentDocumentResponse, SweepRow } from '../../../src/wire/index.ts';
import { type Fetched, useFetched } from '../../shared/use_fetched.ts';
import { fetchDocument } from '../model/api.ts';

/** The document of a sweep's experiment, fetched anew when it is judged anew; none of a sweep that has no verdict. */
export function useDocument(sweep: SweepRow | null): Fetched<ExperimentDocumentResponse> {
  const experiment = sweep?.experiment_name ?? '';
  const isJudged = sweep !== null && sweep.n_sessions !== null;
  const key = isJudged ? `${experiment}/${sweep.timestamp_utc}` : null;
  return useFetched(key, (signal) => fetchDocument(experiment, signal));
}
