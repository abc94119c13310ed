import './menu.css';
import { useEffect, useRef } from 'preact/hooks';

interface MenuProps {
  readonly name: string;
  readonly open: boolean;
  readonly onToggle: (open: boolean) => void;
  /** Opens above the button, for menus at the page's foot. */
  readonly upwards?: boolean;
  /** The edge that sheet and button share. */
  readonly align?: 'left' | 'right';
  readonly children: preact.ComponentChildren;
}

/** A button that opens a small sheet below it; Escape and a click elsewhere close it. */
export function Menu({ name, open, onToggle, upwards = false, align = 'left', children }: MenuProps) {
  const root = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!open) return;
    const outside = (event: PointerEvent) => {
      if (!root.current?.contains(event.target as Node)) onToggle(false);
    };
    document.addEventListener('pointerdown', outside);
    // Opened by a key, it takes the focus that its button would have.
    if (!root.current?.contains(document.activeElement)) {
      root.current?.querySelector<HTMLElement>('.menu-sheet :is(button, input, select)')?.focus();
    }
    return () => document.removeEventListener('pointerdown', outside);
  }, [open]);
  const close = (event: KeyboardEvent) => {
    if (event.key !== 'Escape' || !open) return;
    event.stopPropagation();
    onToggle(false);
    root.current?.querySelector('button')?.focus();
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: only Escape, which the button inside is what takes
    <div class="menu" ref={root} onKeyDown={close}>
      <button type="button" aria-expanded={open} onClick={() => onToggle(!open)}>
        {name} <span aria-hidden="true">▾</span>
      </button>
      {open && (
        <fieldset class={`menu-sheet at-${align} ${upwards ? 'upwards' : ''}`}>
          <legend class="visually-hidden">{name}</legend>
          {children}
        </fieldset>
      )}
    </div>
  );
}
