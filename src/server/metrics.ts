import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { RunningPlan } from '../lake/index.ts';
import type { LiveStatus } from '../wire/index.ts';

/** What the server counts, for Prometheus; one registry per server. */
export class Metrics {
  readonly registry = new Registry();
  readonly clients = this.#gauge('spymaster_stream_clients', 'Connected stream clients', ['serving_id']);
  readonly bins = this.#counter('spymaster_stream_bins_total', 'Bins handed to sockets', ['serving_id']);
  readonly bytes = this.#counter('spymaster_stream_bytes_total', 'Message bytes handed to sockets', ['serving_id']);
  readonly controls = this.#counter('spymaster_stream_controls_total', 'Control messages followed', ['action']);
  readonly refusals = this.#counter(
    'spymaster_stream_refusals_total',
    'Streams refused or ended by an error, and requests refused for host, origin or token',
    ['code'],
  );
  readonly segments = this.#counter('spymaster_segments_total', 'Segments of bins computed', ['serving_id']);
  readonly listeners = this.#gauge('spymaster_experiments_listeners', 'Followers of the experiments event stream', []);
  readonly engineCrashes = this.#counter('spymaster_engine_crashes_total', 'Engine threads that died', ['serving_id']);
  readonly cacheBytes = this.#gauge('spymaster_segment_cache_bytes', 'Memory held by cached segments', []);
  readonly lateness = this.#histogram(
    'spymaster_stream_lateness_seconds',
    'From the moment a bin is due until it is handed to the socket',
    [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25],
  );
  readonly blocked = this.#histogram(
    'spymaster_stream_blocked_seconds',
    'How long a playback waited for a client that did not read',
    [0.01, 0.1, 1, 10, 60],
  );
  readonly segmentTime = this.#histogram(
    'spymaster_segment_seconds',
    'Time to compute a segment, replay to reach it included',
    [0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30],
  );

  readonly liveDelay = this.#histogram(
    'spymaster_live_delay_seconds',
    "From the gateway's receipt of the record that closes a bin until the bin is ready to send",
    [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 1, 5, 30],
  );

  readonly alerts = this.#counter('spymaster_alerts_total', 'Alerts, by rule and whether they are of a replay', [
    'rule',
    'replay',
  ]);
  readonly webhooks = this.#counter(
    'spymaster_alert_webhooks_total',
    'Alerts that were delivered, failed or were dropped, and attempts that are repeated',
    ['webhook', 'outcome'],
  );
  readonly webhookWaiting = this.#gauge('spymaster_alert_webhook_waiting', 'Alerts that wait for a receiver', [
    'webhook',
  ]);
  readonly alertBinsSkipped = this.#counter(
    'spymaster_alert_bins_skipped_total',
    'Bins that were not looked at for alerts, because their stream was too fast',
    [],
  );

  readonly http = new Histogram({
    name: 'spymaster_http_seconds',
    help: 'From a request until its answer is sent or its client has gone, streams left out',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30],
    registers: [this.registry],
  });

  constructor(version: string) {
    collectDefaultMetrics({ register: this.registry });
    const build = this.#gauge('spymaster_build_info', 'What runs; always 1', ['version', 'node']);
    build.set({ version, node: process.version }, 1);
  }

  /** Adds the state of a live stream, which is asked for when the metrics are. */
  followLive(status: () => LiveStatus): void {
    const registers = [this.registry];
    const gauge = (name: string, help: string, value: (now: LiveStatus) => number) =>
      new Gauge({
        ...{ name: `spymaster_live_${name}`, help, registers },
        collect() {
          this.set(value(status()));
        },
      });
    gauge('connected', '1 while the feed is connected', ({ connection }) => (connection === 'live' ? 1 : 0));
    gauge('bins', 'Bins of the session', ({ bin_count: count }) => count);
    gauge('gaps', 'Times of which the recording knows nothing', ({ gaps }) => gaps.length);
    gauge('recording_bytes', 'Size of the recording', ({ recording }) => recording.bytes);
    const seconds = (ms: number | null) => (ms === null ? Number.NaN : ms / 1000);
    gauge('reader_lag_seconds', "From the gateway's receipt of the newest record to its writing", ({ recording }) =>
      seconds(recording.lag_ms),
    );
    gauge('engine_lag_seconds', 'Market time that the engine has not read yet', ({ engine }) => seconds(engine.lag_ms));
    gauge('engine_lag_bytes', 'Bytes of the recording that the engine has not read', ({ engine }) => engine.lag_bytes);
  }

  /** Adds the shares of plans that several machines work at, which are asked for when the metrics are. */
  followFleet(plans: () => Promise<readonly RunningPlan[]>): void {
    new Gauge({
      name: 'spymaster_fleet_shares',
      help: 'Shares of the plans that are worked at',
      labelNames: ['experiment', 'plan', 'state'],
      registers: [this.registry],
      async collect() {
        this.reset();
        for (const { experimentName: experiment, hash: plan, shares, doneShares } of await plans()) {
          this.set({ experiment, plan, state: 'done' }, doneShares);
          this.set({ experiment, plan, state: 'open' }, shares - doneShares);
        }
      },
    });
  }

  #counter<L extends string>(name: string, help: string, labelNames: L[]): Counter<L> {
    return new Counter({ name, help, labelNames, registers: [this.registry] });
  }

  #gauge<L extends string>(name: string, help: string, labelNames: L[]): Gauge<L> {
    return new Gauge({ name, help, labelNames, registers: [this.registry] });
  }

  #histogram(name: string, help: string, buckets: number[]): Histogram {
    return new Histogram({ name, help, buckets, registers: [this.registry] });
  }
}
