import { isIP } from 'node:net';

const loopbackNames = new Set(['localhost', '127.0.0.1', '[::1]']);

/**
 * Whether a WebSocket of a page of `origin` is let in. Browsers let any page open a WebSocket to any host, so the
 * server asks who asks: pages of this machine (any port, for the dev server), of the address it was bound to, and, by
 * address and not by a name that someone else's DNS may point here, of the host that was asked for. Clients that are
 * no browsers send no origin.
 *
 * @param origin - the Origin header, if any
 * @param boundHost - the host that the server listens on
 * @param hostHeader - the Host header: what the client believes to talk to
 */
export function isOriginAllowed(
  origin: string | undefined,
  boundHost: string,
  hostHeader: string | undefined,
): boolean {
  if (origin === undefined) return true;
  const url = URL.parse(origin);
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) return false;
  if (loopbackNames.has(url.hostname) || url.hostname === boundHost) return true;
  const asked = URL.parse(`http://${hostHeader ?? ''}`)?.hostname ?? '';
  return url.hostname === asked && isIP(asked.replace(/^\[|\]$/g, '')) !== 0;
}
