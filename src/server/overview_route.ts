import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { SessionOverview } from '../wire/index.ts';
import { clientGone } from './client_gone.ts';
import type { LiveServing } from './live/live_serving.ts';
import type { Overviews } from './overviews.ts';
import type { Servings } from './servings.ts';

/** Adds the overview of a serving version's session (docs/stream.md, "Overview"). */
export function addOverviewRoute(
  app: FastifyInstance,
  servings: Servings,
  overviews: Overviews,
  live: LiveServing | null,
): void {
  app.get(
    '/v1/servings/:serving/overview',
    async (request: FastifyRequest<{ Params: { serving: string } }>, reply): Promise<SessionOverview> => {
      const gone = clientGone(reply);
      const name = request.params.serving;
      const isLive = live?.serves(name) === true;
      const overview = isLive
        ? await live.overview(gone)
        : await overviews.of((await servings.resolve(name, gone)).spec, gone);
      // An alias may point elsewhere tomorrow; and what is not complete grows.
      reply.header('cache-control', 'no-cache');
      return overview;
    },
  );
}
