import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

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
