import { deepEqual } from 'node:assert/strict';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { WebSocket, WebSocketServer } from 'ws';
import { SegmentWriter, segmentFrame, segmentMessages, segmentText } from './segment.ts';

const timing = { firstEventMs: 0, lastEventMs: 0, readyMs: 0 };
const noChannels = { depth: new Uint8Array(0), events: '', features: '' };

/** Short and long, ASCII and not, on both sides of where a header grows. */
const texts = [
  '{}',
  'é'.repeat(62),
  'é'.repeat(63),
  'a'.repeat(125),
  'a'.repeat(126),
  'é'.repeat(125),
  'é'.repeat(700),
];

test("a bin's messages are those that a WebSocket library reads, whatever their lengths", async () => {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });
  await once(server, 'listening');
  const client = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const received: { bytes: Buffer; isBinary: boolean }[] = [];
  client.on('message', (bytes: Buffer, isBinary) => received.push({ bytes, isBinary }));
  const [socket, { socket: connection }] = (await once(server, 'connection')) as [WebSocket, IncomingMessage];
  const sent: typeof received = [];
  for (const frameBytes of [8, 125, 126, 65_535, 65_536]) {
    const writer = new SegmentWriter(0, frameBytes, []);
    for (const [at, text] of texts.entries()) {
      writer.add(new Uint8Array(frameBytes).fill(at + 1), text, noChannels, timing, 0);
    }
    const segment = writer.finish({ kind: 'eof', binCount: texts.length });
    for (const [at, text] of texts.entries()) {
      connection.write(segmentMessages(segment, at));
      sent.push({ bytes: Buffer.from(text), isBinary: false });
      sent.push({ bytes: Buffer.alloc(frameBytes, at + 1), isBinary: true });
      deepEqual(Buffer.from(segmentText(segment, at)), sent.at(-2)?.bytes);
      deepEqual(Buffer.from(segmentFrame(segment, at)), sent.at(-1)?.bytes);
    }
  }
  socket.close();
  await once(client, 'close');
  server.close();
  deepEqual(received, sent);
});
