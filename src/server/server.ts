import type { AddressInfo, Socket } from 'node:net';
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
import { type Lake, runningPlans, ServingRegistry } from '../lake/index.ts';
import { addAccess, newToken } from './access.ts';
import { addAlertsRoute } from './alerts/alerts_route.ts';
import { type AlertsOptions, ServerAlerts } from './alerts/server_alerts.ts';
import { refuseBrokenRequest, refuseHandshake } from './broken_request.ts';
import { systemClock } from './clock.ts';
import { usualMaxListeners } from './event_stream.ts';
import { addExperimentRoutes } from './experiments.ts';
import { sendError } from './http_errors.ts';
import { addHttpLog } from './http_log.ts';
import { addLiveRoute } from './live/live_route.ts';
import { type LiveOptions, startLive } from './live/start_live.ts';
import { Metrics } from './metrics.ts';
import { addOpenApi } from './openapi.ts';
import { addOperations } from './operations.ts';
import { isLoopback } from './origin.ts';
import { addOverviewRoute } from './overview_route.ts';
import { Overviews } from './overviews.ts';
import { addPages } from './pages.ts';
import { PlanThread } from './runs/plan_thread.ts';
import { addServingRoutes } from './runs/serving_routes.ts';
import { addSpecRoutes } from './runs/spec_routes.ts';
import { SweepLauncher } from './runs/sweep_launcher.ts';
import { addSweepRoutes } from './runs/sweep_routes.ts';
import { addSecurityHeaders, securityHeaders } from './security_headers.ts';
import { ServingPool, type ServingPoolOptions } from './serving_pool.ts';
import { Servings, servingLabel } from './servings.ts';
import { closeCode } from './stream_client.ts';
import { addStreamRoute, type StreamLimits } from './stream_route.ts';
import { Telemetry, type TelemetryOptions } from './telemetry.ts';
import { startAlertsThread, startEngineThread, startOverviewThread } from './threads.ts';
import { knowSignal, signalStallMs } from './user_signal.ts';

export interface ServerOptions {
  readonly lake: Lake;
  /** Address to listen on: 127.0.0.1 unless others shall reach it. */
  readonly host: string;
  /** Port to listen on; 0 takes any that is free. */
  readonly port: number;
  /** Lets `host` be more than this machine; every request then needs the token that the server makes. */
  readonly allowRemote?: boolean;
  /** Lets those who have the token change something too where `host` is more than this machine. */
  readonly allowRemoteChanges?: boolean;
  /** Folder of the built pages. */
  readonly webRoot: string;
  /** Folder of the experiment specs that pages edit; the lake's without it. */
  readonly specFolder?: string;
  /** Program and arguments before `run`, by which pages start sweeps; without it they cannot. */
  readonly runCommand?: readonly string[];
  readonly logger?: FastifyBaseLogger;
  /** Version of the program, for the metrics. */
  readonly version?: string;
  readonly telemetry?: TelemetryOptions;
  /** A version that is streamed on a market which is recorded meanwhile. */
  readonly live?: LiveOptions;
  /** Rules of alerts, and the webhooks that are told. */
  readonly alerts?: AlertsOptions;
  /** What tests make small. */
  readonly limits?: Partial<
    StreamLimits &
      Pick<ServingPoolOptions, 'cacheBytes' | 'maxEngines' | 'idleMs'> & {
        readonly maxListeners: number;
        /** How long a bin of a user's signal may take. */
        readonly signalStallMs: number;
      }
  >;
  /** Starts an engine thread; the real one unless a test brings another. */
  readonly startThread?: ServingPoolOptions['startThread'];
}

/** A server that listens. */
export interface Server {
  /** `http://host:port`, as a browser takes it. */
  readonly address: string;
  /** What requests have to bring; null where only this machine can ask. */
  readonly token: string | null;
  /** What changes have to bring; null where they are not allowed. */
  readonly changeToken: string | null;
  readonly app: FastifyInstance;
  readonly pool: ServingPool;
  /** Closes streams (1001), engine threads, telemetry and registry. */
  close(): Promise<void>;
}

