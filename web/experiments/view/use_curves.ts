import { useEffect, useState } from 'preact/hooks';
import type { Outcomes, RunDetail } from '../../../src/wire/index.ts';
import { ApiError, fetchDetail, fetchOutcomes } from '../model/api.ts';
import type { Run } from '../model/runs.ts';

/** What has come of the curves of some runs; null where it has not. */
export interface Curves {
  readonly details: readonly (RunDetail | null)[];
  readonly outcomes: readonly (Outcomes | null)[];
  readonly errors: readonly string[];
}

/** Fetches the curves of runs one after another, as the server computes them, and shows each as it comes. */
export function useCurves(runs: readonly Run[]): Curves {
  const none: Curves = { details: runs.map(() => null), outcomes: runs.map(() => null), errors: [] };
  const key = runs.map(({ run_id, threshold, timestamp_utc }) => `${run_id}/${threshold}/${timestamp_utc}`).join();
  const [state, setState] = useState<{ readonly key: string; readonly curves: Curves }>({ key: '', curves: none });
  useEffect(() => {
    const abort = new AbortController();
    const { signal } = abort;
    let curves = none;
    const put = (changes: Partial<Curves>) => {
      curves = { ...curves, ...changes };
      if (!signal.aborted) setState({ key, curves });
    };
    const failed = (run: Run, cause: unknown) => {
      const why = cause instanceof ApiError ? cause.message : String(cause);
      put({ errors: [...curves.errors, `${run.run_id.slice(0, 8)}: ${why}`] });
    };
    const follow = async () => {
      for (const [index, run] of runs.entries()) {
        if (signal.aborted) return;
        await fetchDetail(run.run_id, signal)
          .then((detail) => put({ details: curves.details.with(index, detail) }))
          .catch((cause) => failed(run, cause));
      }
      for (const [index, run] of runs.entries()) {
        if (signal.aborted) return;
        await fetchOutcomes(run.run_id, run.threshold, null, signal)
          .then((outcomes) => put({ outcomes: curves.outcomes.with(index, outcomes) }))
          .catch((cause) => failed(run, cause));
      }
    };
    follow();
    return () => abort.abort();
  }, [key]);
  return state.key === key ? state.curves : none;
}
