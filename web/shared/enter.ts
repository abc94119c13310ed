/**
 * Where the page's address brings the server's token (`#token=…`, see docs/serving.md), exchanges it for the cookie that all
 * further requests and the stream carry, and takes it out of the address, so that it is not in bookmarks and pictures.
 */
export async function enter(): Promise<void> {
  const fragment = new URLSearchParams(location.hash.slice(1));
  const token = fragment.get('token');
  if (token === null) return;
  fragment.delete('token');
  const rest = fragment.toString();
  history.replaceState(history.state, '', `${location.pathname}${location.search}${rest === '' ? '' : `#${rest}`}`);
  await enterWith(token);
}

/** Exchanges a token for the cookie; a refusal is told by whatever is asked next. */
export async function enterWith(token: string): Promise<void> {
  await fetch('/v1/session', { method: 'POST', headers: { authorization: `Bearer ${token}` } }).catch(() => {});
}
