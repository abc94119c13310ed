import { parentPort, workerData } from 'node:worker_threads';
import { assert } from '../../errors.ts';
import type { AlertsOrigin, AlertsReply, AlertsRequest } from './alerts_protocol.ts';
import { StreamAlerts } from './stream_alerts.ts';
import { WebhookQueue } from './webhook_queue.ts';

/* The worker thread that watches for alerts and sends them to webhooks (see alerts_protocol.ts). */

assert(parentPort !== null, 'the alerts thread is started as a worker');
const port = parentPort;
const origin = workerData as AlertsOrigin;
const reply = (message: AlertsReply) => port.postMessage(message);

const { pausesMs, timeoutMs, maxWaiting } = origin;
const queues = new Map(
  origin.webhooks.map((webhook) => {
    const { name } = webhook;
    const queue = new WebhookQueue({
      ...{ webhook, pausesMs, timeoutMs, maxWaiting, nowMs: Date.now },
      onOutcome: (outcome, reason) => reply({ kind: 'outcome', webhook: name, outcome, reason }),
      onWaiting: (count) => reply({ kind: 'waiting', webhook: name, count }),
    });
    return [name, queue];
  }),
);
const streams = new StreamAlerts({
  ...origin,
  nowMs: Date.now,
  onAlert: ({ rule, replay, key, text }) => reply({ kind: 'alert', rule, replay, key, text }),
  send: (webhook, alert) => queues.get(webhook)?.push(alert),
});

port.on('message', (request: AlertsRequest) => {
  if (request.kind === 'stream') streams.begin(request.id, request.stream);
  else if (request.kind === 'end') streams.end(request.id);
  else {
    streams.take(request.id, request.bins);
    reply({ kind: 'taken', bins: request.bins.length });
  }
});
