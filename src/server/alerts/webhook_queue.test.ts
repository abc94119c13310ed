import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import type { Alert } from '../../alerts/index.ts';
import { WebhookQueue, type WebhookQueueOptions } from './webhook_queue.ts';

const secret = 'of the receiver';

interface Received {
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** A receiver that answers the n-th request as `answer` says. */
async function receiver(context: TestContext, answer: (response: ServerResponse, n: number) => void) {
  const received: Received[] = [];
  const server = createServer(async (request, response) => {
    received.push({ headers: request.headers, body: await text(request) });
    answer(response, received.length);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  context.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { received, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook` };
}

const status = (code: number) => (response: ServerResponse) => response.writeHead(code).end('ok');
const alert = (key: string) => ({ key, rule: 'r', text: 'sweep sells' }) as Alert;

function queueTo(context: TestContext, url: string, part: Partial<WebhookQueueOptions> = {}) {
  const outcomes: string[] = [];
  const settled = Promise.withResolvers<void>();
  const queue = new WebhookQueue({
    webhook: { name: 'desk', url, secret },
    ...{ maxWaiting: 8, timeoutMs: 2000, pausesMs: [1, 1], nowMs: () => 1_700_000_000_123 },
    onOutcome: (outcome, reason) => outcomes.push(reason === null ? outcome : `${outcome}: ${reason}`),
    onWaiting: (count) => count === 0 && settled.resolve(),
    ...part,
  });
  context.after(() => queue.close());
  return { queue, outcomes, settled: settled.promise };
}

test('a receiver can check the signature and the time of what it gets', async (context) => {
  const { received, url } = await receiver(context, status(204));
  const { queue, outcomes, settled } = queueTo(context, url);
  queue.push(alert('srv/r/event_1'));
  await settled;
  deepEqual(outcomes, ['delivered']);
  const [{ headers, body }] = received as [Received];
  deepEqual(JSON.parse(body), { key: 'srv/r/event_1', rule: 'r', text: 'sweep sells' });
  equal(headers['x-spymaster-key'], 'srv/r/event_1');
  const expected = createHmac('sha256', secret).update(`1700000000.${body}`).digest('hex');
  equal(headers['x-spymaster-signature'], `t=1700000000,v1=${expected}`);
});

test('an alert is sent again with the same key until it is taken, then the next', async (context) => {
  const { received, url } = await receiver(context, (response, n) => status(n <= 2 ? 500 : 200)(response));
  const { queue, outcomes, settled } = queueTo(context, url);
  queue.push(alert('a'));
  queue.push(alert('b'));
  await settled;
  deepEqual(outcomes, ['retried: it answered 500', 'retried: it answered 500', 'delivered', 'delivered']);
  deepEqual(
    received.map(({ headers }) => headers['x-spymaster-key']),
    ['a', 'a', 'a', 'b'],
  );
});

test('a refusal is final, a redirect is one, and a receiver that never takes it costs its attempts alone', async (context) => {
  const elsewhere = await receiver(context, status(200));
  const { received, url } = await receiver(context, (response, n) => {
    if (n === 1) response.writeHead(302, { location: elsewhere.url }).end();
    else status(n === 2 ? 403 : 503)(response);
  });
  const { queue, outcomes, settled } = queueTo(context, url);
  for (const key of ['a', 'b', 'c']) queue.push(alert(key));
  await settled;
  const answered = (code: number) => `it answered ${code}`;
  deepEqual(outcomes.slice(0, 2), [`failed: ${answered(302)}`, `failed: ${answered(403)}`]);
  deepEqual(outcomes.slice(2), [`retried: ${answered(503)}`, `retried: ${answered(503)}`, `failed: ${answered(503)}`]);
  deepEqual([received.length, elsewhere.received.length], [5, 0]);
});

test('what waits for a receiver that does not answer is bounded; the oldest goes', async (context) => {
  const { received, url } = await receiver(context, (response, n) => n > 1 && status(200)(response));
  const { queue, outcomes, settled } = queueTo(context, url, { maxWaiting: 3, timeoutMs: 150 });
  for (let n = 0; n < 10; n++) queue.push(alert(String(n)));
  deepEqual(outcomes, Array(7).fill('dropped'));
  await settled;
  deepEqual(outcomes.slice(7), ['retried: it did not answer in time', 'delivered', 'delivered', 'delivered']);
  deepEqual(
    received.map(({ headers }) => headers['x-spymaster-key']),
    ['0', '0', '8', '9'],
  );
});

test('a receiver that is not there is tried again, and closing ends the attempts', async (context) => {
  const { outcomes, settled, queue } = queueTo(context, 'http://127.0.0.1:9/');
  queue.push(alert('a'));
  await settled;
  equal(outcomes.length, 3);
  for (const outcome of outcomes) match(outcome, /^(retried|failed): /);
  const waiting = queueTo(context, 'http://127.0.0.1:9/', { pausesMs: [60_000] });
  waiting.queue.push(alert('a'));
  waiting.queue.close();
  ok(waiting.outcomes.length <= 1);
});
