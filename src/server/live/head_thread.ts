import { parentPort, workerData } from 'node:worker_threads';
import { assert, sentError } from '../../errors.ts';
import { pollingGrowth, preciseNowMs } from '../../files/index.ts';
import { recordingInputs } from '../../replay/index.ts';
import type { WithSignal } from '../threads.ts';
import { loadStreamed } from '../user_signal.ts';
import { announcedGrowth } from './announced_growth.ts';
import type { HeadOrigin, HeadReply, HeadRequest } from './head_protocol.ts';
import { LiveHead } from './live_head.ts';
import { WriteLogReader } from './write_log.ts';

/* The worker thread at a recording's head (see head_protocol.ts). */

assert(parentPort !== null, 'the head thread is started as a worker');
const port = parentPort;
const { streamed, ...origin } = workerData as HeadOrigin & WithSignal;
await loadStreamed(streamed);
const progressMs = 250;

let hasEnded = false;
const { path } = origin;
const writes = origin.writes === null ? null : new WriteLogReader(origin.writes);
const isEnded = () => hasEnded;
const growth = writes === null ? pollingGrowth(path, isEnded) : announcedGrowth(path, writes, isEnded);
const head = new LiveHead({
  ...recordingInputs(origin, {
    grownPast: (offset) => {
      head.caughtUp();
      return growth.grownPast(offset);
    },
  }),
  nowMs: preciseNowMs,
  readMs: (byteOffset) => writes?.readMs(byteOffset) ?? Number.NaN,
  post: (reply, transfer) => port.postMessage(reply, transfer),
});

let toldOffset = -1;
const timer = setInterval(() => {
  const { progress } = head;
  if (progress.byteOffset === toldOffset) return;
  toldOffset = progress.byteOffset;
  reply({ kind: 'progress', ...progress });
}, progressMs);

function reply(message: HeadReply): void {
  port.postMessage(message);
}

port.on('message', (request: HeadRequest) => {
  if (request.kind === 'ended') hasEnded = true;
  else if (request.kind === 'ping') reply({ kind: 'pong' });
  else reply({ kind: 'overview', overview: head.overview() });
});

head
  .run()
  .catch((error: unknown) => reply({ kind: 'failed', ...sentError(error) }))
  .finally(() => clearInterval(timer));
