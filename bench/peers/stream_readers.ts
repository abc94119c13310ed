import { createHash } from 'node:crypto';
import { parentPort, workerData } from 'node:worker_threads';
import { WebSocket } from 'ws';

/* A thread of stream clients: opens `clients` sockets and says, when all have closed, how much each got and its hash. */

export interface ReadersData {
  readonly url: string;
  readonly clients: number;
  /** Text that each client sends when it is connected. */
  readonly greeting?: string;
}

export interface ReaderReport {
  readonly messages: number;
  readonly bytes: number;
  /** SHA-256 of all messages but `runtime_config` and `eof`, in short. */
  readonly hash: string;
}

const gridUpdateStart = Buffer.from('{"type":"grid_update"');
const { url, clients, greeting } = workerData as ReadersData;
const reports = await Promise.all(Array.from({ length: clients }, read));
parentPort?.postMessage(reports);

function read(): Promise<ReaderReport> {
  const hash = createHash('sha256');
  let messages = 0;
  let bytes = 0;
  const socket = new WebSocket(url, { perMessageDeflate: false });
  if (greeting !== undefined) socket.on('open', () => socket.send(greeting));
  socket.on('message', (data: Buffer, isBinary: boolean) => {
    if (!isBinary && !data.subarray(0, 21).equals(gridUpdateStart)) return;
    hash.update(data);
    messages++;
    bytes += data.byteLength;
  });
  return new Promise((resolve) =>
    socket.on('close', () => resolve({ messages, bytes, hash: hash.digest('hex').slice(0, 16) })),
  );
}
