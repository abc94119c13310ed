import { existsSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import fastifyStatic from '@fastify/static';
import fastifyWebsocket from '@fastify/websocket';
import {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  fastify,
  LogController,
} from 'fastify';
import { SpymasterError } from '../errors.ts';
import { type Lake, ServingRegistry } from '../lake/index.ts';
import { systemClock } from './clock.ts';
import type { EngineThreadData } from './engine_protocol.ts';
import { addExperimentRoutes } from './experiments.ts';
import { Metrics } from './metrics.ts';
import { addOpenApi } from './openapi.ts';
import { addOverviewRoute } from './overview_route.ts';
import { Overviews } from './overviews.ts';
import { ServingPool, type ServingPoolOptions } from './serving_pool.ts';
import { closeCode } from './stream_client.ts';
import { addStreamRoute, type StreamLimits } from './stream_route.ts';
import { Telemetry, type TelemetryOptions } from './telemetry.ts';

export interface ServerOptions {
  readonly lake: Lake;
  /** Address to listen on: 127.0.0.1 unless others shall reach it. */
  readonly host: string;
  /** Port to listen on; 0 takes any that is free. */
  readonly port: number;
  /** Folder of the built pages. */
  readonly webRoot: string;
  readonly logger?: FastifyBaseLogger;
  readonly telemetry?: TelemetryOptions;
  /** What tests make small. */
  readonly limits?: Partial<StreamLimits & Pick<ServingPoolOptions, 'cacheBytes' | 'maxEngines' | 'idleMs'>>;
  /** Starts an engine thread; the real one unless a test brings another. */
  readonly startThread?: ServingPoolOptions['startThread'];
}

/** A server that listens. */
export interface Server {
  /** `http://host:port`, as a browser takes it. */
  readonly address: string;
  readonly app: FastifyInstance;
  readonly pool: ServingPool;
  /** Closes streams (1001), engine threads, telemetry and registry. */
  close(): Promise<void>;
}

const defaultLimits = {
  maxClients: 256,
  maxBufferedBytes: 1 << 20,
  maxBlockedMs: 60_000,
  cacheBytes: 256 << 20,
  maxEngines: 4,
  idleMs: 60_000,
};

/** Largest WebSocket message that is read at all; larger ones close the connection with 1009. */
const maxPayloadBytes = 1 << 16;

/**
 * Starts the HTTP and WebSocket server of a lake (product.md, "Stream", "REST").
 * @throws PORT_TAKEN or USAGE when it cannot listen, and what the registry and the telemetry file throw
 */
export async function startServer(options: ServerOptions): Promise<Server> {
  const limits = { ...defaultLimits, ...options.limits };
  const metrics = new Metrics();
  const registry = new ServingRegistry(options.lake);
  const app = fastify({
    ...(options.logger === undefined ? {} : { loggerInstance: options.logger }),
    logController: new LogController({ disableRequestLogging: true }),
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 256 },
  });
  app.addHook('onClose', async () => registry.close());
  try {
    const telemetry =
      options.telemetry === undefined
        ? null
        : await Telemetry.open(options.telemetry, (summary) => app.log.info(summary, 'latency'));
    const pool = createPool(options, limits, metrics, app.log);
    app.addHook('onClose', async () => {
      await pool.close();
      await telemetry?.close();
    });
    await app.register(fastifyWebsocket, {
      options: { maxPayload: maxPayloadBytes },
      errorHandler: (error, _socket, request) => request.log.info({ err: error }, 'client broke the protocol'),
      preClose: closeSockets,
    });
    const { clock, boundHost } = { clock: systemClock, boundHost: options.host };
    addStreamRoute(app, { registry, pool, metrics, telemetry, clock, boundHost, limits });
    const overviews = new Overviews({
      startThread: (spec) => startThread('overview', { spec, lakeRoot: options.lake.root }),
      after: clock.after,
    });
    app.addHook('onClose', () => overviews.close());
    addOverviewRoute(app, registry, overviews);
    await addExperimentRoutes(app, { lake: options.lake, registry });
    await addOpenApi(app);
    addOperations(app, metrics, pool);
    await addPages(app, options.webRoot);
    shapeErrors(app);
    const address = await listen(app, options);
    return { address, app, pool, close: () => app.close() };
  } catch (error) {
    await app.close();
    throw error;
  }
}

