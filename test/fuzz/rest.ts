import { ok } from 'node:assert/strict';
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { Agent, type IncomingMessage, request } from 'node:http';
import { dirname, join, relative } from 'node:path';
import { text } from 'node:stream/consumers';
import { type Lake, ServingRegistry } from '../../src/lake/index.ts';
import { startServer } from '../../src/server/index.ts';
import { createExperimentsLake } from '../helpers/experiments_lake.ts';
import { pick } from '../helpers/seeded.ts';
import { createServingLake } from '../helpers/serving_lake.ts';
import { below, changeCount, mutateBytes } from './mutate.ts';
import { withToken } from './mutate_json.ts';
import type { Random, Target } from './target.ts';

/** Requests to a server that listens: method, path, query and headers. Every one of them is answered in time. */
export async function makeTarget(kept: readonly Uint8Array[], folder: string): Promise<Target> {
  const lake = await createExperimentsLake();
  const runId = lake.plan.cells.at(0).runId;
  addServing(lake.lake);
  mkdirSync(join(folder, 'pages'));
  writeFileSync(join(folder, 'pages', 'vacuum-pressure.html'), '<!doctype html><title>page</title>');
  const server = await startServer({
    lake: lake.lake,
    host: '127.0.0.1',
    port: 0,
    webRoot: join(folder, 'pages'),
    // Threads stay up while nothing is asked of them.
    limits: { idleMs: 600_000 },
  });
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const corpus = [...requestsFor(runId), ...kept.map((bytes) => new TextDecoder('latin1').decode(bytes))];
  const url = new URL(server.address);
  // The first request of a kind starts its thread.
  for (const line of corpus) await ask(url, agent, line);
  return {
    corpus: corpus.map((line) => Buffer.from(line, 'latin1')),
    codes: [],
    mutate: (random) => Buffer.from(mutate(random, corpus), 'latin1'),
    read: (input) => ask(url, agent, Buffer.from(input).toString('latin1')),
    close: async () => {
      agent.destroy();
      await server.close();
      lake.remove();
    },
  };
}

/** Publishes the small market that other tests stream. */
function addServing(lake: Lake): void {
  const { spec, rawFile, lake: other, remove } = createServingLake(3);
  const to = join(lake.root, relative(other.root, rawFile));
  mkdirSync(dirname(to), { recursive: true });
  copyFileSync(rawFile, to);
  remove();
  using registry = new ServingRegistry(lake);
  registry.publish(spec, { now: () => '2026-02-07T00:00:00Z', alias: 'demo' });
}

/** Requests as a method, a path and headers, each in a line. */
function requestsFor(runId: string): string[] {
  const experiments = '/v1/experiments';
  const paths = [
    `${experiments}/runs`,
    `${experiments}/runs?signal=derivative&dataset_id=market&experiment=fixture&sort=tp_rate&min_signals=0&top_n=10`,
    `${experiments}/runs?sort=mean_pnl_ticks&top_n=100000`,
    `${experiments}/table?sort=tp_rate&min_signals=5`,
    `${experiments}/table?after=1`,
    `${experiments}/runs/${runId}/detail`,
    `${experiments}/runs/${runId}/outcomes?threshold=0.3`,
    `${experiments}/events`,
    '/v1/servings/demo/overview',
    '/v1/vacuum-pressure/stream?serving=demo',
    ...['/health', '/ready', '/metrics', '/', '/vacuum-pressure.html', '/docs', '/docs/json', '/openapi.json'],
  ];
  const headers = [
    'accept-encoding: gzip',
    'accept: text/html',
    'origin: http://localhost:5173',
    'host: localhost:8000',
    'if-none-match: "1"',
    'last-event-id: 3',
    'range: bytes=0-10',
    'connection: upgrade\nupgrade: websocket\nsec-websocket-version: 13\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==',
    'content-type: application/json\ncontent-length: 2',
    'authorization: Bearer x',
    'cookie: spymaster_session=1.a',
  ];
  return paths.flatMap((path, i) => [`GET ${path}`, `GET ${path}\n${headers[i % headers.length]}`]);
}

