import { deepEqual, equal, match, notEqual, ok, rejects } from 'node:assert/strict';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { createServingLake, type ServingLake } from '../../test/helpers/serving_lake.ts';
import { StreamClient } from '../../test/helpers/stream_client.ts';
import { type Server, type ServerOptions, startServer } from './index.ts';

let lake: ServingLake;
let server: Server;
let remote: Server;

const serve = (options: Partial<ServerOptions> = {}) =>
  startServer({ lake: lake.lake, host: '127.0.0.1', port: 0, webRoot: join(lake.lake.root, 'no-pages'), ...options });
const portOf = (of: Server) => Number(new URL(of.address).port);

before(async () => {
  lake = createServingLake(5);
  server = await serve();
  remote = await serve({ host: '0.0.0.0', allowRemote: true });
});
after(async () => {
  await server.close();
  await remote.close();
  lake.remove();
});

/** Status, headers and body of a request with headers that `fetch` would not send. */
async function ask(of: Server, path: string, headers: Record<string, string> = {}, method = 'GET') {
  const sent = request({ host: '127.0.0.1', port: portOf(of), path, headers, method, agent: false }).end();
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  let text = '';
  for await (const chunk of response) text += chunk;
  return { status: response.statusCode, headers: response.headers, text };
}

const streamPath = '/v1/vacuum-pressure/stream?serving=demo';
const paths = [
  '/',
  '/vacuum-pressure.html',
  '/health',
  '/ready',
  '/metrics',
  '/docs/json',
  '/docs/',
  '/v1/servings/demo/overview',
  '/v1/experiments/runs',
  '/v1/experiments/table',
  '/v1/experiments/runs/x/detail',
  '/v1/experiments/events',
  streamPath,
  '/nothing',
];

test('every route refuses names that are not this server and pages of other origins', async () => {
  for (const path of paths) {
    const rebound = await ask(server, path, { host: 'evil.example', origin: 'http://evil.example' });
    deepEqual([rebound.status, JSON.parse(rebound.text).error.code], [421, 'HOST'], path);
    const foreign = await ask(server, path, { origin: 'http://evil.example' });
    deepEqual([foreign.status, JSON.parse(foreign.text).error.code], [403, 'ORIGIN'], path);
  }
  equal((await ask(server, '/health', { host: '192.168.1.7:8002' })).status, 421);
  for (const host of ['localhost:1', `127.0.0.1:${portOf(server)}`, '[::1]']) {
    equal((await ask(server, '/health', { host })).status, 200, host);
  }
  match((await ask(server, '/metrics')).text, /refusals_total\{code="HOST"\} 15/);
});

test('every answer has the headers that keep browsers from doing more than they should', async () => {
  for (const path of paths.filter((each) => !each.includes('events'))) {
    const { headers } = await ask(server, path);
    const policy = String(headers['content-security-policy']);
    match(policy, /default-src 'none'; script-src 'self'; .*frame-ancestors 'none'/, path);
    ok(!/script-src [^;]*unsafe/.test(policy), path);
    deepEqual(
      [headers['x-content-type-options'], headers['x-frame-options'], headers['referrer-policy']],
      ['nosniff', 'DENY', 'no-referrer'],
      path,
    );
    equal(headers['cross-origin-resource-policy'], 'same-origin', path);
  }
  const broken = await ask(server, '/%zz');
  deepEqual([broken.status, broken.headers['x-frame-options']], [400, 'DENY']);
  const events = await fetch(`${server.address}/v1/experiments/events`);
  equal(events.headers.get('x-content-type-options'), 'nosniff');
  await events.body?.cancel();
});

