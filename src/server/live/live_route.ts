import type { FastifyInstance } from 'fastify';
import { SpymasterError } from '../../errors.ts';
import type { LiveStatus } from '../../wire/index.ts';
import type { LiveServing } from './live_serving.ts';

/** Adds the state of what is recorded and streamed (docs/stream.md, "Live"). */
export function addLiveRoute(app: FastifyInstance, live: LiveServing | null): void {
  app.get('/v1/live', async (_request, reply): Promise<LiveStatus> => {
    reply.header('cache-control', 'no-store');
    if (live === null) {
      throw new SpymasterError('NOT_FOUND', 'Nothing is streamed live here: start the server with serve --live.');
    }
    return live.status();
  });
}
