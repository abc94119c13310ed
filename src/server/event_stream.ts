import { SpymasterError } from '../errors.ts';

/** Media type of server-sent events, and the headers of a stream of them. */
export const eventStreamType = 'text/event-stream';
export const eventStreamHeaders = { 'content-type': `${eventStreamType}; charset=utf-8`, 'cache-control': 'no-store' };

/** Followers of an event stream, where nothing else is said. */
export const usualMaxListeners = 256;

/** @throws TOO_BUSY where `count` clients, as many as may, do already what another one asks for: `follow experiments` */
export function assertRoom(count: number, most: number, does: string): void {
  if (count < most) return;
  throw new SpymasterError(
    'TOO_BUSY',
    `Cannot ${does}: ${most} others do so already; close a page, or ask again later.`,
  );
}
