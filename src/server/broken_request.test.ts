import { equal, match, ok } from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Lake } from '../lake/index.ts';
import { startServer } from './index.ts';

test('bytes that are no HTTP request, and requests without a host, are answered as every error is', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'spymaster-broken-'));
  const server = await startServer({ lake: new Lake(folder), host: '127.0.0.1', port: 0, webRoot: folder });
  t.after(async () => {
    await server.close();
    rmSync(folder, { recursive: true });
  });
  const { port } = new URL(server.address);
  const ask = async (request: string): Promise<string> => {
    const socket = connect(Number(port), '127.0.0.1').setEncoding('latin1');
    socket.write(Buffer.from(request, 'latin1'));
    let answer = '';
    for await (const part of socket) answer += part;
    return answer;
  };
  const host = 'Host: localhost\r\nConnection: close\r\n';
  for (const [request, status, message] of [
    ['NOTHING\r\n\r\n', 400, /no HTTP\/1\.1: Invalid method/],
    [`GET /\xe9 HTTP/1.1\r\n${host}\r\n`, 400, /no HTTP\/1\.1: Invalid char in url/],
    [`GET / HTTP/1.1\r\n${host}x: ${'a'.repeat(20_000)}\r\n\r\n`, 431, /no HTTP\/1\.1: Header overflow/],
    [`GET /%zz HTTP/1.1\r\n${host}\r\n`, 400, /Cannot read the request: '\/%zz' is not a valid url/],
    [
      'GET /v1/vacuum-pressure/stream HTTP/1.1\r\nHost: localhost\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n',
      400,
      /Cannot open a WebSocket: Missing or invalid Sec-WebSocket-Key header/,
    ],
    ['GET /health HTTP/1.1\r\nConnection: close\r\n\r\n', 421, /without a name/],
  ] as const) {
    const answer = await ask(request);
    const [head = '', body = ''] = answer.split('\r\n\r\n');
    ok(head.startsWith(`HTTP/1.1 ${status} `), head);
    match(head, /x-content-type-options: nosniff/i);
    const { error } = JSON.parse(body) as { error: { code: string; message: string } };
    equal(error.code, status === 421 ? 'HOST' : 'USAGE');
    match(error.message, message);
    ok(error.message.endsWith('.'), error.message);
  }
});
