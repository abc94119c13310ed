import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { WebSocket } from 'ws';
import { captureOf } from '../config/index.ts';
import { present, SpymasterError } from '../errors.ts';
import type { ResolvedServing } from '../lake/index.ts';
import type { Channel } from '../wire/index.ts';
import type { AlertSink, ServerAlerts } from './alerts/server_alerts.ts';
import { ClientGone } from './client_gone.ts';
import type { LiveServing } from './live/live_serving.ts';
import type { LiveSession } from './live/live_session.ts';
import type { Metrics } from './metrics.ts';
import { type Clock, type Pace, Playback } from './playback.ts';
import { runtimeConfigMessage } from './runtime_config.ts';
import { type Segment, segmentBins, segmentChannel, segmentText, segmentTiming } from './segment.ts';
import type { Lease, ServingPool } from './serving_pool.ts';
import { type Servings, servingLabel } from './servings.ts';
import { closeCode, listenForControls, refuse, socketSink, watchLiveness } from './stream_client.ts';
import type { Telemetry } from './telemetry.ts';

const decoder = new TextDecoder();

export const streamPath = '/v1/vacuum-pressure/stream';

/** What a server lets its stream clients cost. */
export interface StreamLimits {
  readonly maxClients: number;
  /** Unread bytes of one client above which its playback waits. */
  readonly maxBufferedBytes: number;
  /** How long a client may leave them unread. */
  readonly maxBlockedMs: number;
}

export interface StreamRouteOptions {
  readonly servings: Servings;
  readonly pool: ServingPool;
  /** What is recorded and streamed while it grows; null where nothing is. */
  readonly live: LiveServing | null;
  /** Watches for alerts; null where there are no rules. */
  readonly alerts: ServerAlerts | null;
  readonly metrics: Metrics;
  readonly telemetry: Telemetry | null;
  readonly clock: Clock;
  readonly limits: StreamLimits;
}

/** Adds the stream (product.md, "Stream"). */
export function addStreamRoute(app: FastifyInstance, options: StreamRouteOptions): void {
  let clients = 0;
  let lastClientId = 0;
  app.route({
    method: 'GET',
    url: streamPath,
    handler: async (_request, reply) => {
      reply.header('upgrade', 'websocket');
      throw new SpymasterError('PROTOCOL', `${streamPath} is a WebSocket; open it with ws://, not http://.`);
    },
    wsHandler: (socket, request) => {
      clients++;
      socket.once('close', () => clients--);
      try {
        if (clients > options.limits.maxClients) {
          throw new SpymasterError(
            'TOO_BUSY',
            `Cannot stream to more than ${options.limits.maxClients} clients at once.`,
          );
        }
        admit(socket, request, ++lastClientId, options);
      } catch (error) {
        refuseFor(error, socket, request, options.metrics);
      }
    },
  });
}

/** The one query parameter; throws PROTOCOL for anything else (strict parity). */
export function servingOf(url: string): string {
  const query = new URL(url, 'ws://localhost').searchParams;
  const others = [...query.keys()].filter((key) => key !== 'serving');
  const names = query.getAll('serving');
  if (others.length === 0 && names.length === 1 && names[0] !== '') return present(names[0]);
  const got =
    others.length > 0
      ? `also ${JSON.stringify(present(others[0]).slice(0, 60))}; what is streamed depends on the published version alone`
      : `${names.length === 1 ? 'an empty one' : names.length}`;
  throw new SpymasterError(
    'PROTOCOL',
    `Cannot open the stream: expected one query parameter, serving=<alias or id>, got ${got}.`,
  );
}

function refuseFor(error: unknown, socket: WebSocket, request: FastifyRequest, metrics: Metrics): void {
  if (!(error instanceof SpymasterError)) {
    request.log.error(error);
    metrics.refusals.inc({ code: 'UNEXPECTED' });
    refuse(socket, closeCode.internal, 'The server failed; its log says why.');
    return;
  }
  request.log.info({ code: error.code, url: request.url }, error.message);
  metrics.refusals.inc({ code: error.code });
  refuse(socket, error.code === 'TOO_BUSY' ? closeCode.tryLater : closeCode.policy, error.message);
}

/** What a client is sent the bins of: a published version or session, or what is being recorded. */
interface Streamed {
  readonly serving: ResolvedServing;
  readonly session: LiveSession | null;
}

function streamedOf(
  name: string,
  { servings, live }: StreamRouteOptions,
  signal: AbortSignal,
): Streamed | Promise<Streamed> {
  if (live?.serves(name) === true) {
    return live.session(signal).then((session) => ({
      serving: { servingId: session.spec.serving_id, servingName: name, spec: session.spec },
      session,
    }));
  }
  const serving = servings.resolve(name, signal);
  return serving instanceof Promise
    ? serving.then((resolved) => ({ serving: resolved, session: null }))
    : { serving, session: null };
}

