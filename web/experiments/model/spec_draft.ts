import type { SpecText } from '../../../src/wire/index.ts';

/** A text that is edited, and the one that it was made of. */
export interface Draft {
  /** The file's name without `.yaml`. */
  readonly name: string;
  readonly text: string;
  /** The saved text and its tag; null for one that no file has. */
  readonly saved: { readonly text: string; readonly etag: string } | null;
}

const keyOf = (name: string) => `spymaster.spec.${name}`;

/** A spec as it was opened, with the edits that this browser kept of it. */
export function openedDraft(spec: SpecText, store: Storage): Draft {
  const kept = parsed(store.getItem(keyOf(spec.name)));
  // Edits of a text that another has replaced meanwhile keep its tag, so that saving them tells so.
  if (kept !== null) return { name: spec.name, text: kept.text, saved: { text: kept.of, etag: kept.etag } };
  return { name: spec.name, text: spec.text, saved: { text: spec.text, etag: spec.etag } };
}

/** Keeps what was edited and not saved, in this browser; a page that is closed loses nothing. */
export function keepDraft({ name, text, saved }: Draft, store: Storage): void {
  try {
    if (saved === null) return;
    if (text === saved.text) store.removeItem(keyOf(name));
    else store.setItem(keyOf(name), JSON.stringify({ text, of: saved.text, etag: saved.etag }));
  } catch {
    // A browser that keeps nothing keeps no drafts.
  }
}

export function isChanged({ text, saved }: Draft): boolean {
  return text !== saved?.text;
}

function parsed(json: string | null): { text: string; of: string; etag: string } | null {
  if (json === null) return null;
  try {
    const value = JSON.parse(json) as { text?: unknown; of?: unknown; etag?: unknown } | null;
    const { text, of, etag } = value ?? {};
    return typeof text === 'string' && typeof of === 'string' && typeof etag === 'string' ? { text, of, etag } : null;
  } catch {
    return null;
  }
}
