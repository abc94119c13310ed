import { constants, setPriority } from 'node:os';
import { parentPort } from 'node:worker_threads';
import { assert, SpymasterError } from '../errors.ts';
import { endMessage, type ThreadReply, type ThreadRequest, threadState } from './thread_queue.ts';

/** An answer of a REST thread: the bytes that are sent. */
export interface Body {
  readonly body: Uint8Array<ArrayBuffer>;
  readonly encoding: 'gzip' | null;
}

/**
 * Makes this worker thread answer the requests of a ThreadQueue. Bytes of a body are transferred, not copied: a worker that keeps
 * an answer gives a copy.
 *
 * @param handle - answers a request; when `ending` aborts nobody waits for the answer any more, but for the work to be over
 */
export function answerRequests<Request, Answer extends object>(
  handle: (request: Request, ending: AbortSignal) => Promise<Answer>,
): void {
  assert(parentPort !== null, 'REST threads are started as workers');
  const port = parentPort;
  // A thread has a priority of its own on Linux alone; streams come first there.
  if (process.platform === 'linux') setPriority(0, constants.priority.PRIORITY_BELOW_NORMAL);
  let running: { readonly ending: AbortController; readonly over: Promise<void> } | null = null;
  const answer = async ({ request, state }: ThreadRequest<Request>, ending: AbortSignal) => {
    let reply: ThreadReply<Answer>;
    try {
      reply = { answer: await handle(request, ending) };
    } catch (error) {
      reply = failure(error);
    }
    running = null;
    Atomics.store(state, 0, threadState.idle);
    const body = 'answer' in reply && 'body' in reply.answer ? (reply.answer.body as Body['body']) : null;
    port.postMessage(reply, body === null ? [] : [body.buffer]);
  };
  port.on('message', async (message: ThreadRequest<Request> | typeof endMessage) => {
    if (message === endMessage) {
      running?.ending.abort();
      await running?.over;
      process.exit();
    }
    const { idle, working } = threadState;
    if (Atomics.compareExchange(message.state, 0, idle, working) !== idle) return;
    const ending = new AbortController();
    const over = answer(message, ending.signal);
    running = { ending, over };
  });
}

function failure(error: unknown): ThreadReply<never> {
  if (error instanceof SpymasterError) return { code: error.code, message: error.message, fields: error.fields };
  return { code: null, message: error instanceof Error ? (error.stack ?? error.message) : String(error), fields: {} };
}

/** A text as an answer; small Buffers share their memory with others, so the bytes are made anew. */
export function textBody(text: string): Body {
  return { body: new TextEncoder().encode(text), encoding: null };
}

/** A JSON value as an answer. */
export function jsonBody(value: unknown): Body {
  return textBody(JSON.stringify(value));
}
