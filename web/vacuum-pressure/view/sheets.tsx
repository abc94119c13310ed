import './sheets.css';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { OverlayName, PanelName } from '../viewport/settings.ts';
import { useTerminal } from './use_terminal.ts';

/** Below this width panels are sheets over the chart, one at a time. */
const narrow = '(max-width: 900px)';

export type SheetName =
  | Extract<PanelName, 'signal' | 'depth' | 'book' | 'ladder' | 'tape'>
  | Extract<OverlayName, 'projection'>;

const sheetWords: Readonly<Record<SheetName, string>> = {
  signal: 'Signal',
  depth: 'Depth',
  book: 'Book',
  ladder: 'Ladder',
  tape: 'Tape',
  projection: 'Projection',
};

/** The id of a panel, which the button that opens it names. */
export const sheetId = (name: SheetName) => `panel-${name}`;

export interface Sheets {
  /** The sheet that is open; null where panels stand beside the chart. */
  readonly open: SheetName | null;
  readonly show: (name: SheetName | null) => void;
}

/** Which panel lies over the chart, in windows that have no room for panels beside it. */
export function useSheets(): Sheets {
  const [open, show] = useState<SheetName | null>(null);
  const [isNarrow, setNarrow] = useState(() => matchMedia(narrow).matches);
  useEffect(() => {
    const query = matchMedia(narrow);
    const follow = () => setNarrow(query.matches);
    query.addEventListener('change', follow);
    return () => query.removeEventListener('change', follow);
  }, []);
  return { open: isNarrow ? open : null, show };
}

const buttonId = (name: SheetName) => `open-${name}`;

/** The buttons that open sheets; wide windows do not show them. */
export function SheetButtons({ sheets }: { sheets: Sheets }) {
  const { overlays } = useTerminal('settings').settings.current;
  const names = Object.keys(sheetWords) as SheetName[];
  return (
    <div class="sheet-buttons">
      {names
        .filter((name) => name !== 'projection' || overlays.projection)
        .map((name) => (
          <button
            key={name}
            id={buttonId(name)}
            type="button"
            aria-expanded={sheets.open === name}
            aria-controls={sheets.open === name ? sheetId(name) : undefined}
            onClick={() => sheets.show(sheets.open === name ? null : name)}
          >
            {sheetWords[name]}
          </button>
        ))}
    </div>
  );
}

/** The head of an open sheet; takes the focus, and Escape closes the sheet wherever the focus is but in a menu or dialog. */
export function SheetHead({ name, sheets }: { name: SheetName; sheets: Sheets }) {
  const button = useRef<HTMLButtonElement>(null);
  const close = () => {
    sheets.show(null);
    document.getElementById(buttonId(name))?.focus();
  };
  useEffect(() => {
    button.current?.focus({ preventScroll: true });
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== 'Escape' || (event.target as Element).closest('dialog, .menu, [role="menu"]') !== null) return;
      event.preventDefault();
      event.stopPropagation();
      close();
    };
    document.addEventListener('keydown', onKey, { capture: true });
    return () => document.removeEventListener('keydown', onKey, { capture: true });
  }, []);
  return (
    <div class="sheet-head">
      <strong>{sheetWords[name]}</strong>
      <button ref={button} type="button" aria-label={`Close ${sheetWords[name]}`} onClick={close}>
        ✕
      </button>
    </div>
  );
}
