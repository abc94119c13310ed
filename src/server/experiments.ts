import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ZodType } from 'zod';
import { SpymasterError } from '../errors.ts';
import type { Lake, ResolvedServing, ServingRegistry } from '../lake/index.ts';
import { documentQuerySchema, outcomesQuerySchema, runsQuerySchema, tableQuerySchema } from '../wire/index.ts';
import { clientGone } from './client_gone.ts';
import type { ExperimentsRequest } from './experiments_answers.ts';
import { ExperimentsEvents } from './experiments_events.ts';
import { OutcomeService, type OutcomesRequest } from './experiments_outcomes.ts';
import { ResultsVersion } from './experiments_version.ts';
import { KeptBodies } from './kept_bodies.ts';
import { assertLake } from './readiness.ts';
import type { Body } from './thread_answers.ts';
import { ThreadQueue } from './thread_queue.ts';
import { startRestThread } from './threads.ts';

export interface ExperimentRoutesOptions {
  readonly lake: Lake;
  readonly registry: ServingRegistry;
  /** Event streams that may be followed at once. */
  readonly maxListeners: number;
  readonly onListeners: (count: number) => void;
}

/** Comparisons that may wait for the thread. */
const maxWaiting = 64;
/** Memory for comparisons that nothing has changed since. */
const keptBytes = 64 << 20;

type ServingRequest = FastifyRequest<{ Params: { serving: string } }>;
type RunRequest = FastifyRequest<{ Params: { run_id: string } }>;

/** What other routes ask the results. */
export interface ExperimentsService {
  /** What a name of a serving stands for (`resolveServing`); rejects with what the thread reports, and the signal's reason. */
  resolveServing(name: string, signal: AbortSignal): Promise<ResolvedServing>;
}

