import { useEffect, useRef, useState } from 'preact/hooks';
import { notNull } from '../../../src/errors.ts';
import type { ExperimentsEvent, RunSortKey } from '../../../src/wire/index.ts';
import { ApiError, eventsUrl } from '../model/api.ts';
import type { Table } from '../model/table.ts';
import { TableFollower } from '../model/table_follower.ts';

export interface Results {
  readonly table: Table | null;
  readonly error: string | null;
  readonly loading: boolean;
  readonly retry: () => void;
}

/** All runs, kept up to date: `version` tells when there is something new. */
export function useRuns(by: RunSortKey, minSignals: number | null, version: string): Results {
  const [table, setTable] = useState<Table | null>(null);
  const [error, setError] = useState<string | null>(null);
  const [loading, setLoading] = useState(true);
  const follower = useRef<TableFollower | null>(null);
  useEffect(() => {
    const one = new TableFollower({
      by,
      minSignals,
      onTable: setTable,
      onError: (cause) => setError(cause === null ? null : cause instanceof ApiError ? cause.message : String(cause)),
      onLoading: setLoading,
    });
    follower.current = one;
    one.wake();
    return () => one.stop();
  }, [by, minSignals]);
  useEffect(() => {
    if (version !== '') notNull(follower.current).wake();
  }, [version]);
  return { table, error, loading, retry: () => notNull(follower.current).wake() };
}

export interface Live {
  readonly event: ExperimentsEvent | null;
  readonly connected: boolean;
}

/** Results and sweeps of the server, as they grow. */
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