function createPool(
  options: ServerOptions,
  limits: typeof defaultLimits,
  metrics: Metrics,
  log: FastifyBaseLogger,
): ServingPool {
  const { lake, startThread: startEngine } = options;
  const pool: ServingPool = new ServingPool({
    ...limits,
    startThread: startEngine ?? ((spec) => startEngineThread({ spec, lakeRoot: lake.root })),
    onMade: (servingId, _segment, tookMs) => {
      metrics.segments.inc({ serving_id: servingId });
      metrics.segmentTime.observe(tookMs / 1000);
      metrics.cacheBytes.set(pool.cache.bytes);
    },
    onNotice: (servingId, text) => log.warn({ servingId }, text),
    onCrash: (servingId, error) => {
      metrics.engineCrashes.inc({ serving_id: servingId });
      log.error({ err: error, servingId }, 'engine thread died');
    },
  });
  return pool;
}

/** Starts the thread that computes one serving version. */
export function startEngineThread(data: EngineThreadData): Worker {
  return startThread('engine', data);
}

function startThread(kind: 'engine' | 'overview', data: EngineThreadData): Worker {
  // Published packages hold JavaScript; checkouts run the source.
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  return new Worker(new URL(`./${kind}_thread.${extension}`, import.meta.url), {
    workerData: data,
    name: `${kind} ${data.spec.serving_id}`,
  });
}

/** Tells every client that the server goes away; those that do not answer are cut off. */
function closeSockets(this: FastifyInstance, done: () => void): void {
  const { clients } = this.websocketServer;
  for (const client of clients) client.close(closeCode.goingAway, 'the server is stopping');
  const cut = setTimeout(() => {
    for (const client of clients) client.terminate();
  }, 1000);
  this.websocketServer.close(() => clearTimeout(cut));
  done();
}

/** Health and metrics. */
function addOperations(app: FastifyInstance, metrics: Metrics, pool: ServingPool): void {
  app.get('/health', async () => ({
    status: 'ok',
    stream_clients: app.websocketServer.clients.size,
    engines: pool.runningEngines,
    uptime_s: Math.round(process.uptime()),
  }));
  app.get('/metrics', async (_request, reply) => {
    reply.type(metrics.registry.contentType);
    return metrics.registry.metrics();
  });
}

const pageNames = ['vacuum-pressure.html', 'experiments.html'];

/** The built pages; without them, a page that says how to build them. */
async function addPages(app: FastifyInstance, webRoot: string): Promise<void> {
  if (pageNames.some((page) => existsSync(join(webRoot, page)))) {
    await app.register(fastifyStatic, {
      root: webRoot,
      index: false,
      setHeaders: (reply, path) => {
        // Built assets carry a hash of their content in their names; pages do not.
        const isHashed = path.includes(`${join(webRoot, 'assets')}`);
        reply.header('cache-control', isHashed ? 'public, max-age=31536000, immutable' : 'no-cache');
        reply.header('x-content-type-options', 'nosniff');
      },
    });
    app.get('/', async (_request, reply) => reply.redirect('/vacuum-pressure.html'));
    return;
  }
  const explain = async (_request: FastifyRequest, reply: FastifyReply) =>
    reply
      .code(503)
      .type('text/html; charset=utf-8')
      .send(
        '<!doctype html><title>Spymaster</title><p>The server runs, but its pages are not built. ' +
          'Run <code>npm run build</code> and start it again.</p>',
      );
  app.get('/', explain);
  for (const page of pageNames) app.get(`/${page}`, explain);
}

/** One shape for every HTTP error: `{"error": {"code", "message"}}`. */
function shapeErrors(app: FastifyInstance): void {
  app.setNotFoundHandler(async (request, reply) =>
    reply
      .code(404)
      .send({ error: { code: 'NOT_FOUND', message: `There is nothing at ${request.url.slice(0, 200)}.` } }),
  );
  app.setErrorHandler(async (error: Error & { statusCode?: number }, request, reply) => {
    const status = error.statusCode ?? 500;
    if (status >= 500) request.log.error(error);
    const code = error instanceof SpymasterError ? error.code : status >= 500 ? 'UNEXPECTED' : 'USAGE';
    const message =
      status >= 500 && !(error instanceof SpymasterError) ? 'The server failed; its log says why.' : error.message;
    return reply.code(status).send({ error: { code, message } });
  });
}

async function listen(app: FastifyInstance, { host, port }: ServerOptions): Promise<string> {
  try {
    await app.listen({ host, port });
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE') {
      throw new SpymasterError(
        'PORT_TAKEN',
        `Cannot listen on ${host}:${port}: another program uses that port; stop it, or give another with --port.`,
        { host, port },
        cause,
      );
    }
    throw new SpymasterError('USAGE', `Cannot listen on ${host}:${port}: ${message}.`, { host, port }, cause);
  }
  const bound = app.addresses()[0] as AddressInfo | undefined;
  const name = host.includes(':') ? `[${host}]` : host;
  return `http://${name}:${bound?.port ?? port}`;
}
