import { useCallback, useEffect, useState } from 'preact/hooks';
import type { SpecCheck } from '../../../src/wire/index.ts';
import { type Draft, keepDraft, openedDraft } from '../model/spec_draft.ts';
import { checkSpec, fetchSpec, type StartOptions, saveSpec, startSweep } from '../model/sweeps_api.ts';

/** How long a text has to rest before it is checked. */
const restMs = 500;

export interface OpenSpec {
  readonly draft: Draft | null;
  /** Of the text as it is; null while it is checked. */
  readonly check: SpecCheck | null;
  /** What went wrong when something was asked for. */
  readonly error: string | null;
  /** What was done last. */
  readonly done: string | null;
  readonly busy: boolean;
  readonly edit: (text: string) => void;
  /** Goes back to the text of the file as it is now. */
  readonly reload: () => void;
  /** Saves under the name that the text has; gives that, or null where it was refused. */
  readonly save: () => Promise<string | null>;
  readonly start: (options: StartOptions) => Promise<boolean>;
}

/**
 * The spec that is open: its text, what the server says of it, and what can be done with it.
 * @param version - changes where what running it takes may have changed
 */
export function useSpec(name: string, mayChange: boolean, version: string): OpenSpec {
  const [draft, setDraft] = useState<Draft | null>(null);
  const [check, setCheck] = useState<SpecCheck | null>(null);
  const [error, setError] = useState<string | null>(null);
  const [done, setDone] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const [loads, setLoads] = useState(0);
  useEffect(() => {
    setDraft(null);
    setCheck(null);
    setError(null);
    setDone(null);
    if (name === '') return;
    const abort = new AbortController();
    fetchSpec(name, abort.signal).then(
      (spec) => setDraft(openedDraft(spec, localStorage)),
      (cause: Error) => abort.signal.aborted || setError(cause.message),
    );
    return () => abort.abort();
  }, [name, loads]);
  const text = draft?.text ?? null;
  useEffect(() => {
    if (text === null || !mayChange) return;
    const abort = new AbortController();
    const timer = setTimeout(() => {
      checkSpec(name, text, abort.signal).then(
        setCheck,
        (cause: Error) => abort.signal.aborted || setError(cause.message),
      );
    }, restMs);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [name, text, mayChange, version]);
  const edit = useCallback((next: string) => {
    setCheck(null);
    setError(null);
    setDone(null);
    setDraft((before) => {
      if (before === null) return null;
      const after = { ...before, text: next };
      keepDraft(after, localStorage);
      return after;
    });
  }, []);
  const reload = useCallback(() => {
    if (draft?.saved) keepDraft({ ...draft, text: draft.saved.text }, localStorage);
    setLoads((before) => before + 1);
  }, [draft]);
  /** Does something that the server may refuse. */
  const attempt = async <T>(act: () => Promise<T>): Promise<T | null> => {
    setBusy(true);
    setError(null);
    setDone(null);
    try {
      return await act();
    } catch (cause) {
      setError((cause as Error).message);
      return null;
    } finally {
      setBusy(false);
    }
  };
  const save = () =>
    attempt(async () => {
      if (draft === null || !check?.valid) return null;
      const isOther = check.name !== draft.name;
      const { etag, path } = await saveSpec(check.name, draft.text, isOther ? null : (draft.saved?.etag ?? null));
      const saved = { name: check.name, text: draft.text, saved: { text: draft.text, etag } };
      keepDraft(saved, localStorage);
      if (isOther && draft.saved !== null) keepDraft({ ...draft, text: draft.saved.text }, localStorage);
      if (!isOther) setDraft(saved);
      setDone(`Saved as ${path}.`);
      return check.name;
    });
  const start = async (options: StartOptions) =>
    (await attempt(async () => {
      const { experiment_name } = await startSweep(name, draft?.saved?.etag ?? '', options);
      setDone(`Started ${experiment_name}, a process of its own: it goes on when this page or the server is closed.`);
      return true;
    })) === true;
  return { draft, check, error, done, busy, edit, reload, save, start };
}