const tokens: readonly string[] = [
  ...['%', '%00', '%ff', '%2e%2e%2f', '%2F', '%25', '%zz', '..', '../', '//', './', '\\', ';', ':', '@', '*', '~', '$'],
  ...[
    '?',
    '&',
    '=',
    '#',
    '+',
    '[]',
    '[0]',
    '__proto__',
    'constructor',
    'toString',
    'null',
    'undefined',
    'true',
    "'",
    '"',
  ],
  ...['-1', '0', '1e400', 'NaN', 'Infinity', '0x10', '9007199254740993', '-0', '1e-400', '00', ' 1', '1.5', '%20'],
  ...['&sort=tp_rate', '&top_n=1', '&min_signals=0', '&threshold=1', '&after=', '&signal=', '&serving=demo', 'demo'],
  ...['\xe9', '\xff', '{', '}', '<script>', '%F0%9F%98%80', '%ED%A0%80', '.html', '.map', '/v1', '/docs', '/runs/'],
  'a'.repeat(300),
  '/a'.repeat(200),
  '&a=1'.repeat(1200),
];
const methods = ['GET', 'GET', 'GET', 'GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'TRACE', 'PROPFIND'];

function mutate(random: Random, corpus: readonly string[]): string {
  let line = pick(random, corpus);
  for (let left = changeCount(random); left > 0; left--) {
    const how = random();
    if (how < 0.5) line = withToken(random, line, tokens);
    else if (how < 0.6) line = line.replace(/^\w+/, pick(random, methods));
    else if (how < 0.7) line = line.replace(/=[^&\n]*/, () => `=${pick(random, tokens)}`);
    else if (how < 0.8) line = `${line}\n${pick(random, corpus).split('\n').slice(1).join('\n')}`;
    else if (how < 0.9) line = line.slice(0, 4) + pick(random, corpus).slice(4 + below(random, 20));
    else line = Buffer.from(mutateBytes(random, [Buffer.from(line, 'latin1')])).toString('latin1');
  }
  return line;
}

/** What node itself reads of a request, and answers by itself. */
const ownHeaders = new Set(['transfer-encoding', 'expect']);

/** What node's client would not send: what is left is the server's to read. */
function sendable(input: string): { method: string; path: string; headers: Record<string, string> } {
  const [first = '', ...rest] = input.split('\n');
  const [, method = 'GET', path = ''] = /^(\S*) ?(.*)$/s.exec(first) ?? [];
  const headers: Record<string, string> = {};
  for (const line of rest) {
    const [, name = '', value = ''] = /^([\w-]+): ?([\t\x20-\x7e\x80-\xff]*)/.exec(line) ?? [];
    if (name !== '' && !ownHeaders.has(name.toLowerCase())) headers[name.toLowerCase()] = value;
  }
  const encoded = path.replace(/[^\x21-\xff]/g, (sign) => `%${sign.charCodeAt(0).toString(16).padStart(2, '0')}`);
  if (!methods.includes(method)) return { method: 'GET', path: encoded || '/', headers };
  return { method, path: encoded || '/', headers };
}

function ask({ hostname, port }: URL, agent: Agent, input: string): Promise<string> {
  const { method, path, headers } = sendable(input);
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const asked = request({ hostname, port, agent, method, path, headers }, (answer) => {
    judge(method, answer).then(resolve, reject);
  });
  asked.on('upgrade', (_answer, socket) => {
    socket.destroy();
    resolve('upgrade');
  });
  // A connection may end where a request claims a body that does not come; and what cannot be read is answered with a body,
  // though it may have been a HEAD.
  const isHead = (code: string | undefined) => method === 'HEAD' && code?.startsWith('HPE_') === true;
  asked.on('error', (error: NodeJS.ErrnoException) =>
    error.code === 'ECONNRESET' || error.code === 'EPIPE' || isHead(error.code) ? resolve('reset') : reject(error),
  );
  const length = Number(headers['content-length'] ?? 0);
  if (length > 0 && length < 1000) asked.write('{'.repeat(length));
  asked.end();
  return promise;
}

/** A word for an answer, which is no failure of the server, and an error only in the one shape of errors. */
async function judge(method: string, answer: IncomingMessage): Promise<string> {
  const status = answer.statusCode ?? 0;
  const type = String(answer.headers['content-type'] ?? '');
  if (type.startsWith('text/event-stream')) {
    answer.destroy();
    return `${status} events`;
  }
  const body = await text(answer);
  if (status < 400 || method === 'HEAD') {
    ok(status < 500, `HEAD was answered with ${status}`);
    return String(status);
  }
  ok(type.startsWith('application/json'), `${status} came as ${type}: ${body.slice(0, 200)}`);
  const { error } = JSON.parse(body) as { error: { code: string; message: string } };
  ok(status < 500 || status === 503, `${status} ${error.code}: ${error.message}`);
  ok(error.message.endsWith('.'), error.message);
  return `${status} ${error.code}`;
}
