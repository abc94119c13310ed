import { deepEqual, equal, match, ok, rejects } from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { createServingLake, type ServingLake } from '../../test/helpers/serving_lake.ts';
import { type Server, type ServerOptions, startServer } from './index.ts';
import { ThreadQueue } from './thread_queue.ts';

let lake: ServingLake;
before(() => {
  lake = createServingLake(5);
});
after(() => lake.remove());

const serve = (options: Partial<ServerOptions> = {}) =>
  startServer({ lake: lake.lake, host: '127.0.0.1', port: 0, webRoot: join(lake.lake.root, 'no-pages'), ...options });

/** Sends a request and hangs up at once, or when its answer begins. */
async function abort(server: Server, path: string, how: 'at once' | 'at the answer'): Promise<void> {
  const socket: Socket = connect(Number(new URL(server.address).port), '127.0.0.1');
  socket.on('error', () => {});
  await once(socket, 'connect');
  socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
  if (how === 'at the answer') await once(socket, 'data');
  socket.destroy();
}

async function metric(server: Server, name: string): Promise<number> {
  const text = await (await fetch(`${server.address}/metrics`)).text();
  return Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1]);
}

/** Timers that are open, once everything that is under way is over. */
const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;

test('listeners of experiments are forgotten whenever they go, and nothing stays open', async () => {
  const server = await serve();
  try {
    await abort(server, '/v1/experiments/events', 'at the answer');
    const before = timers();
    for (let round = 0; round < 10; round++) {
      await Promise.all(
        Array.from({ length: 20 }, (_, at) =>
          abort(server, '/v1/experiments/events', at % 2 ? 'at once' : 'at the answer'),
        ),
      );
    }
    while ((await metric(server, 'spymaster_experiments_listeners')) > 0) await delay(10);
    ok(timers() <= before, `${timers()} timers, ${before} before`);
  } finally {
    await server.close();
  }
});

test('more listeners than may are refused, and let in again when one goes', async () => {
  const server = await serve({ limits: { maxListeners: 2 } });
  try {
    const url = `${server.address}/v1/experiments/events`;
    const [first, second] = [await fetch(url), await fetch(url)];
    const third = await fetch(url);
    deepEqual([third.status, third.headers.get('retry-after')], [503, '1']);
    equal(((await third.json()) as { error: { code: string } }).error.code, 'TOO_BUSY');
    await first.body!.cancel();
    for (;;) {
      const again = await fetch(url);
      await again.body!.cancel();
      if (again.status === 200) break;
      await delay(10);
    }
    await second.body!.cancel();
  } finally {
    await server.close();
  }
});

test('a server ends with listeners, waiting requests and clients that hung up half way', async () => {
  const server = await serve();
  const events = await fetch(`${server.address}/v1/experiments/events`);
  for (const path of ['/v1/experiments/events', '/v1/experiments/table', '/v1/servings/demo/overview']) {
    await abort(server, path, 'at once');
    fetch(`${server.address}${path}`).catch(() => {});
  }
  await server.close();
  await events.text().catch(() => {});
});

test('metrics know requests by route and status, and what runs', async () => {
  const server = await serve({ version: '9.9.9' });
  try {
    await fetch(`${server.address}/v1/experiments/runs/none/detail`);
    const text = await (await fetch(`${server.address}/metrics`)).text();
    match(
      text,
      /spymaster_http_seconds_count\{method="GET",route="\/v1\/experiments\/runs\/:run_id\/detail",status="404"\} 1/,
    );
    match(text, /spymaster_build_info\{version="9\.9\.9",node="v[\d.]+"\} 1/);
  } finally {
    await server.close();
  }
});

/** A thread that answers `{ n }` with n² after `ms`, and ends itself for a negative one. */
const square = `
  const { parentPort } = require('node:worker_threads');
  parentPort.on('message', ({ request: { n, ms } }) => {
    if (n < 0) process.exit(4);
    setTimeout(() => parentPort.postMessage({ answer: n * n }), ms);
  });`;

function squares(maxWaiting = 10) {
  const started: Worker[] = [];
  const queue = new ThreadQueue<{ n: number; ms: number }, number>({
    does: 'squares',
    start: () => {
      started.push(new Worker(square, { eval: true }));
      return started.at(-1)!;
    },
    maxWaiting,
    idleMs: null,
  });
  return { queue, started };
}

const stays = new AbortController().signal;

test('a thread is asked equal questions once, and none whose clients are gone', async () => {
  const { queue, started } = squares();
  const answers = [2, 2, 3].map((n) => queue.ask(String(n), { n, ms: 20 }, stays));
  const leaving = new AbortController();
  const left = queue.ask('5', { n: -1, ms: 0 }, leaving.signal);
  leaving.abort(new Error('gone'));
  await rejects(left, /gone/);
  equal(queue.size, 2);
  deepEqual(await Promise.all(answers), [4, 4, 9]);
  equal(started.length, 1);
  await rejects(queue.ask('7', { n: 7, ms: 0 }, leaving.signal), /gone/);
  await queue.close();
});

test('a thread that dies fails its question alone; too many are refused; closing fails the rest', async () => {
  const { queue, started } = squares(3);
  const dying = queue.ask('dies', { n: -1, ms: 0 }, stays);
  const next = queue.ask('3', { n: 3, ms: 10 }, stays);
  const third = queue.ask('4', { n: 4, ms: 10 }, stays);
  await rejects(queue.ask('5', { n: 5, ms: 0 }, stays), { code: 'TOO_BUSY' });
  await rejects(dying, { code: 'ENGINE_STOPPED', message: /that squares stopped: it ended with code 4/ });
  deepEqual(await Promise.all([next, third]), [9, 16]);
  equal(started.length, 2);
  const waiting = rejects(queue.ask('6', { n: 6, ms: 60_000 }, stays), { code: 'ENGINE_STOPPED' });
  await queue.close();
  await waiting;
  await rejects(queue.ask('8', { n: 8, ms: 0 }, stays), { code: 'ENGINE_STOPPED' });
});

/** A thread that says `working` and answers nothing; asked to end, it ends with code 7. */
const busy = `
  const { parentPort } = require('node:worker_threads');
  parentPort.on('message', (message) => {
    if (message === 'end') setTimeout(() => process.exit(7), 20);
    else Atomics.notify(message.state, 0, Atomics.store(message.state, 0, 1));
  });`;

test('a thread that works is asked to end, because its queries must be over before; an idle one is ended at once', async () => {
  for (const code of [busy, square]) {
    const worker = new Worker(code, { eval: true });
    const exited = once(worker, 'exit');
    const posted: { state: Int32Array }[] = [];
    const post = worker.postMessage.bind(worker);
    worker.postMessage = (message) => {
      posted.push(message);
      post(message);
    };
    const queue = new ThreadQueue({ does: 'works', start: () => worker, maxWaiting: 1, idleMs: null });
    const asked = rejects(queue.ask('1', { n: 1, ms: 60_000 }, stays), { code: 'ENGINE_STOPPED' });
    if (code === busy) await Atomics.waitAsync(posted[0]!.state, 0, 0).value;
    await queue.close();
    await asked;
    equal((await exited)[0] === 7, code === busy);
  }
});
