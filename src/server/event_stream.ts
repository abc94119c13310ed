/** Media type of server-sent events, and the headers of a stream of them. */
export const eventStreamType = 'text/event-stream';
export const eventStreamHeaders = { 'content-type': `${eventStreamType}; charset=utf-8`, 'cache-control': 'no-store' };
