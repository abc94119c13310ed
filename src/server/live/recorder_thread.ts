import { parentPort, workerData } from 'node:worker_threads';
import { type RecorderState, record } from '../../databento/live/index.ts';
import { assert, SpymasterError } from '../../errors.ts';
import { Lake } from '../../lake/index.ts';
import { announceWrite } from './announced_growth.ts';
import type { RecorderOrigin, RecorderReply } from './recorder_protocol.ts';

/* The worker thread that records what a server streams live (see recorder_protocol.ts). */

assert(parentPort !== null, 'the recorder thread is started as a worker');
const port = parentPort;
const { target, symbol, access, start, writes } = workerData as RecorderOrigin;
const stop = new AbortController();

port.on('message', () => stop.abort());

function reply(message: RecorderReply): void {
  port.postMessage(message);
}

function report({ connection, retryInMs, bytes, lastReceiveNs, delayMs }: RecorderState): void {
  reply({ kind: 'report', report: { connection, retryInMs, bytes, lastReceiveNs, delayMs } });
}

record({
  target: 'file' in target ? target : { lake: new Lake(target.lakeRoot) },
  ...{ symbol, start, stypeIn: 'raw_symbol', untilNs: null, signal: stop.signal },
  access,
  onProgress: report,
  onRecording: (recording) => reply({ kind: 'begin', recording }),
  onAppend: () => announceWrite(writes),
  notice: (text) => reply({ kind: 'notice', text }),
})
  .then(() => reply({ kind: 'end' }))
  .catch((error: unknown) => {
    if (!(error instanceof SpymasterError)) throw error;
    const { code, message, fields } = error;
    reply({ kind: 'failed', code, message, fields });
  })
  .finally(() => port.close());
