import type { TradeLink } from '../session/session_trades.ts';
import { layoutText, type NamedLayout, parseLayout } from '../viewport/layouts.ts';

/** What the page's address asks for. */
export type PageRequest =
  | { readonly kind: 'serving'; readonly serving: string }
  | { readonly kind: 'none' }
  /** `serving` is what can be opened instead, if the address names one. */
  | { readonly kind: 'refused'; readonly message: string; readonly serving: string | null };

/**
 * Reads the query of the page's address. `serving` is all it may hold: what is streamed depends on the published
 * version alone (product.md, "Stream"), so a parameter that seems to change it must not be ignored silently.
 */
export function parseQuery(search: string): PageRequest {
  const query = new URLSearchParams(search);
  const names = [...query.keys()];
  const unknown = names.find((name) => name !== 'serving');
  if (unknown !== undefined) {
    return {
      kind: 'refused',
      serving: query.get('serving') || null,
      message: `The address has the parameter "${unknown}", and this page takes "serving" alone: what is streamed depends on the published serving version and on nothing else. Remove "${unknown}" from the address; to change a parameter, publish another serving version.`,
    };
  }
  if (names.length > 1) {
    return { kind: 'refused', serving: null, message: 'The address names "serving" more than once. Keep one of them.' };
  }
  const serving = query.get('serving');
  if (serving === null) return { kind: 'none' };
  if (serving.trim() === '') {
    return {
      kind: 'refused',
      serving: null,
      message: 'The parameter "serving" is empty. Give it an alias or a serving id.',
    };
  }
  return { kind: 'serving', serving };
}

/** The moment that a link's fragment `#t=<UNIX nanoseconds>` leads to; `problem` says why it leads nowhere. */
export interface PageMoment {
  readonly tsNs: bigint | null;
  readonly problem: string | null;
}

/** Reads the fragment of the page's address; one without a time asks for none. */
export function parseFragment(hash: string): PageMoment {
  const text = new URLSearchParams(hash.replace(/^#/, '')).get('t');
  if (text === null) return { tsNs: null, problem: null };
  if (/^\d{1,19}$/.test(text)) return { tsNs: BigInt(text), problem: null };
  const problem =
    `Cannot read the time in the address: expected #t= and UNIX nanoseconds, as “Copy link” writes it, got “${text.slice(0, 40)}”. ` +
    'The session is shown from where it is.';
  return { tsNs: null, problem };
}

/** The trade that a link's fragment `#trade=<bin of its firing>` or `#trade=first` names; null for none. */
export function parseTradeLink(hash: string): TradeLink | null {
  const text = new URLSearchParams(hash.replace(/^#/, '')).get('trade');
  if (text === 'first') return text;
  return text !== null && /^\d{1,9}$/.test(text) ? Number(text) : null;
}

/** The layout that a link's fragment `#layout=…` brings, as `layoutFragment` writes it; null without one. */
export function parseLayoutLink(hash: string): { readonly layout: NamedLayout } | { readonly problem: string } | null {
  const text = new URLSearchParams(hash.replace(/^#/, '')).get('layout');
  if (text === null) return null;
  const layout = parseLayout(text);
  if (layout !== null) return { layout };
  return {
    problem:
      'Cannot read the layout in the address: it is cut or damaged. The page is arranged as it was; ask for the link again.',
  };
}

/** The fragment that brings a layout, and leads to a time if there is one. */
export function layoutFragment(layout: NamedLayout, tsNs: bigint | null): string {
  return `${tsNs === null ? '#' : `${fragmentOf(tsNs)}&`}layout=${layoutText(layout)}`;
}

/** The fragment that leads back to a time. */
export function fragmentOf(tsNs: bigint): string {
  return `#t=${tsNs}`;
}
