import { useEffect, useState } from 'preact/hooks';

/** An answer that is under way (both null), there, or missing for a reason. */
export interface Asked<T> {
  readonly value: T | null;
  readonly problem: string | null;
}

/** Asks once, when the component is shown first. */
export function useAsked<T>(ask: (signal: AbortSignal) => Promise<T>): Asked<T> {
  const [asked, setAsked] = useState<Asked<T>>({ value: null, problem: null });
  useEffect(() => {
    const abort = new AbortController();
    ask(abort.signal).then(
      (value) => setAsked({ value, problem: null }),
      (cause: unknown) => {
        if (!abort.signal.aborted)
          setAsked({ value: null, problem: cause instanceof Error ? cause.message : String(cause) });
      },
    );
    return () => abort.abort();
  }, []);
  return asked;
}
