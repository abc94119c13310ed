import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type ErrorCode, SpymasterError } from '../errors.ts';
import type { ServingRegistry } from '../lake/index.ts';
import type { SessionOverview } from '../wire/index.ts';
import type { Overviews } from './overviews.ts';

/** HTTP status of errors that a request can cause; all others are the server's. */
const statuses: Partial<Record<ErrorCode, number>> = { SERVING_UNKNOWN: 404, FILE_NOT_FOUND: 404 };

/** Adds the overview of a serving version's session (docs/stream.md, "Overview"). */
export function addOverviewRoute(app: FastifyInstance, registry: ServingRegistry, overviews: Overviews): void {
  app.get(
    '/v1/servings/:serving/overview',
    async (request: FastifyRequest<{ Params: { serving: string } }>, reply): Promise<SessionOverview | undefined> => {
      try {
        const { spec } = registry.resolve(request.params.serving);
        const overview = await overviews.of(spec);
        // An alias may point elsewhere tomorrow; and what is not complete grows.
        reply.header('cache-control', 'no-cache');
        return overview;
      } catch (error) {
        if (!(error instanceof SpymasterError)) throw error;
        const status = statuses[error.code] ?? 500;
        if (status >= 500) request.log.error(error);
        return reply
          .code(status)
          .send({ error: { code: error.code, message: error.message, fields: error.fields } }) as unknown as undefined;
      }
    },
  );
}
