import type { FastifyInstance } from 'fastify';
import type { Metrics } from './metrics.ts';
import { type ReadinessParts, unreadyReasons } from './readiness.ts';

export interface OperationsOptions extends ReadinessParts {
  readonly metrics: Metrics;
}

/** Adds what watches over a server ask: whether it lives, whether it can work, and its metrics. */
export function addOperations(app: FastifyInstance, options: OperationsOptions): void {
  const { metrics, pool } = options;
  app.get('/health', async () => ({
    status: 'ok',
    stream_clients: app.websocketServer.clients.size,
    engines: pool.runningEngines,
    uptime_s: Math.round(process.uptime()),
  }));
  app.get('/ready', async (_request, reply) => {
    const reasons = await unreadyReasons(options);
    reply.header('cache-control', 'no-store').code(reasons.length === 0 ? 200 : 503);
    return { status: reasons.length === 0 ? 'ready' : 'not ready', reasons };
  });
  app.get('/metrics', async (_request, reply) => {
    reply.type(metrics.registry.contentType);
    return metrics.registry.metrics();
  });
}
