import type { FastifyReply } from 'fastify';

/** The client went away before it was answered; nothing failed. */
export class ClientGone extends Error {}

/**
 * Aborts, with ClientGone, when the client goes away before its answer is sent. To be asked for before anything is awaited:
 * it also fires for a client that has gone already.
 */
export function clientGone({ raw }: FastifyReply): AbortSignal {
  const controller = new AbortController();
  const gone = () => {
    if (!raw.writableFinished) controller.abort(new ClientGone('the client went away'));
  };
  if (isGone({ raw })) gone();
  // The response's own event: a request says `close` when it was read, not when its connection ends.
  else raw.once('close', gone);
  return controller.signal;
}

/** Whether the client of a response that is still to be sent has gone. */
export function isGone({ raw }: Pick<FastifyReply, 'raw'>): boolean {
  return raw.destroyed || raw.socket?.destroyed === true;
}

/** A promise, or the signal's reason when that aborts first. */
export function abortable<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  if (signal.aborted) return Promise.reject(signal.reason);
  return new Promise((resolve, reject) => {
    const giveUp = () => reject(signal.reason);
    signal.addEventListener('abort', giveUp, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', giveUp));
  });
}
