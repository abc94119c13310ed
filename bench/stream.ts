import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { WebSocketServer } from 'ws';
import { defaultRuntimeConfig } from '../src/config/index.ts';
import { Engine } from '../src/engine/index.ts';
import { Lake } from '../src/lake/index.ts';
import { firingBlock, firingRule, gridUpdate } from '../src/wire/index.ts';
import { encodeFrame } from './naive/frame.ts';
import type { Bench } from './support/harness.ts';
import { captureToEnd, closedBins, sessionBytes, sessionStartNs } from './support/session.ts';
import { latenessResult, publishSession, readStreams, type Streamed, streamed } from './support/streaming.ts';

const seed = 20260206;

/** Fifty clients of one serving version at the market's own pace, ten bins a second each. */
export const bench: Bench = async ({ tiny }) => {
  const clients = tiny ? 3 : 50;
  const seconds = tiny ? 0.3 : 10;
  const { bytes } = sessionBytes(seed, seconds + 0.001);
  const ours = await serveOurs(bytes, clients);
  const naive = await serveNaively(bytes, clients);
  return [
    latenessResult(`stream, ${clients} clients`, ours, 'engine on the event loop, encoding per client', naive, seed),
  ];
};

/** The server, its telemetry on. */
async function serveOurs(session: Uint8Array, clients: number): Promise<Streamed> {
  const root = mkdtempSync(join(tmpdir(), 'spymaster-bench-'));
  try {
    const lake = new Lake(root);
    publishSession(lake, session);
    return await streamed(lake, clients);
  } finally {
    rmSync(root, { recursive: true });
  }
}

/** A server whose event loop runs the engine, and encodes each bin anew for each client. */
async function serveNaively(session: Uint8Array, clients: number): Promise<Streamed> {
  const latenessMs: number[] = [];
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });
  await once(server, 'listening');
  const reports = readStreams({ url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`, clients });
  while (server.clients.size < clients) await once(server, 'connection');
  // Versions without a firing rule of their own fire at the neutral threshold.
  const firing = firingRule(firingBlock(null, { name: 'derivative' }, defaultRuntimeConfig));
  const engine = new Engine({ runtime: defaultRuntimeConfig, capture: captureToEnd, instrumentId: null, firing });
  let dueMs = performance.now();
  for (const _ of closedBins(engine, session)) {
    for (const socket of server.clients) {
      socket.send(JSON.stringify(gridUpdate(engine.bin, sessionStartNs, 'derivative')));
      socket.send(encodeFrame(engine.frame));
      latenessMs.push(performance.now() - dueMs);
    }
    dueMs += defaultRuntimeConfig.cell_width_ms;
    await setTimeout(Math.max(0, dueMs - performance.now()));
  }
  for (const socket of server.clients) socket.close(1000);
  server.close();
  return { latenessMs, reports: await reports };
}
