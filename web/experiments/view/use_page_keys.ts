import { useEffect } from 'preact/hooks';
import { listenToPageKeys } from '../../shared/page_keys.ts';
import { views } from '../model/page_state.ts';
import type { Change } from './use_page_state.ts';

interface PageKeys {
  readonly change: Change;
  readonly onTheme: () => void;
  readonly onHelp: () => void;
}

/** Keys of the whole page: views, search, help, theme, and Escape for the detail panel; text fields keep theirs. */
export function usePageKeys({ change, onTheme, onHelp }: PageKeys): void {
  useEffect(() => {
    return listenToPageKeys((event) => {
      if (event.altKey) return;
      const view = views[Number(event.key) - 1];
      if (view !== undefined) change({ view });
      else if (event.key === 'Escape') change({ run: null, threshold: null });
      else if (event.key === '?') onHelp();
      else if (event.key === 't') onTheme();
      else if (event.key === '/') {
        event.preventDefault();
        document.querySelector<HTMLInputElement>('.search')?.focus();
      }
    });
  }, [change, onTheme, onHelp]);
}
