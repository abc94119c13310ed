import { isIP } from 'node:net';

const loopbackNames = new Set(['localhost', '127.0.0.1', '[::1]']);

/** Whether a server that listens on `host` is reached from this machine only. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

/**
 * Whether a request that believes to talk to `hostHeader` is meant for this server. Browsers let a page talk to the host
 * that it came from, and whose name that is decides someone else's DNS, which may point here: so names must be known, of
 * this machine or what the server was bound to. An address is nobody's to point, so any does where the server listens on
 * more than this machine; port forwarding may show it under another than its own.
 */
export function isHostAllowed(hostHeader: string | undefined, boundHost: string): boolean {
  const name = URL.parse(`http://${hostHeader ?? ''}`)?.hostname ?? '';
  if (loopbackNames.has(name) || name === urlName(boundHost)) return true;
  return !isLoopback(boundHost) && isAddress(name);
}

/**
 * Whether a page of `origin` may ask, for a stream or anything else. Browsers let any page open a WebSocket to any host, so
 * the server looks who asks: pages of this machine (any port, for the dev server), of the address it was bound to, and, by
 * address and not by a name that someone else's DNS may point here, of the host that was asked for. Clients that are no
 * browsers send no origin.
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
  if (loopbackNames.has(url.hostname) || url.hostname === urlName(boundHost)) return true;
  const asked = URL.parse(`http://${hostHeader ?? ''}`)?.hostname ?? '';
  return url.hostname === asked && isAddress(asked);
}

/**
 * Whether a page of `origin` is a page of this very server: of the host and port that it asks. For changes nothing less will do,
 * since anything on this machine may serve pages on another port. Clients that are no browsers send no origin.
 */
export function isOwnOrigin(origin: string | undefined, hostHeader: string | undefined): boolean {
  if (origin === undefined) return true;
  const asked = URL.parse(`http://${hostHeader ?? ''}`)?.host;
  return asked !== undefined && URL.parse(origin)?.host === asked;
}

function isAddress(name: string): boolean {
  return isIP(name.replace(/^\[|\]$/g, '')) !== 0;
}

/** A host as it stands in an address. */
export function urlName(host: string): string {
  return URL.parse(`http://${host.includes(':') ? `[${host}]` : host}`)?.hostname ?? host;
}
