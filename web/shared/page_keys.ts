/** Input types whose keys write text. */
const notText = new Set(['checkbox', 'radio', 'range', 'button', 'submit', 'reset', 'file', 'color']);
/** Keys that a control takes for itself where it was reached by the keyboard. */
const ownKeys: readonly (readonly [selector: string, keys: RegExp])[] = [
  ['button, summary', /^(Enter| )$/],
  ['a', /^Enter$/],
  ['input[type="checkbox"]', /^ $/],
  ['input[type="radio"], input[type="range"]', /^( |Arrow.*|Home|End|Page.*)$/],
  ['input[type="file"]', /^(Enter| )$/],
  ['select', /^(Enter| |Arrow.*|Home|End|Page.*)$/],
  ['.scroll-box', /^( |Arrow.*|Home|End|Page.*)$/],
  ['[role="separator"], [role="slider"]', /^(Arrow.*|Home|End|Page.*)$/],
];

/** The part of an element that says whose keys are pressed on it. */
export interface KeyTarget {
  closest(selector: string): unknown;
  readonly tagName: string;
  readonly type?: string;
  readonly isContentEditable?: boolean;
}

/**
 * Whether a key belongs to the element that has the focus. Text fields, dialogs and context menus have all of their keys; other controls
 * those that operate them, unless the mouse gave them the focus: a box that was ticked does not take the page's keys.
 */
export function isOwnKey(target: KeyTarget, key: string, focusedByPointer: boolean): boolean {
  const isField = target.tagName === 'TEXTAREA' || (target.tagName === 'INPUT' && !notText.has(target.type ?? ''));
  if (isField || target.isContentEditable === true || target.closest('dialog, [role="menu"]') !== null) return true;
  return !focusedByPointer && ownKeys.some(([selector, keys]) => keys.test(key) && target.closest(selector) !== null);
}

/** Calls `run` with the key presses that belong to the page; returns what ends that. */
export function listenToPageKeys(run: (event: KeyboardEvent) => void): () => void {
  let focusedByPointer = false;
  const stop = new AbortController();
  const { signal } = stop;
  const onPointer = () => {
    focusedByPointer = true;
  };
  document.addEventListener('pointerdown', onPointer, { capture: true, signal });
  document.addEventListener(
    'keydown',
    (event) => {
      if (event.key === 'Tab') focusedByPointer = false;
      if (event.ctrlKey || event.metaKey || event.defaultPrevented) return;
      if (!isOwnKey(event.target as HTMLElement, event.key, focusedByPointer)) run(event);
    },
    { signal },
  );
  return () => stop.abort();
}
