import type { FastifyInstance, FastifyRequest } from 'fastify';
import { SpymasterError } from '../../errors.ts';
import { type Lake, SpecFolder } from '../../lake/index.ts';
import {
  checkRequestSchema,
  maxSpecLength,
  type SavedSpec,
  type SpecCheck,
  type SpecList,
  type StartedSweep,
  saveRequestSchema,
  startRequestSchema,
} from '../../wire/index.ts';
import { clientGone } from '../client_gone.ts';
import { assertLake } from '../readiness.ts';
import { parsed } from './parsed.ts';
import type { PlanRequest } from './plan_answers.ts';
import type { PlanThread } from './plan_thread.ts';
import type { SweepLauncher } from './sweep_launcher.ts';

export interface SpecRoutesOptions {
  readonly lake: Lake;
  /** Folder of the experiment specs. */
  readonly folder: string;
  /** Null where the server cannot start sweeps. */
  readonly launcher: SweepLauncher | null;
  readonly thread: PlanThread;
}

/** Of a request: a spec with every character escaped. */
const bodyLimit = 6 * maxSpecLength + 1000;

type SpecRequest = FastifyRequest<{ Params: { name: string } }>;

/** Adds the specs of a folder: to read, to check, to save, and to run. */
export function addSpecRoutes(app: FastifyInstance, { lake, folder, launcher, thread }: SpecRoutesOptions): void {
  const specs = new SpecFolder(folder);
  const check = async (request: PlanRequest, signal: AbortSignal) =>
    (await thread.ask({ kind: 'check', ...request }, signal)) as SpecCheck;
  const sound = async (request: PlanRequest, signal: AbortSignal) => {
    const answer = await check(request, signal);
    if (answer.valid) return answer;
    const { code, message, line, column } = answer;
    const fields = { path: request.path, ...(line === null ? {} : { line }), ...(column === null ? {} : { column }) };
    throw new SpymasterError(code as SpymasterError['code'], message, fields);
  };

  app.get('/v1/specs', async (_request, reply): Promise<SpecList> => {
    reply.header('cache-control', 'no-store');
    return { folder: specs.folder, can_run: launcher !== null, specs: await specs.list() };
  });
  app.get('/v1/specs/:name', async (request: SpecRequest, reply) => {
    reply.header('cache-control', 'no-store');
    return await specs.read(request.params.name);
  });
  app.post('/v1/specs/:name', { bodyLimit }, async (request: SpecRequest, reply): Promise<SavedSpec> => {
    assertLake(lake);
    const { name } = request.params;
    const { text, etag } = parsed(saveRequestSchema, request.body, 'save the spec');
    const path = specs.pathOf(name);
    const { name: own } = await sound({ path, text }, clientGone(reply));
    if (own !== name) {
      throw new SpymasterError(
        'CONFIG_INVALID',
        `Cannot save ${path}: expected the name ${JSON.stringify(name)}, as the file is called, got ${JSON.stringify(own)}; rename one of them.`,
        { path, key: 'name', value: own },
      );
    }
    const saved: SavedSpec = { name, path, etag: await specs.save(name, text, etag) };
    request.log.info({ spec: name, path }, 'spec saved');
    return saved;
  });
  app.post('/v1/spec-check', { bodyLimit }, async (request, reply): Promise<SpecCheck> => {
    assertLake(lake);
    const { name, text } = parsed(checkRequestSchema, request.body, 'check the spec');
    return await check({ path: specs.pathOf(name), text }, clientGone(reply));
  });
  app.post('/v1/specs/:name/run', async (request: SpecRequest, reply): Promise<StartedSweep> => {
    assertLake(lake);
    const { etag, force, keep_going: keepGoing } = parsed(startRequestSchema, request.body, 'start the sweep');
    const spec = await specs.read(request.params.name);
    if (launcher === null) {
      throw new SpymasterError('USAGE', `Cannot start ${spec.name} here: run \`npx spymaster run ${spec.path}\`.`);
    }
    if (spec.etag !== etag) {
      throw new SpymasterError(
        'CHANGED',
        `Cannot start ${spec.name}: ${spec.path} was changed since it was opened; look at it again, and at its plan.`,
        { path: spec.path },
      );
    }
    const { name, cost, about } = await sound(spec, clientGone(reply));
    if (cost.refusal !== null)
      throw new SpymasterError(cost.refusal.code as SpymasterError['code'], cost.refusal.message);
    const { sweep_id: sweepId, signal_name: signalName } = cost;
    await launcher.start({ sweepId, experimentName: name, signalName, path: spec.path, force, keepGoing });
    request.log.info({ spec: name, sweepId, about }, 'sweep started');
    return { sweep_id: sweepId, experiment_name: name };
  });
}