/** Opens the stream, at once or when its name is resolved; what the client sends before that waits. */
function admit(socket: WebSocket, request: FastifyRequest, clientId: number, options: StreamRouteOptions): void {
  const gone = new AbortController();
  const streamed = streamedOf(servingOf(request.raw.url ?? ''), options, gone.signal);
  if (!(streamed instanceof Promise)) {
    openStream(streamed, socket, request, clientId, options);
    return;
  }
  const connection = request.raw.socket;
  const leave = () => gone.abort(new ClientGone('the client went away'));
  connection.once('close', leave);
  socket.pause();
  streamed
    .then((resolved) => {
      connection.off('close', leave);
      socket.resume();
      if (socket.readyState === socket.OPEN) openStream(resolved, socket, request, clientId, options);
    })
    .catch((error: unknown) => {
      if (error instanceof ClientGone) return;
      socket.resume();
      refuseFor(error, socket, request, options.metrics);
    });
}

function openStream(
  { serving, session }: Streamed,
  socket: WebSocket,
  request: FastifyRequest,
  clientId: number,
  options: StreamRouteOptions,
): void {
  const { pool, alerts, metrics, clock, limits } = options;
  const { servingId, spec } = serving;
  const { cell_width_ms } = spec.runtime_snapshot;
  const capture = captureOf(spec.runtime_snapshot);
  const lease: Lease = session === null ? pool.acquire(spec) : { source: session.source, release: () => {} };
  const log = request.log.child({ clientId, servingId });
  let channels: readonly Channel[] = [];
  // A live stream is watched once, at its head.
  const sink = session === null && alerts?.sendsReplays === true ? alerts.stream(servingId, spec) : null;
  /** Alerts of a replay are made of the events that it sends, subscribed or not. */
  const watched: readonly Channel[] = sink === null ? [] : ['events'];
  const observe = deliveryObserver(clientId, serving, session, options);
  const playback = new Playback({
    source: lease.source,
    clock,
    cellWidthMs: cell_width_ms,
    startNs: capture.startNs,
    maxBufferedBytes: limits.maxBufferedBytes,
    maxBlockedMs: limits.maxBlockedMs,
    growing: session?.source,
    sink: socketSink({
      socket,
      connection: request.raw.socket,
      channels: () => channels,
      onSent: (segment, offset, pace) => {
        observe(segment, offset, pace);
        if (sink !== null) watchSent(sink, segment, offset);
      },
      onFailed: (error) => {
        const code = error instanceof SpymasterError ? error.code : 'UNEXPECTED';
        metrics.refusals.inc({ code });
        log.warn({ err: error }, 'stream ended by an error');
      },
    }),
  });
  const label = { serving_id: servingLabel(servingId) };
  metrics.clients.inc(label);
  socket.once('close', (code: number) => {
    playback.stop();
    lease.release();
    sink?.end();
    metrics.clients.dec(label);
    log.info({ code }, 'client left');
  });
  log.info({ serving: serving.servingName }, 'client connected');
  watchLiveness(socket);
  listenForControls(socket, clock, (control) => {
    metrics.controls.inc({ action: control.action });
    if (control.action === 'subscribe') {
      channels = control.channels;
      playback.want([...new Set([...channels, ...watched])]);
    } else playback.control(control);
  });
  socket.send(JSON.stringify(runtimeConfigMessage(spec, serving.servingName, session?.facts)));
  playback.want(watched);
  playback.start();
}

function watchSent(sink: AlertSink, segment: Segment, offset: number): void {
  const text = decoder.decode(segmentText(segment, offset));
  sink.take([{ text, events: decoder.decode(segmentChannel(segment, offset, 'events')) }]);
}

/** Counts what one client is sent, and measures it where telemetry is on. */
function deliveryObserver(
  clientId: number,
  { servingId, spec }: ResolvedServing,
  session: LiveSession | null,
  { metrics, telemetry, clock }: StreamRouteOptions,
): (segment: Segment, offset: number, pace: Pace) => void {
  const { startNs } = captureOf(spec.runtime_snapshot);
  const cellNs = BigInt(spec.runtime_snapshot.cell_width_ms) * 1_000_000n;
  const label = { serving_id: servingLabel(servingId) };
  const bins = metrics.bins.labels(label);
  const bytes = metrics.bytes.labels(label);
  return (segment, offset, pace) => {
    bins.inc();
    bytes.inc(segment.frameBytes + segmentText(segment, offset).byteLength);
    const handedMs = clock.nowMs();
    metrics.lateness.observe((handedMs - pace.dueMs) / 1000);
    if (pace.blockedMs > 0) metrics.blocked.observe(pace.blockedMs / 1000);
    if (telemetry === null) return;
    const binSeq = segment.index * segmentBins + offset;
    const toUnixMs = performance.timeOrigin;
    telemetry.record({
      clientId,
      servingId,
      binSeq,
      tsNs: startNs + BigInt(binSeq + 1) * cellNs,
      eventCount: segment.eventCounts[offset] ?? 0,
      timing: segmentTiming(segment, offset),
      dueMs: toUnixMs + pace.dueMs,
      sentMs: toUnixMs + handedMs,
      blockedMs: pace.blockedMs,
      receivedMs: session?.source.receivedMs(binSeq) ?? Number.NaN,
      readMs: session?.source.readMs(binSeq) ?? Number.NaN,
    });
  };
}
