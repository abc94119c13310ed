import { useEffect, useRef, useState } from 'preact/hooks';
import type { ExperimentsEvent, RunSortKey, RunsResponse } from '../../../src/wire/index.ts';
import { ApiError, eventsUrl, fetchRuns } from '../model/api.ts';
import { type Run, toRuns } from '../model/runs.ts';

export interface Results {
  readonly runs: readonly Run[];
  readonly response: RunsResponse | null;
  readonly error: string | null;
  readonly loading: boolean;
  readonly retry: () => void;
}

/** All runs, fetched anew when `version` changes, but never so often that fetching is most of what is done. */
export function useRuns(by: RunSortKey, minSignals: number, version: string): Results {
  const [answer, setAnswer] = useState<Pick<Results, 'runs' | 'response'>>({ runs: [], response: null });
  const [error, setError] = useState<string | null>(null);
  const [loading, setLoading] = useState(true);
  const [attempt, setAttempt] = useState(0);
  const earliestMs = useRef(0);
  useEffect(() => {
    const abort = new AbortController();
    const load = async () => {
      const startMs = performance.now();
      setLoading(true);
      try {
        const response = await fetchRuns(by, minSignals, abort.signal);
        setAnswer({ response, runs: toRuns(response.runs) });
        setError(null);
      } catch (cause) {
        if (abort.signal.aborted) return;
        setError(cause instanceof ApiError ? cause.message : String(cause));
      }
      const endMs = performance.now();
      earliestMs.current = endMs + 4 * (endMs - startMs);
      setLoading(false);
    };
    const timer = setTimeout(load, version === '' ? 0 : Math.max(0, earliestMs.current - performance.now()));
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [by, minSignals, version, attempt]);
  return { ...answer, error, loading, retry: () => setAttempt((count) => count + 1) };
}

export interface Live {
  readonly event: ExperimentsEvent | null;
  readonly connected: boolean;
}

/** What the server tells of results and sweeps as they grow. */
export function useLive(): Live {
  const [live, setLive] = useState<Live>({ event: null, connected: false });
  useEffect(() => {
    const source = new EventSource(eventsUrl);
    source.onmessage = ({ data }) => setLive({ event: JSON.parse(data) as ExperimentsEvent, connected: true });
    source.onerror = () => setLive(({ event }) => ({ event, connected: false }));
    return () => source.close();
  }, []);
  return live;
}
