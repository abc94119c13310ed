import { once } from 'node:events';
import type { Worker } from 'node:worker_threads';
import { type ErrorCode, present, SpymasterError } from '../errors.ts';
import type { Lake } from '../lake/index.ts';
import { startWorker } from '../worker.ts';
import type { WarmedBook, WarmRequest } from './warm_book.ts';
import type { WarmReply } from './warm_book_worker.ts';

export interface WarmOptions {
  readonly lake: Lake;
  readonly requests: readonly WarmRequest[];
  /** Threads at most; each holds one book. */
  readonly workers: number;
  readonly notice: (text: string) => void;
  /** Called with each session that is done, or the reason why it failed. */
  readonly onDone: (request: WarmRequest, result: WarmedBook | SpymasterError) => void;
  readonly signal: AbortSignal;
}

/**
 * Makes book checkpoints on several threads. A session that fails is reported and does not stop the others; what was made
 * when the signal aborts stays, and is found there by the next call.
 */
export async function warmBooks(options: WarmOptions): Promise<void> {
  const { requests, signal } = options;
  let next = 0;
  const work = async (): Promise<void> => {
    if (next >= requests.length) return;
    const worker = startWorker(import.meta.url, './warm_book_worker', {
      workerData: { lakeRoot: options.lake.root },
      name: 'book',
    });
    try {
      while (next < requests.length) {
        signal.throwIfAborted();
        const request = present(requests[next++]);
        options.onDone(request, await warmOne(worker, request, options));
      }
    } finally {
      await worker.terminate();
    }
  };
  await Promise.all(Array.from({ length: Math.min(options.workers, requests.length) }, work));
}

async function warmOne(
  worker: Worker,
  request: WarmRequest,
  { notice, signal }: WarmOptions,
): Promise<WarmedBook | SpymasterError> {
  worker.postMessage(request);
  for (;;) {
    const [reply] = (await once(worker, 'message', { signal })) as [WarmReply];
    if (reply.kind === 'done') return reply.book;
    if (reply.kind === 'failed') return new SpymasterError(reply.code as ErrorCode, reply.message, reply.fields);
    notice(reply.text);
  }
}
