import { deepEqual, equal, match, ok, rejects } from 'node:assert/strict';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import { createServingLake, type ServingLake } from '../../../test/helpers/serving_lake.ts';
import { metricsOf, playThrough, serve } from '../../../test/helpers/stream_server.ts';
import type { Alert } from '../../alerts/index.ts';
import { readAlerts } from '../../lake/index.ts';

let lake: ServingLake;
before(() => {
  lake = createServingLake(30);
});
after(() => lake.remove());

/** A receiver that takes what `takes` says and never answers anything else. */
async function receiver(takes: boolean) {
  const received: Alert[] = [];
  const server = createServer(async (request, response) => {
    received.push(JSON.parse(await text(request)) as Alert);
    if (takes) response.writeHead(200).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  return { received, port: (server.address() as AddressInfo).port, close };
}

const file = (desk: number, dead: number) => `alerts:
  - { name: large, event: { kinds: [large_order] }, pause_s: 1, webhooks: [desk, dead] }
webhooks:
  desk: { url: "http://127.0.0.1:${desk}/", secret_env: ALERTS_SECRET }
  dead: { url: "http://127.0.0.1:${dead}/", secret_env: ALERTS_SECRET }
`;

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 10));
}

test('alerts of a replay go to webhooks where they shall, each once; a receiver that does not answer holds up nothing', async (context) => {
  const [desk, dead] = [await receiver(true), await receiver(false)];
  context.after(() => {
    desk.close();
    dead.close();
  });
  const path = join(lake.lake.root, 'alerts.yaml');
  writeFileSync(path, file(desk.port, dead.port));
  await rejects(readAlerts(lake.lake, path, {}), /4:\d+: the environment variable ALERTS_SECRET is not set; set it to/);
  const read = await readAlerts(lake.lake, path, { ALERTS_SECRET: 'secret' });
  ok(read !== null);
  const limits = { maxWaiting: 6, timeoutMs: 60_000 };
  const server = await serve(lake.lake, { alerts: { ...read, sendsReplays: true, limits } });
  context.after(() => server.close());
  const { bins } = await playThrough(server);
  equal(bins.length, 300);
  await playThrough(server);
  const counted = (metric: string) => async () => (await metricsOf(server)).includes(metric);
  await until(counted('spymaster_alert_webhook_waiting{webhook="dead"} 6'));
  await until(counted('spymaster_alert_webhooks_total{webhook="dead",outcome="dropped"} '));
  await until(counted('spymaster_alerts_total{rule="large",replay="true"} '));
  await until(counted('spymaster_alert_webhook_waiting{webhook="desk"} 0'));
  const keys = desk.received.map(({ key }) => key);
  ok(keys.length > 2);
  equal(new Set(keys).size, keys.length);
  equal(dead.received.length, 1);
  ok(desk.received.every(({ replay, rule, symbol }) => replay && rule === 'large' && symbol === 'MNQH6'));
  match(desk.received[0]?.text ?? '', /^large order on the (bid|ask): \d+ at \d+\.\d\d$/);
  const rules = (await (await fetch(`${server.address}/v1/alerts`)).json()) as { alerts: object[] };
  deepEqual(
    rules.alerts.map((rule) => Object.keys(rule).sort()),
    [['event', 'muted', 'name', 'pause_s']],
  );
});

test('a lake without a file has no rules', async () => {
  equal(await readAlerts(lake.lake, undefined, {}), null);
});
