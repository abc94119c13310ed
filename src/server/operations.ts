import type { FastifyInstance } from 'fastify';
import type { Lake, ServingRegistry } from '../lake/index.ts';
import type { Metrics } from './metrics.ts';
import { unreadyReasons } from './readiness.ts';
import type { ServingPool } from './serving_pool.ts';

export interface OperationsOptions {
  readonly lake: Lake;
  readonly registry: ServingRegistry;
  readonly metrics: Metrics;
  readonly pool: ServingPool;
}

/** Adds what watches over a server ask: whether it lives, whether it can work, and its metrics. */
export function addOperations(app: FastifyInstance, { lake, registry, metrics, pool }: OperationsOptions): void {
  app.get('/health', async () => ({
    status: 'ok',
    stream_clients: app.websocketServer.clients.size,
    engines: pool.runningEngines,
    uptime_s: Math.round(process.uptime()),
  }));
  app.get('/ready', async (_request, reply) => {
    const reasons = await unreadyReasons(lake, registry, pool);
    reply.header('cache-control', 'no-store').code(reasons.length === 0 ? 200 : 503);
    return { status: reasons.length === 0 ? 'ready' : 'not ready', reasons };
  });
  app.get('/metrics', async (_request, reply) => {
    reply.type(metrics.registry.contentType);
    return metrics.registry.metrics();
  });
}
