import type { Worker } from 'node:worker_threads';
import { receivedError, SpymasterError } from '../../errors.ts';
import { startRecorderThread } from '../threads.ts';
import type { RecorderOrigin, RecorderReply, RecorderRequest } from './recorder_protocol.ts';
import type { LiveOptions } from './start_live.ts';

export interface RecorderOptions extends Omit<RecorderOrigin, 'symbol'> {
  /** Sentences for the user: files begun, connections lost. */
  readonly notice: (text: string) => void;
  /** The recorder gave up, for good; `hasBegun`: there is a recording, which is streamed on. */
  readonly onFailed: (error: SpymasterError, hasBegun: boolean) => void;
}

/** How long the recorder may take to end: it writes what it has received. */
const stopMs = 3000;

/** Records in a thread of its own for a live stream, so that neither engine nor clients hold up the reading of the feed. */
export function recorderFor(options: RecorderOptions): LiveOptions['record'] {
  const { notice, onFailed, ...origin } = options;
  return ({ symbol }, sink) => {
    const thread: Worker = startRecorderThread({ ...origin, symbol });
    const { promise: exited, resolve } = Promise.withResolvers<void>();
    let hasBegun = false;
    let isOver = false;
    const fail = (error: SpymasterError) => {
      if (isOver) return;
      isOver = true;
      sink.fail(error);
      onFailed(error, hasBegun);
    };
    const crashed = (why: string) =>
      fail(new SpymasterError('ENGINE_STOPPED', `The recorder stopped: ${why}. Start the server again to go on.`));
    thread.on('message', (reply: RecorderReply) => {
      switch (reply.kind) {
        case 'begin':
          hasBegun = true;
          notice(`Recording ${reply.recording.symbol} to ${reply.recording.path}.`);
          sink.begin(reply.recording);
          break;
        case 'report':
          sink.report(reply.report);
          break;
        case 'notice':
          notice(reply.text);
          break;
        case 'end':
          isOver = true;
          sink.end();
          break;
        case 'failed':
          fail(receivedError(reply));
          break;
      }
    });
    thread.on('error', (error) => crashed(error instanceof Error ? error.message : String(error)));
    thread.on('exit', (code) => {
      resolve();
      crashed(`its thread ended with code ${code}`);
    });
    return {
      async close() {
        thread.postMessage('stop' satisfies RecorderRequest);
        const timer = setTimeout(() => void thread.terminate(), stopMs);
        await exited;
        clearTimeout(timer);
      },
    };
  };
}