/** Adds the REST of experiments (product.md, "REST"): results to read, and an event stream that tells when they grow. */
export async function addExperimentRoutes(
  app: FastifyInstance,
  options: ExperimentRoutesOptions,
): Promise<ExperimentsService> {
  const { lake, registry } = options;
  const thread = new ThreadQueue<ExperimentsRequest, object>({
    does: 'compares runs',
    start: () => startRestThread('experiments', lake),
    maxWaiting,
    idleMs: null,
  });
  const outcomes = new OutcomeService(lake);
  const versions = new ResultsVersion(lake, registry);
  const kept = new KeptBodies(keptBytes);
  const events = new ExperimentsEvents({ ...options, versions, log: app.log });
  let ended: Promise<unknown> = Promise.resolve();
  app.addHook('preClose', async () => {
    events.close();
    // Threads end while clients are let go; requests that wait for them are answered.
    ended = Promise.all([outcomes.close(), thread.close()]);
  });
  app.addHook('onClose', async () => {
    await ended;
  });

  /** The thread's answer; equal requests share it while no result is added and no alias moved. */
  const askFor = async <Answer extends object>(request: ExperimentsRequest, gone: AbortSignal): Promise<Answer> => {
    const key = `${await versions.current()} ${JSON.stringify(request)}`;
    return (await thread.ask(key, request, gone)) as Answer;
  };
  const ask = <Answer extends object>(request: ExperimentsRequest, reply: FastifyReply): Promise<Answer> =>
    askFor(request, clientGone(reply));
  /** As `ask`; the answer is kept until results change. */
  const askOnce = async (request: ExperimentsRequest, reply: FastifyReply): Promise<Body> => {
    const gone = clientGone(reply);
    const key = `${await versions.current()} ${JSON.stringify(request)}`;
    const body = kept.get(key) ?? ((await thread.ask(key, request, gone)) as Body);
    kept.set(key, body);
    return body;
  };
  const trades = async (request: RunRequest, reply: FastifyReply, of: OutcomesRequest['of']) => {
    const { threshold, session } = checked(outcomesQuerySchema, request.query, `list ${of}`);
    const gone = clientGone(reply);
    const known = await ask<Pick<OutcomesRequest, 'meta' | 'executed'>>(
      { kind: 'meta', runId: request.params.run_id },
      reply,
    );
    return send(reply, await outcomes.of({ ...known, of, threshold, session }, gone));
  };
  await app.register(async (routes) => {
    routes.addHook('preHandler', async () => assertLake(lake));
    routes.get('/v1/experiments/runs', async (request, reply) => {
      const query = checked(runsQuerySchema, request.query, 'list runs');
      return send(reply, await askOnce({ kind: 'runs', query }, reply));
    });
    routes.get('/v1/experiments/document', async (request, reply) => {
      const { experiment } = checked(documentQuerySchema, request.query, 'report on an experiment');
      const today = new Date().toISOString().slice(0, 10);
      reply.header('vary', 'accept-encoding');
      const acceptsGzip = gzipAccepted(request);
      return send(reply, await askOnce({ kind: 'document', experiment, today, acceptsGzip }, reply));
    });
    routes.get('/v1/experiments/table', async (request, reply) => {
      const query = checked(tableQuerySchema, request.query, 'list the table of runs');
      reply.header('vary', 'accept-encoding');
      return send(reply, await ask<Body>({ kind: 'table', query, acceptsGzip: gzipAccepted(request) }, reply));
    });
    routes.get('/v1/experiments/runs/:run_id/detail', async (request: RunRequest, reply) =>
      send(reply, await ask<Body>({ kind: 'detail', runId: request.params.run_id }, reply)),
    );
    routes.get('/v1/experiments/runs/:run_id/outcomes', async (request: RunRequest, reply) => {
      return await trades(request, reply, 'outcomes');
    });
    routes.get('/v1/experiments/runs/:run_id/execution', async (request: RunRequest, reply) =>
      send(reply, await ask<Body>({ kind: 'execution', runId: request.params.run_id }, reply)),
    );
    routes.get('/v1/experiments/runs/:run_id/orders', async (request: RunRequest, reply) => {
      return await trades(request, reply, 'orders');
    });
    routes.get('/v1/servings', async (_request, reply) => send(reply, await ask<Body>({ kind: 'servings' }, reply)));
    routes.get('/v1/experiments', async (_request, reply) =>
      send(reply, await ask<Body>({ kind: 'experiments' }, reply)),
    );
    routes.get('/v1/servings/:serving', async (request: ServingRequest, reply) =>
      send(reply, await ask<Body>({ kind: 'serving_info', name: request.params.serving }, reply)),
    );
    routes.get('/v1/experiments/events', (request, reply) => events.follow(request, reply));
  });
  return { resolveServing: (name, signal) => askFor({ kind: 'serving', name }, signal) };
}

function gzipAccepted({ headers }: FastifyRequest): boolean {
  return /\bgzip\b/.test(String(headers['accept-encoding'] ?? ''));
}

/** The same bytes as a Buffer, not copied. */
function viewOf({ buffer, byteOffset, byteLength }: Uint8Array<ArrayBuffer>): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}

function send(reply: FastifyReply, { body, encoding }: Body): FastifyReply {
  if (encoding !== null) reply.header('content-encoding', encoding);
  return reply.header('cache-control', 'no-store').type('application/json; charset=utf-8').send(viewOf(body));
}

/** A query that its schema lets pass. @throws USAGE, which names the parameter */
function checked<T>(schema: ZodType<T>, query: unknown, action: string): T {
  const parsed = schema.safeParse(query);
  if (parsed.success) return parsed.data;
  const why = parsed.error.issues.map(({ path, message }) =>
    path.length === 0 ? message : `${path.join('.')}: ${message}`,
  );
  throw new SpymasterError('USAGE', `Cannot ${action}: ${why.join('; ')}.`, {
    key: String(parsed.error.issues[0]?.path[0] ?? ''),
  });
}
