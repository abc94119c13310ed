/*
 * Loaded into a server and each of its threads before they start (`--expose-gc --import`): at a message from the parent process
 * every thread collects what nobody holds, and the parent is told how many bytes each has left. Otherwise garbage, of which V8
 * lets hundreds of MB lie about, would hide a leak.
 */
import { setImmediate } from 'node:timers/promises';
import { BroadcastChannel, isMainThread, threadName, type Worker } from 'node:worker_threads';

/** Bytes that a thread holds, by the thread's name. */
export interface HeldBytes {
  readonly thread: string;
  readonly bytes: number;
}

/** Objects that wait for a finalizer or a callback are held until the next collection. */
const collections = 4;

const channel = new BroadcastChannel('collect');
// Nothing here is a reason to live on.
channel.unref();
if (isMainThread) answerTheParent();
else answerTheMainThread();

function answerTheMainThread(): void {
  channel.onmessage = async (event) => {
    // The answers of other threads come by, too.
    if ((event as MessageEvent).data === 'collect') channel.postMessage(await collected(threadName ?? 'thread'));
  };
}

function answerTheParent(): void {
  const workers = new Set<Worker>();
  let waiting: { readonly answers: HeldBytes[]; readonly send: () => void } | null = null;
  const sendWhenAll = () => {
    if (waiting !== null && waiting.answers.length > workers.size) waiting.send();
  };
  process.on('worker', (worker) => {
    workers.add(worker);
    worker.once('exit', () => {
      workers.delete(worker);
      sendWhenAll();
    });
  });
  channel.onmessage = (event) => {
    waiting?.answers.push((event as MessageEvent<HeldBytes>).data);
    sendWhenAll();
  };
  process.on('message', async () => {
    const answers = [await collected('main')];
    const send = () => {
      waiting = null;
      process.send?.(answers);
    };
    waiting = { answers, send };
    channel.postMessage('collect');
    sendWhenAll();
  });
  process.channel?.unref();
}

async function collected(thread: string): Promise<HeldBytes> {
  for (let i = 0; i < collections; i++) {
    globalThis.gc?.();
    await setImmediate();
  }
  const { heapUsed, external } = process.memoryUsage();
  return { thread, bytes: heapUsed + external };
}