const defaultLimits = {
  maxClients: 256,
  /** Followers of the experiments event stream. */
  maxListeners: usualMaxListeners,
  maxBufferedBytes: 1 << 20,
  maxBlockedMs: 60_000,
  cacheBytes: 256 << 20,
  maxEngines: 4,
  idleMs: 60_000,
  signalStallMs,
};

/** Largest WebSocket message that is read at all; larger ones close the connection with 1009. */
const maxPayloadBytes = 1 << 16;

/** Connections at once, streams included. */
const maxConnections = 1024;
/** A connection on which nothing moves for this long is cut; streams over WebSocket have their own rules. */
const silentMs = 600_000;
/** How long clients may take to close when the server ends. */
const cutOffMs = 1000;
/** How long reading the registry waits for another process that writes it: nothing else is answered meanwhile. */
const registryBusyMs = 1000;

/**
 * Starts the HTTP and WebSocket server of a lake (product.md, "Stream", "REST").
 * @throws PORT_TAKEN or USAGE when it cannot listen, or may not listen on more than this machine, and what the registry and the telemetry file throw
 */
export async function startServer(options: ServerOptions): Promise<Server> {
  const limits = { ...defaultLimits, ...options.limits };
  assertReach(options);
  const token = newToken();
  const guardsReads = !isLoopback(options.host);
  const allowsChanges = !guardsReads || options.allowRemoteChanges === true;
  const metrics = new Metrics(options.version ?? 'unknown');
  metrics.followFleet(() => runningPlans(options.lake, Date.now()));
  const registry = new ServingRegistry(options.lake, registryBusyMs);
  const app = fastify({
    ...(options.logger === undefined ? {} : { loggerInstance: options.logger }),
    logController: new LogController({ disableRequestLogging: true }),
    forceCloseConnections: true,
    connectionTimeout: silentMs,
    // A request without a host is refused as one with a wrong host is.
    http: { requireHostHeader: false },
    clientErrorHandler: refuseBrokenRequest,
    frameworkErrors: (error, request, reply) => {
      endRefusedUpgrade(request, reply);
      sendError(error, request, reply.headers(securityHeaders));
    },
    routerOptions: { maxParamLength: 256 },
  });
  app.addHook('onClose', async () => registry.close());
  try {
    shapeErrors(app);
    boundConnections(app);
    addHttpLog(app, metrics);
    addSecurityHeaders(app);
    const access = addAccess(app, {
      ...{ boundHost: options.host, token, guardsReads, allowsChanges },
      onRefused: (code) => metrics.refusals.inc({ code }),
    });
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
      // Bins are written past the library, which must hold nothing back to compress it.
      options: { maxPayload: maxPayloadBytes, perMessageDeflate: false },
      errorHandler: (error, _socket, request) => request.log.info({ err: error }, 'client broke the protocol'),
      preClose: closeSockets,
    });
    app.websocketServer.on('wsClientError', refuseHandshake);
    const { lake } = options;
    const clock = systemClock;
    const overviews = new Overviews({
      startThread: (spec) => startOverviewThread({ spec, lakeRoot: lake.root }),
      after: clock.after,
    });
    app.addHook('onClose', () => overviews.close());
    const onListeners = (count: number) => metrics.listeners.set(count);
    const { maxListeners } = limits;
    const { resolveServing } = await addExperimentRoutes(app, { lake, registry, maxListeners, onListeners });
    const servings = new Servings({ lake, registry, resolveServing });
    const alerts =
      options.alerts === undefined
        ? null
        : new ServerAlerts(options.alerts, { metrics, log: app.log, start: startAlertsThread });
    app.addHook('onClose', () => alerts?.close());
    const parts = { registry, cache: pool.cache, metrics, log: app.log, signalStallMs: limits.signalStallMs, alerts };
    if (options.live !== undefined) await knowSignal(lake, registry.resolve(options.live.serving).spec);
    const live = options.live === undefined ? null : startLive(app, options.live, parts);
    addStreamRoute(app, { servings, pool, live, alerts, metrics, telemetry, clock, limits });
    addOverviewRoute(app, servings, overviews, live);
    addLiveRoute(app, live);
    addAlertsRoute(app, options.alerts?.spec ?? null);
    const launcher = options.runCommand === undefined ? null : new SweepLauncher(lake, options.runCommand);
    addSweepRoutes(app, { lake, access, launcher });
    const thread = new PlanThread(lake);
    app.addHook('onClose', () => thread.close());
    addServingRoutes(app, { lake, registry, thread });
    addSpecRoutes(app, { lake, launcher, thread, folder: options.specFolder ?? lake.specs('experiments') });
    await addOpenApi(app);
    addOperations(app, { lake, registry, metrics, pool, live });
    await addPages(app, options.webRoot);
    const address = await listen(app, options);
    const tokens = { token: guardsReads ? token : null, changeToken: allowsChanges ? token : null };
    return { address, ...tokens, app, pool, close: () => app.close() };
  } catch (error) {
    await app.close();
    throw error;
  }
}

