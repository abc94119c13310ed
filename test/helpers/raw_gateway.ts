import { createServer } from 'node:net';

/** A server that writes bytes of the live protocol to each connection, in one write, and closes it; it reads nothing. */
export async function rawGateway(
  bytes: () => string | Uint8Array,
): Promise<{ readonly port: number; close(): Promise<void> }> {
  const server = createServer((socket) => {
    socket.on('error', () => {}).resume();
    socket.end(bytes());
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

/** What a gateway sends before its stream. */
export const rawPreface = 'lsg_version=0.9.4\ncram=abc\nsuccess=1|session_id=1\n';