test('methods other than GET and HEAD are not allowed', async () => {
  for (const path of ['/health', '/v1/experiments/runs', '/v1/servings/demo/overview', '/metrics']) {
    for (const method of ['TRACE', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH']) {
      const { status, headers } = await ask(server, path, {}, method);
      deepEqual([status, headers.allow], [405, 'GET, HEAD'], `${method} ${path}`);
    }
    equal((await ask(server, path, {}, 'HEAD')).status, 200);
  }
});

test('an address that others reach has to be allowed, and then asks for a token', async () => {
  for (const host of ['0.0.0.0', '::', '192.168.1.7', 'desk.lan']) {
    await rejects(serve({ host }), { code: 'USAGE', message: /others reach that address; add --allow-remote/ });
  }
  equal(server.token, null);
  const bearer = { authorization: `Bearer ${remote.token}` };
  const open = ['/', '/vacuum-pressure.html', '/health'];
  for (const path of paths.filter((each) => !open.includes(each))) {
    for (const headers of [
      {},
      { authorization: 'Bearer guessed' },
      { cookie: `spymaster_session_${portOf(remote)}=9999999999.guess` },
    ]) {
      const { status, text } = await ask(remote, path, headers);
      deepEqual([status, JSON.parse(text).error.code], [401, 'TOKEN'], path);
    }
    if (!path.includes('events')) notEqual((await ask(remote, path, bearer)).status, 401, path);
  }
  for (const path of open) notEqual((await ask(remote, path)).status, 401);
  equal((await ask(remote, '/health', { host: '192.168.1.7' })).status, 200);
  equal((await ask(remote, '/health', { host: 'evil.example' })).status, 421);
  equal((await ask(remote, `/ready?token=${remote.token}`)).status, 401, 'not in a query: those are logged by others');
});

test('a page exchanges the token for a cookie that opens REST and stream', async () => {
  const refused = await ask(remote, '/v1/session', {}, 'POST');
  deepEqual([refused.status, refused.headers['set-cookie']], [401, undefined]);
  const answer = await ask(remote, '/v1/session', { authorization: `Bearer ${remote.token}` }, 'POST');
  equal(answer.status, 204);
  const [set = ''] = answer.headers['set-cookie'] ?? [];
  match(set, /^spymaster_session_\d+=\d+\.[\w-]{43}; Path=\/; Max-Age=43200; HttpOnly; SameSite=Strict$/);
  ok(!set.includes(remote.token!));
  const cookie = set.slice(0, set.indexOf(';'));
  equal((await ask(remote, '/ready', { cookie: `other=1; ${cookie}` })).status, 200);
  const later = cookie.replace(/=(\d+)/, (_, seconds: string) => `=${Number(seconds) + 1}`);
  equal((await ask(remote, '/ready', { cookie: later })).status, 401, 'its end is signed');
  for (const headers of [{ cookie }, { authorization: `Bearer ${remote.token}` }]) {
    const client = new StreamClient(`ws://127.0.0.1:${portOf(remote)}${streamPath}`, { headers });
    await client.until(() => client.bins.length > 0);
    await client.close();
  }
});

test('a connection whose upgrade was refused is closed, not kept', async () => {
  for (const [path, status] of [
    [streamPath, 421],
    ['/nothing', 421],
    ['/%ED', 400],
  ] as const) {
    const socket = connect(portOf(server), '127.0.0.1');
    socket.write(
      `GET ${path} HTTP/1.1\r\nHost: evil.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
        'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
    );
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk;
    });
    await once(socket, 'end');
    ok(text.startsWith(`HTTP/1.1 ${status} `), text);
  }
});

test('ready says what is missing, and an absent lake is an error, not a lake without results', async () => {
  const own = createServingLake(5);
  const watched = await serve({ lake: own.lake, host: '127.0.0.1' });
  try {
    const client = new StreamClient(`${watched.address.replace('http', 'ws')}${streamPath}`);
    await client.until(() => client.bins.length > 0);
    deepEqual(JSON.parse((await ask(watched, '/ready')).text), { status: 'ready', reasons: [] });
    rmSync(own.lake.servingRegistry);
    const registry = await ask(watched, '/ready');
    equal(registry.status, 503);
    match(JSON.parse(registry.text).reasons.join(), /serving registry .* was taken away or replaced/);
    rmSync(own.lake.root, { recursive: true });
    const gone = await ask(watched, '/ready');
    equal(gone.status, 503);
    match(JSON.parse(gone.text).reasons.join(), /The lake .* is not there/);
    for (const path of [
      'runs',
      'table',
      'runs/x/detail',
      'runs/x/outcomes?threshold=1',
      'runs/x/execution',
      'events',
    ]) {
      const { status, text } = await ask(watched, `/v1/experiments/${path}`);
      deepEqual([status, JSON.parse(text).error.code], [503, 'LAKE_MISSING'], path);
    }
    equal((await ask(watched, '/health')).status, 200, 'alive it is');
    await client.close();
  } finally {
    await watched.close();
  }
});

test('where others reach the server, changes need a flag beside the token', async () => {
  const open = await serve({ host: '0.0.0.0', allowRemote: true, allowRemoteChanges: true });
  try {
    equal(remote.changeToken, null);
    const change = '/v1/sweeps/none/cancel';
    const answers = [];
    for (const [of, authorization] of [
      [remote, ''],
      [remote, `Bearer ${remote.token}`],
      [open, ''],
      [open, `Bearer ${open.changeToken}`],
      [server, ''],
      [server, `Bearer ${server.changeToken}`],
    ] as const) {
      const { status, text } = await ask(of, change, { authorization }, 'POST');
      answers.push([status, JSON.parse(text).error.code]);
    }
    deepEqual(answers, [
      [401, 'TOKEN'],
      [403, 'CHANGES_OFF'],
      [401, 'TOKEN'],
      [404, 'RUN_UNKNOWN'],
      [401, 'TOKEN'],
      [404, 'RUN_UNKNOWN'],
    ]);
    const asked = async (of: Server, authorization: string) =>
      JSON.parse((await ask(of, '/v1/changes', { authorization })).text).changes;
    equal(await asked(server, ''), 'needs_token');
    equal(await asked(server, `Bearer ${server.changeToken}`), 'allowed');
    equal(await asked(remote, `Bearer ${remote.token}`), 'off');
  } finally {
    await open.close();
  }
});