/** @throws USAGE for a host that others reach, unless that is allowed */
function assertReach({ host, allowRemote }: ServerOptions): void {
  if (isLoopback(host) || allowRemote === true) return;
  throw new SpymasterError(
    'USAGE',
    `Cannot listen on ${host}: others reach that address; add --allow-remote if they shall (the server then asks for a ` +
      'token), or leave --host out.',
    { host },
  );
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
    startThread: startEngine ?? ((spec) => startEngineThread({ spec, lakeRoot: lake.root }, limits.signalStallMs)),
    onMade: (servingId, _segment, tookMs) => {
      metrics.segments.inc({ serving_id: servingLabel(servingId) });
      metrics.segmentTime.observe(tookMs / 1000);
      metrics.cacheBytes.set(pool.cache.bytes);
    },
    onNotice: (servingId, text) => log.warn({ servingId }, text),
    onCrash: (servingId, error) => {
      metrics.engineCrashes.inc({ serving_id: servingLabel(servingId) });
      log.error({ err: error, servingId }, 'engine thread died');
    },
  });
  return pool;
}

/** Tells every client that the server goes away. */
function closeSockets(this: FastifyInstance, done: () => void): void {
  for (const client of this.websocketServer.clients) client.close(closeCode.goingAway, 'the server is stopping');
  this.websocketServer.close();
  done();
}

/** A connection that asked for an upgrade and was refused is HTTP's no more: no handler would read from it or close it. */
function endRefusedUpgrade({ raw, headers }: FastifyRequest, reply: FastifyReply): void {
  if (headers.upgrade !== undefined) reply.raw.once('finish', () => raw.socket.destroySoon());
}

/**
 * Lets no connection outlive its answer or the server; clients that do not close when the server ends are cut off.
 */
function boundConnections(app: FastifyInstance): void {
  const sockets = new Set<Socket>();
  app.server.maxConnections = maxConnections;
  app.server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  app.addHook('onRequest', async (request, reply) => endRefusedUpgrade(request, reply));
  app.addHook('preClose', async () => {
    setTimeout(() => {
      for (const socket of sockets) socket.destroy();
    }, cutOffMs).unref();
  });
}

/** One shape for every HTTP error (`sendError`), of routes that do not exist too. */
function shapeErrors(app: FastifyInstance): void {
  app.setNotFoundHandler(async (request, reply) => {
    if (request.method === 'GET' || request.method === 'HEAD') {
      return sendError(
        new SpymasterError('NOT_FOUND', `There is nothing at ${request.url.slice(0, 200)}.`),
        request,
        reply,
      );
    }
    const message = `Cannot ${request.method} here: this server answers GET and HEAD.`;
    reply.header('allow', 'GET, HEAD');
    return sendError(new SpymasterError('METHOD_NOT_ALLOWED', message), request, reply);
  });
  app.setErrorHandler(async (error, request, reply) => sendError(error, request, reply));
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
