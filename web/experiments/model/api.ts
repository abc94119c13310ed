import type {
  ExperimentDocumentResponse,
  Outcomes,
  RunDetail,
  RunSortKey,
  TableResponse,
} from '../../../src/wire/index.ts';

const root = '/v1/experiments';

/** An answer of the server that is not the one asked for, in words for the reader. */
export class ApiError extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

async function get<T>(path: string, signal?: AbortSignal): Promise<T> {
  let response: Response;
  try {
    response = await fetch(`${root}${path}`, signal === undefined ? {} : { signal });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ApiError('UNREACHABLE', 'The server does not answer. Start it with `npx spymaster serve`.');
  }
  const body = (await response.json().catch(() => null)) as T | { error?: { code: string; message: string } } | null;
  if (response.ok && body !== null) return body as T;
  const error = (body as { error?: { code: string; message: string } } | null)?.error;
  throw new ApiError(
    error?.code ?? 'UNEXPECTED',
    error?.message ?? `The server answered ${response.status} to ${root}${path}, without saying why.`,
  );
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
