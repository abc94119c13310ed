import type { FastifyInstance } from 'fastify';
import { present } from '../errors.ts';
import type { Metrics } from './metrics.ts';

/** Routes that are asked every few seconds by machines: their lines are for `--log-level debug`. */
const probes = new Set(['/health', '/ready', '/metrics']);
/** Routes whose answers last as long as their clients stay. */
const streams = new Set(['/v1/experiments/events', '/v1/vacuum-pressure/stream']);

/** A line in the log and a latency in the metrics for every HTTP request; the query is not logged. */
export function addHttpLog(app: FastifyInstance, metrics: Metrics): void {
  app.addHook('onResponse', async (request, reply) => {
    const { method, url, ip } = request;
    const route = request.routeOptions.url ?? 'none';
    const status = reply.statusCode;
    if (!streams.has(route)) metrics.http.observe({ method, route, status }, reply.elapsedTime / 1000);
    const line = {
      method,
      path: present(url.split('?', 1)[0]).slice(0, 200),
      status,
      ms: Math.round(reply.elapsedTime * 10) / 10,
      ip,
      // The client left before all of the answer was sent.
      ...(reply.raw.writableFinished ? {} : { cut: true }),
    };
    if (probes.has(route)) request.log.debug(line, 'request');
    else request.log.info(line, 'request');
  });
}
