import { useEffect, useRef, useState } from 'preact/hooks';
import { ApiError } from './ask.ts';

export interface Fetched<T> {
  readonly value: T | null;
  readonly error: string | null;
}

/** What `fetchIt` answers for `key`; null while it is under way, and for a null key. The last answer is dropped at once. */
export function useFetched<T>(
  key: string | null,
  fetchIt: (signal: AbortSignal) => Promise<T>,
  delayMs = 0,
): Fetched<T> {
  const [state, setState] = useState<Fetched<T> & { key: string | null }>({ key: null, value: null, error: null });
  useEffect(() => {
    if (key === null) return;
    const abort = new AbortController();
    const run = () =>
      fetchIt(abort.signal).then(
        (value) => setState({ key, value, error: null }),
        (cause: unknown) => {
          if (abort.signal.aborted) return;
          setState({ key, value: null, error: cause instanceof ApiError ? cause.message : String(cause) });
        },
      );
    const timer = setTimeout(run, delayMs);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [key]);
  return state.key === key ? state : { value: null, error: null };
}

/** The last value that is not null: an answer that stays in view while a newer one is under way. */
export function useLatest<T>(value: T | null): T | null {
  const latest = useRef(value);
  if (value !== null) latest.current = value;
  return latest.current;
}
