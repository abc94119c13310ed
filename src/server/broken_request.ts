import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { SpymasterError } from '../errors.ts';
import { errorBody } from './http_errors.ts';
import { securityHeaders } from './security_headers.ts';

/** Statuses of what HTTP's parser refuses; 400 for all else. */
const statuses: Readonly<Record<string, number>> = { HPE_HEADER_OVERFLOW: 431, ERR_HTTP_REQUEST_TIMEOUT: 408 };

/** Answers bytes that are no HTTP request, in the one shape of errors, and ends their connection. */
export function refuseBrokenRequest(error: Error & { readonly code?: string }, socket: Duplex): void {
  if (error.code === 'ECONNRESET') socket.destroy();
  else
    refuse(socket, statuses[error.code ?? ''] ?? 400, `Cannot read the request, which is no HTTP/1.1: ${why(error)}.`);
}

/** Answers a request for a WebSocket that does not ask for it as it should. */
export function refuseHandshake(error: Error, socket: Duplex): void {
  refuse(socket, 400, `Cannot open a WebSocket: ${why(error)}.`, { 'sec-websocket-version': '13' });
}

function why({ message }: Error): string {
  return message.replace(/^Parse Error: /, '').replace(/\.$/, '');
}

function refuse(socket: Duplex, status: number, message: string, more: Readonly<Record<string, string>> = {}): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const body = JSON.stringify(errorBody(new SpymasterError('USAGE', message)));
  const headers = {
    ...securityHeaders,
    ...more,
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(body),
    connection: 'close',
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join('')}\r\n${body}`);
}
