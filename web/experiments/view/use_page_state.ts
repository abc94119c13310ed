import { useCallback, useEffect, useState } from 'preact/hooks';
import { formatState, type PageState, parseState } from '../model/page_state.ts';

/** Changes the state; what depends on the state before, such as a step down the table, is given as a function of it. */
export type Change = (changes: Partial<PageState> | ((before: PageState) => Partial<PageState>)) => void;

/** The page's state, kept in its address; another view or run is a step that the browser's back button undoes. */
export function usePageState(): [PageState, Change] {
  const [state, setState] = useState(() => parseState(location.search));
  useEffect(() => {
    const back = () => setState(parseState(location.search));
    addEventListener('popstate', back);
    return () => removeEventListener('popstate', back);
  }, []);
  const change = useCallback<Change>((changes) => {
    setState((before) => {
      const after = { ...before, ...(typeof changes === 'function' ? changes(before) : changes) };
      const url = `${location.pathname}${formatState(after)}`;
      if (url !== `${location.pathname}${location.search}`) {
        if (after.view !== before.view) history.pushState(null, '', url);
        else history.replaceState(null, '', url);
      }
      return after;
    });
  }, []);
  return [state, change];
}
