import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** Ways of a client to behave and to go, each of which a server must outlive. */
export const manners = [
  /** Reads until the server or the protocol says that it is over. */
  'reads to the end',
  /** Closes both ways when the first bytes of the answer have come. */
  'leaves mid-body',
  /** Sends a reset when the first bytes of the answer have come. */
  'resets mid-body',
  /** Is gone before it could be answered. */
  'leaves at once',
  /** Ends its own side at once and goes on reading. */
  'half-closes',
  /** Never reads a byte, and is gone after a while. */
  'never reads',
  /** Sends half of a request, and is gone after a while. */
  'stops mid-request',
] as const;
export type Manner = (typeof manners)[number];

export interface Request {
  readonly path: string;
  /** Opens a WebSocket and sends these texts over it. */
  readonly controls?: readonly object[];
  /** Bytes after which a reader has enough and says goodbye; without it the server ends the answer. */
  readonly enoughBytes?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/** How long clients stay that leave by themselves after a while. */
const stayMs = 400;

/** Sends one request to the server at `port` and goes as `manner` says; resolves when the connection is closed. */
export async function visit(port: number, request: Request, manner: Manner): Promise<void> {
  const socket = await open(port);
  const closed = closeOf(socket);
  const bytes = requestBytes(request);
  const reads = manner !== 'never reads' && manner !== 'leaves at once';
  if (!reads) socket.pause();
  socket.write(manner === 'stops mid-request' ? bytes.subarray(0, bytes.length >> 1) : bytes);
  switch (manner) {
    case 'reads to the end':
      readToTheEnd(socket, request);
      break;
    case 'leaves mid-body':
      socket.once('data', () => socket.destroy());
      break;
    case 'resets mid-body':
      socket.once('data', () => socket.resetAndDestroy());
      break;
    case 'leaves at once':
      socket.destroy();
      break;
    case 'half-closes':
      socket.resume().end();
      break;
    case 'never reads':
    case 'stops mid-request':
      setTimeout(() => socket.destroy(), stayMs);
  }
  await closed;
}

/** A connection that does not fail when it is cut. */
export async function open(port: number): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  socket.on('error', () => {});
  socket.on('end', () => socket.end());
  await once(socket, 'connect');
  return socket;
}

/** Resolves when a connection is closed, also by a failure. */
export function closeOf(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.once('close', () => resolve()));
}

/** The bytes of a request, and behind it its controls, which a server reads when the WebSocket is open. */
export function requestBytes({ path, controls, headers = {} }: Request): Buffer {
  const upgrade = {
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
  };
  const all = { host: 'localhost', ...(controls === undefined ? { connection: 'close' } : upgrade), ...headers };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  const texts = (controls ?? []).map((control) => clientFrame(0x81, Buffer.from(JSON.stringify(control))));
  return Buffer.concat([Buffer.from(`GET ${path} HTTP/1.1\r\n${lines.join('')}\r\n`), ...texts]);
}

/** A WebSocket frame of less than 126 bytes as clients send it, masked with zeros (RFC 6455 §5.2). */
function clientFrame(opcode: number, payload: Buffer): Buffer {
  return Buffer.concat([Buffer.from([opcode, 0x80 | payload.length, 0, 0, 0, 0]), payload]);
}

/** A close frame without a code. */
const goodbye = clientFrame(0x88, Buffer.alloc(0));

function readToTheEnd(socket: Socket, { controls, enoughBytes = Number.POSITIVE_INFINITY }: Request): void {
  let bytes = 0;
  socket.on('data', (chunk) => {
    bytes += chunk.length;
    if (bytes >= enoughBytes && socket.writable) socket.end(controls === undefined ? '' : goodbye);
  });
}
