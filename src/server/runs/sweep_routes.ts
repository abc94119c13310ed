import type { FastifyInstance, FastifyRequest } from 'fastify';
import { cancelSweep, type Lake, readRunningSweeps, readSweepEnds } from '../../lake/index.ts';
import type { ChangesResponse, SweepsResponse } from '../../wire/index.ts';
import type { Access } from '../access.ts';
import { assertLake } from '../readiness.ts';

export interface SweepRoutesOptions {
  readonly lake: Lake;
  readonly access: Access;
}

type SweepRequest = FastifyRequest<{ Params: { sweep_id: string } }>;

/** Adds the routes of sweeps that run or ended, from the page or the command line. */
export function addSweepRoutes(app: FastifyInstance, { lake, access }: SweepRoutesOptions): void {
  app.get('/v1/changes', async (request, reply) =>
    reply.header('cache-control', 'no-store').send({ changes: access.changes(request) } satisfies ChangesResponse),
  );
  app.get('/v1/sweeps', async (_request, reply) => {
    assertLake(lake);
    const [running, ended] = await Promise.all([readRunningSweeps(lake, Date.now()), readSweepEnds(lake)]);
    return reply.header('cache-control', 'no-store').send({ running, ended } satisfies SweepsResponse);
  });
  app.post('/v1/sweeps/:sweep_id/cancel', async (request: SweepRequest) => {
    assertLake(lake);
    const { sweep_id } = request.params;
    const state = await cancelSweep(lake, sweep_id, Date.now());
    request.log.info({ sweepId: sweep_id, state }, 'sweep cancelled');
    return { sweep_id, state };
  });
}
