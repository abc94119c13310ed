import type { FastifyInstance } from 'fastify';
import type { LiveServing } from './live_serving.ts';

/** Adds the state of what is recorded and streamed, `null` where nothing is (docs/stream.md, "Live"). */
export function addLiveRoute(app: FastifyInstance, live: LiveServing | null): void {
  app.get('/v1/live', async (_request, reply) => {
    // An answer of null would have no body.
    const text = JSON.stringify(live?.status() ?? null);
    return reply.header('cache-control', 'no-store').type('application/json').send(text);
  });
}
