import type { FastifyInstance, FastifyRequest } from 'fastify';
import { SpymasterError } from '../../errors.ts';
import { cancelSweep, type Lake, readRunningSweeps, readSweepEnds } from '../../lake/index.ts';
import type { ChangesResponse, SweepsResponse } from '../../wire/index.ts';
import type { Access } from '../access.ts';
import { assertLake } from '../readiness.ts';
import { hasSweepLog, readSweepLog, type SweepLauncher } from './sweep_launcher.ts';

export interface SweepRoutesOptions {
  readonly lake: Lake;
  readonly access: Access;
  /** Null where the server cannot start sweeps. */
  readonly launcher: SweepLauncher | null;
}

type SweepRequest = FastifyRequest<{ Params: { sweep_id: string } }>;

/** Adds the routes of sweeps that run or ended, from the page or the command line. */
export function addSweepRoutes(app: FastifyInstance, { lake, access, launcher }: SweepRoutesOptions): void {
  app.get('/v1/changes', async (request, reply) =>
    reply.header('cache-control', 'no-store').send({ changes: access.changes(request) } satisfies ChangesResponse),
  );
  app.get('/v1/sweeps', async (_request, reply) => {
    assertLake(lake);
    const [running, ended] = await Promise.all([readRunningSweeps(lake, Date.now()), readSweepEnds(lake)]);
    const told = ended.map((end) => ({ ...end, has_log: hasSweepLog(lake, end.sweep_id) }));
    const starting = launcher?.starting ?? [];
    return reply.header('cache-control', 'no-store').send({ starting, running, ended: told } satisfies SweepsResponse);
  });
  app.get('/v1/sweeps/:sweep_id/log', async (request: SweepRequest, reply) => {
    const { sweep_id } = request.params;
    const text = await readSweepLog(lake, sweep_id);
    if (text === null) {
      const message = `The sweep ${sweep_id} has no log: it was not started from a page.`;
      throw new SpymasterError('NOT_FOUND', message, { sweep: sweep_id });
    }
    return reply.header('cache-control', 'no-store').type('text/plain; charset=utf-8').send(text);
  });
  app.post('/v1/sweeps/:sweep_id/cancel', async (request: SweepRequest) => {
    assertLake(lake);
    const { sweep_id } = request.params;
    const state = await cancelSweep(lake, sweep_id, Date.now());
    request.log.info({ sweepId: sweep_id, state }, 'sweep cancelled');
    return { sweep_id, state };
  });
}
