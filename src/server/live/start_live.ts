import type { FastifyBaseLogger, FastifyInstance } from 'fastify';
import type { ProductType } from '../../config/index.ts';
import type { ServingRegistry } from '../../lake/index.ts';
import type { AlertSink, ServerAlerts } from '../alerts/server_alerts.ts';
import type { Metrics } from '../metrics.ts';
import type { SegmentCache } from '../segment_cache.ts';
import { servingLabel } from '../servings.ts';
import { startEngineThread, startHeadThread } from '../threads.ts';
import { LiveServing } from './live_serving.ts';
import type { LiveSession } from './live_session.ts';
import type { RecordingSink } from './recording.ts';

/** What is recorded for a live stream. */
export interface RecordingTarget {
  readonly productType: ProductType;
  readonly symbol: string;
}

/** A published version on a market that is still open. */
export interface LiveOptions {
  /** Alias or id of the version. */
  readonly serving: string;
  /** Another contract of the version's product; the version's own without it. */
  readonly symbol?: string;
  /** Starts what records, which tells the sink what it does; called once. The answer ends it. */
  readonly record: (target: RecordingTarget, sink: RecordingSink) => { close(): Promise<void> };
}

export interface LiveParts {
  readonly registry: ServingRegistry;
  readonly cache: SegmentCache;
  readonly metrics: Metrics;
  /** How long a bin of a user's signal may take. */
  readonly signalStallMs: number;
  readonly log: FastifyBaseLogger;
  readonly alerts: ServerAlerts | null;
}

/** Starts the live stream of a server, which ends with it; the version's signal is known to this thread. Throws what resolving the version throws, and USAGE for a contract of another product. */
export function startLive(app: FastifyInstance, options: LiveOptions, parts: LiveParts): LiveServing {
  const { registry, cache, metrics, log, signalStallMs, alerts } = parts;
  const sinks = new WeakMap<LiveSession, AlertSink>();
  const version = registry.resolve(options.serving);
  const { product_type: productType, symbol: published } = version.spec.runtime_snapshot;
  const symbol = options.symbol ?? published;
  const origin = ({ spec, recording }: Pick<LiveSession, 'spec' | 'recording'>) => ({ spec, path: recording.path });
  const live = new LiveServing({
    ...{ version, symbol, cache },
    startHead: (session) =>
      startHeadThread({ ...origin(session), writes: session.recording.writes ?? null }, signalStallMs),
    startPast: (session) => startEngineThread(origin(session), signalStallMs),
    onDelay: (delayMs) => metrics.liveDelay.observe(delayMs / 1000),
    ...(alerts !== null && {
      onBins: (session, bins) => {
        const sink = sinks.get(session) ?? alerts.stream(session.spec.serving_id, session.spec);
        sinks.set(session, sink);
        sink.take(bins.map(({ text, events }) => ({ text, events })));
      },
    }),
    onCrash: (error) => {
      metrics.engineCrashes.inc({ serving_id: servingLabel(version.servingId) });
      log.error({ err: error, serving: options.serving }, 'a thread of the live stream died');
    },
  });
  metrics.followLive(() => live.status());
  const recorder = options.record({ productType, symbol }, live);
  app.addHook('onClose', async () => {
    await recorder.close();
    await live.close();
  });
  return live;
}
