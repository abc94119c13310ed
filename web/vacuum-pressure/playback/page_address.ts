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

/** The time in a link's fragment `#t=<UNIX nanoseconds>`, or null when there is none. */
export function parseFragment(hash: string): bigint | null {
  const text = new URLSearchParams(hash.replace(/^#/, '')).get('t');
  return text !== null && /^\d{1,19}$/.test(text) ? BigInt(text) : null;
}

/** The fragment that leads back to a time. */
export function fragmentOf(tsNs: bigint): string {
  return `#t=${tsNs}`;
}
