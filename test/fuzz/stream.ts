import { deepEqual, equal, ok } from 'node:assert/strict';
import { join } from 'node:path';
import { startServer, streamPath } from '../../src/server/index.ts';
import { controlText, parseServerMessage } from '../../src/wire/index.ts';
import { pick } from '../helpers/seeded.ts';
import { createServingLake } from '../helpers/serving_lake.ts';
import { StreamClient } from '../helpers/stream_client.ts';
import { below, changeCount } from './mutate.ts';
import { mutateJson, withToken } from './mutate_json.ts';
import type { Random, Target } from './target.ts';

const seconds = 2;
const bins = seconds * 10;

/**
 * Clients of the stream: an input is the query of the address and then, a line each, what the client sends; lines that start
 * with `!` go as bytes. Whatever it was, the stream goes on to its end where the client is not told why not.
 */
export async function makeTarget(kept: readonly Uint8Array[], folder: string): Promise<Target> {
  const lake = createServingLake(seconds);
  const server = await startServer({
    lake: lake.lake,
    host: '127.0.0.1',
    port: 0,
    webRoot: join(folder, 'none'),
    limits: { idleMs: 600_000 },
  });
  const address = `${server.address.replace('http', 'ws')}${streamPath}`;
  const texts = [...conversations, ...kept.map((bytes) => new TextDecoder().decode(bytes))];
  // The first client starts the engine's thread.
  await read(address, 'serving=demo');
  return {
    corpus: texts.map((text) => new TextEncoder().encode(text)),
    codes: [],
    mutate: (random) => new TextEncoder().encode(mutate(random, texts)),
    read: (input) => read(address, new TextDecoder().decode(input)),
    close: async () => {
      await server.close();
      lake.remove();
    },
  };
}

const messages = [
  ...[0, 7, bins - 1, bins, 1e15].map((binSeq) => controlText({ action: 'seek', binSeq })),
  ...[0n, 1_770_388_260_500_000_000n, 2n ** 63n].map((tsNs) => controlText({ action: 'seek', tsNs })),
  ...([0.25, 3, 100, 'max'] as const).map((speed) => controlText({ action: 'speed', speed })),
  ...(['pause', 'resume', 'restart'] as const).map((action) => controlText({ action })),
];
const conversations = [
  'serving=demo',
  ['serving=srv_demo_00000001_00000001', ...messages].join('\n'),
  ['serving=demo', ...messages.toReversed()].join('\n'),
  'serving=none',
  'serving=demo&serving=demo',
];

function mutate(random: Random, texts: readonly string[]): string {
  const lines = pick(random, texts).split('\n');
  for (let left = changeCount(random); left > 0; left--) {
    const at = 1 + below(random, lines.length);
    const how = random();
    if (how < 0.3) lines.splice(at, 0, pick(random, messages));
    else if (how < 0.6) lines.splice(at, 0, mutateJson(random, messages).replaceAll('\n', ' ').slice(0, 6000));
    else if (how < 0.7) lines.splice(at, 0, `!${pick(random, messages)}`);
    else if (how < 0.75) lines.splice(at, 0, ...new Array<string>(below(random, 300)).fill(pick(random, messages)));
    else if (how < 0.8)
      lines[0] = withToken(random, lines[0] ?? '', ['&', '=', '%', '%00', '%ff', 'serving=demo', '#', 'é']);
    else lines.splice(at, 1);
  }
  return lines.join('\n');
}

async function read(address: string, input: string): Promise<string> {
  const [query = '', ...lines] = input.split('\n');
  const client = new StreamClient(`${address}?${encodeURI(query).replaceAll('%25', '%').replaceAll('#', '%23')}`);
  let status = 0;
  client.socket.on('unexpected-response', (_request, answer) => {
    status = answer.statusCode ?? 0;
    client.socket.terminate();
  });
  client.socket.on('open', () => {
    for (const line of lines) client.socket.send(line.startsWith('!') ? Buffer.from(line.slice(1)) : line);
    for (const control of [
      { action: 'resume' },
      { action: 'speed', speed: 'max' },
      { action: 'seek', binSeq: 0 },
    ] as const)
      client.send(controlText(control));
  });
  const { code, reason } = await client.closed;
  if (status !== 0) {
    ok(status >= 400 && status < 500, `the handshake was answered with ${status}`);
    return `refused with ${status}`;
  }
  for (const message of client.messages) parseServerMessage(JSON.stringify(message));
  for (const { text } of client.bins) parseServerMessage(text);
  deepEqual(client.disorder, []);
  if (code === 1000) {
    equal(client.messages.at(-1)?.type, 'eof');
    return 'played';
  }
  ok(code === 1008 || code === 1009, `the stream ended with ${code} ${reason}`);
  ok(code === 1009 || client.messages.at(-1)?.type === 'error', 'the client is told why');
  return `ended with ${code}`;
}
