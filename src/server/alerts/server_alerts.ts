import type { FastifyBaseLogger } from 'fastify';
import type { AlertedStream } from '../../alerts/index.ts';
import type { AlertsSpec, PublishedServingSpec } from '../../config/index.ts';
import { SpymasterError } from '../../errors.ts';
import type { Thread } from '../../worker.ts';
import type { Metrics } from '../metrics.ts';
import type { AlertsOrigin, AlertsReply, AlertsRequest, WatchedBin } from './alerts_protocol.ts';
import type { Webhook } from './webhook_queue.ts';

/** Rules of alerts, and where they go. */
export interface AlertsOptions {
  readonly spec: AlertsSpec;
  /** Secrets by the names of the webhooks. */
  readonly secrets: Readonly<Record<string, string>>;
  /** Whether alerts of replays go to webhooks too. */
  readonly sendsReplays: boolean;
  /** What tests make small. */
  readonly limits?: Partial<Pick<AlertsOrigin, 'pausesMs' | 'timeoutMs' | 'maxWaiting'>>;
}

export type AlertsThread = Thread<AlertsRequest, AlertsReply>;

/** Takes the bins of one stream, in their order. */
export interface AlertSink {
  take(bins: readonly WatchedBin[]): void;
  end(): void;
}

/** Some three and a half minutes in all. */
const pausesMs = [1000, 2000, 5000, 10_000, 20_000, 40_000, 60_000, 60_000];
const defaultLimits = { pausesMs, timeoutMs: 10_000, maxWaiting: 256 };
/** Bins that the thread may have before it; a stream that is ahead by more is not watched meanwhile. */
const maxUntaken = 4096;

/** Hands the bins of streams to the thread that watches for alerts, and counts what becomes of these. */
export class ServerAlerts {
  readonly sendsReplays: boolean;
  readonly #thread: AlertsThread;
  readonly #metrics: Metrics;
  readonly #log: FastifyBaseLogger;
  #untaken = 0;
  #lastId = 0;
  #isClosed = false;
  #hasDied = false;

  constructor(
    { spec, secrets, sendsReplays, limits }: AlertsOptions,
    parts: { readonly metrics: Metrics; readonly log: FastifyBaseLogger; start(origin: AlertsOrigin): AlertsThread },
  ) {
    this.sendsReplays = sendsReplays;
    this.#metrics = parts.metrics;
    this.#log = parts.log;
    const webhooks: Webhook[] = Object.entries(spec.webhooks).map(([name, { url }]) => ({
      ...{ name, url, secret: secrets[name] ?? '' },
    }));
    const origin = { rules: spec.alerts, webhooks, sendsReplays, ...defaultLimits, ...limits };
    this.#thread = parts.start(origin);
    this.#thread.on('message', (reply) => this.#hear(reply));
    const died = (cause: unknown) => {
      if (this.#isClosed || this.#hasDied) return;
      this.#hasDied = true;
      this.#log.error({ err: cause }, 'the alerts thread died: no alert is sent until the server is started again');
    };
    this.#thread.on('error', died);
    this.#thread.on('exit', (code) => died(new SpymasterError('ENGINE_STOPPED', `It ended with code ${code}.`)));
    for (const { name } of webhooks) this.#metrics.webhookWaiting.set({ webhook: name }, 0);
  }

  /** Begins to watch a stream. */
  stream(servingId: string, { runtime_snapshot: runtime }: PublishedServingSpec): AlertSink {
    const id = ++this.#lastId;
    const stream: AlertedStream = { servingId, symbol: runtime.symbol, priceDecimals: runtime.price_decimals };
    this.#thread.postMessage({ kind: 'stream', id, stream });
    return {
      take: (bins) => this.#take(id, bins),
      end: () => this.#thread.postMessage({ kind: 'end', id }),
    };
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#thread.terminate();
  }

  #take(id: number, bins: readonly WatchedBin[]): void {
    if (this.#untaken + bins.length > maxUntaken || this.#hasDied) {
      this.#metrics.alertBinsSkipped.inc(bins.length);
      return;
    }
    this.#untaken += bins.length;
    this.#thread.postMessage({ kind: 'bins', id, bins });
  }

  #hear(reply: AlertsReply): void {
    switch (reply.kind) {
      case 'taken':
        this.#untaken -= reply.bins;
        break;
      case 'alert': {
        const { rule, replay, key, text } = reply;
        this.#metrics.alerts.inc({ rule, replay: String(replay) });
        this.#log.info({ rule, replay, key }, text);
        break;
      }
      case 'waiting':
        this.#metrics.webhookWaiting.set({ webhook: reply.webhook }, reply.count);
        break;
      case 'outcome': {
        const { webhook, outcome, reason } = reply;
        this.#metrics.webhooks.inc({ webhook, outcome });
        if (outcome === 'failed') this.#log.warn({ webhook, reason }, 'an alert could not be delivered');
        break;
      }
    }
  }
}
