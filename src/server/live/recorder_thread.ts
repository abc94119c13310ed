import { parentPort, workerData } from 'node:worker_threads';
import { type RecorderState, record } from '../../databento/live/index.ts';
import { assert, sentError } from '../../errors.ts';
import { Lake } from '../../lake/index.ts';
import type { RecorderOrigin, RecorderReply } from './recorder_protocol.ts';
import { WriteLogWriter } from './write_log.ts';

/* The worker thread that records what a server streams live (see recorder_protocol.ts). */

assert(parentPort !== null, 'the recorder thread is started as a worker');
const port = parentPort;
const { target, symbol, access, start } = workerData as RecorderOrigin;
const stop = new AbortController();
let writes = new WriteLogWriter();

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
  onRecording: (recording) => {
    writes = new WriteLogWriter();
    reply({ kind: 'begin', recording: { ...recording, writes: writes.log } });
  },
  onWrite: (start, end, readMs) => writes.begin(start, end, readMs),
  onAppend: ({ byteOffset, bytes }) => writes.done(byteOffset + bytes.length),
  notice: (text) => reply({ kind: 'notice', text }),
})
  .then(() => reply({ kind: 'end' }))
  .catch((error: unknown) => reply({ kind: 'failed', ...sentError(error) }))
  .finally(() => port.close());
