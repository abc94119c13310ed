import type {
  ExperimentDocumentResponse,
  Outcomes,
  RunDetail,
  RunExecution,
  RunSortKey,
  TableResponse,
} from '../../../src/wire/index.ts';
import { ask } from '../../shared/ask.ts';

const root = '/v1/experiments';

export { ApiError } from '../../shared/ask.ts';

function get<T>(path: string, signal?: AbortSignal): Promise<T> {
  return ask(`${root}${path}`, signal === undefined ? {} : { signal });
}

/**
 * All runs, each at its best threshold by `by` among those with `minSignals` signals or more; with the cursor of an earlier
 * answer to the same question, those that changed since.
 */
export function fetchTable(
  by: RunSortKey,
  minSignals: number | null,
  after: string | null,
  signal?: AbortSignal,
): Promise<TableResponse> {
  const query = new URLSearchParams({
    sort: by,
    ...(minSignals === null ? {} : { min_signals: String(minSignals) }),
    ...(after === null ? {} : { after }),
  });
  return get(`/table?${query}`, signal);
}

/** An experiment judged over all its sessions. */
export function fetchDocument(experiment: string, signal?: AbortSignal): Promise<ExperimentDocumentResponse> {
  return get(`/document?${new URLSearchParams({ experiment })}`, signal);
}

export function fetchDetail(runId: string, signal?: AbortSignal): Promise<RunDetail> {
  return get(`/runs/${encodeURIComponent(runId)}/detail`, signal);
}

/** What became of a run in the real queues. */
export function fetchExecution(runId: string, signal?: AbortSignal): Promise<RunExecution> {
  return get(`/runs/${encodeURIComponent(runId)}/execution`, signal);
}

/** The trades of a run at a threshold in a session, which goes by its date; null is the run's first. */
export function fetchOutcomes(
  runId: string,
  threshold: number,
  session: string | null,
  signal?: AbortSignal,
): Promise<Outcomes> {
  const query = new URLSearchParams({ threshold: String(threshold), ...(session === null ? {} : { session }) });
  return get(`/runs/${encodeURIComponent(runId)}/outcomes?${query}`, signal);
}

export const eventsUrl = `${root}/events`;
