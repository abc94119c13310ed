import { parentPort, workerData } from 'node:worker_threads';
import { type ErrorFields, SpymasterError } from '../errors.ts';
import { Lake } from '../lake/index.ts';
import { type WarmedBook, type WarmRequest, warmBook } from './warm_book.ts';

/** The thread's answers to a request: notices, then a result or an error. */
export type WarmReply =
  | { readonly kind: 'notice'; readonly text: string }
  | { readonly kind: 'done'; readonly book: WarmedBook }
  | { readonly kind: 'failed'; readonly code: string; readonly message: string; readonly fields: ErrorFields };

const port = parentPort;
if (port !== null) {
  const lake = new Lake((workerData as { readonly lakeRoot: string }).lakeRoot);
  const reply = (message: WarmReply): void => port.postMessage(message);
  port.on('message', async (request: WarmRequest) => {
    try {
      reply({ kind: 'done', book: await warmBook(lake, request, (text) => reply({ kind: 'notice', text })) });
    } catch (error) {
      if (!(error instanceof SpymasterError)) throw error;
      reply({ kind: 'failed', code: error.code, message: error.message, fields: error.fields });
    }
  });
}
