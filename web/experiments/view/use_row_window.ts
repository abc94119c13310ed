import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { notNull } from '../../../src/errors.ts';
import { rowPx } from './run_row.tsx';

export const headPx = 32;
/** Rows drawn beyond the edges, so that a fast scroll finds them there. */
const overscan = 6;

/** The part of a long table that has elements: rows [start, end) of `count`, in `slots` recycled elements. */
export interface RowWindow {
  readonly start: number;
  readonly end: number;
  readonly slots: number;
  /** Rows that a page key moves by. */
  readonly pageRows: number;
}

/** Follows the scroll position of a grid of `count` rows and brings row `selected` into view when `selectedKey` changes. */
export function useRowWindow(count: number, selected: number, selectedKey: string | null) {
  const grid = useRef<HTMLDivElement>(null);
  const [first, setFirst] = useState(0);
  const [fit, setFit] = useState(30);
  useLayoutEffect(() => {
    const measure = () => setFit(Math.ceil((notNull(grid.current).clientHeight - headPx) / rowPx) + 1);
    const observer = new ResizeObserver(measure);
    observer.observe(notNull(grid.current));
    return () => observer.disconnect();
  }, []);
  // A run that was selected, or that the address names, is brought into view once it is known.
  useEffect(() => {
    if (selected < 0) return;
    const { scrollTop, clientHeight } = notNull(grid.current);
    const top = selected * rowPx;
    if (top < scrollTop) notNull(grid.current).scrollTop = top;
    else if (top + rowPx > scrollTop + clientHeight - headPx)
      notNull(grid.current).scrollTop = top + rowPx + headPx - clientHeight;
  }, [selectedKey, count > 0]);
  const start = Math.max(0, Math.min(first, count - fit) - overscan);
  const slots = fit + 2 * overscan;
  const window: RowWindow = { start, end: Math.min(count, start + slots), slots, pageRows: Math.max(1, fit - 2) };
  const onScroll = () => setFirst(Math.floor(notNull(grid.current).scrollTop / rowPx));
  return { grid, window, onScroll };
}
