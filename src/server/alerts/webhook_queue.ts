import type { Alert } from '../../alerts/index.ts';
import { pause } from '../../pause.ts';
import { keyHeader, signature, signatureHeader } from './signature.ts';

/** A webhook of the file of alerts, and its secret. */
export interface Webhook {
  readonly name: string;
  readonly url: string;
  readonly secret: string;
}

/** What became of an alert, or of an attempt to send it. */
export type WebhookOutcome = 'delivered' | 'retried' | 'failed' | 'dropped';

export interface WebhookQueueOptions {
  readonly webhook: Webhook;
  /** Alerts that wait at most; the oldest of them goes when there are more. */
  readonly maxWaiting: number;
  /** How long a receiver may take to answer. */
  readonly timeoutMs: number;
  /** Pauses between the attempts at one alert; it fails when the last one does. */
  readonly pausesMs: readonly number[];
  /** UNIX milliseconds. */
  readonly nowMs: () => number;
  readonly onOutcome: (outcome: WebhookOutcome, reason: string | null) => void;
  /** Told how many alerts wait, the one that is sent included. */
  readonly onWaiting: (count: number) => void;
}

/** Statuses that may pass by themselves, beside those of 500 and more. */
const passing = new Set([408, 425, 429]);

/** Sends alerts to one receiver, one after the other in their order, each until it was taken or refused for good. */
export class WebhookQueue {
  readonly #options: WebhookQueueOptions;
  readonly #waiting: Alert[] = [];
  readonly #closed = new AbortController();
  #isSending = false;

  constructor(options: WebhookQueueOptions) {
    this.#options = options;
  }

  push(alert: Alert): void {
    const { maxWaiting, onOutcome } = this.#options;
    this.#waiting.push(alert);
    if (this.#waiting.length > maxWaiting) {
      // The first one is under way.
      this.#waiting.splice(1, 1);
      onOutcome('dropped', null);
    }
    this.#tell();
    if (!this.#isSending) void this.#sendAll();
  }

  /** Ends all attempts; what waits is lost. */
  close(): void {
    this.#closed.abort();
    this.#waiting.length = 0;
  }

  async #sendAll(): Promise<void> {
    this.#isSending = true;
    for (let [alert] = this.#waiting; alert !== undefined; [alert] = this.#waiting) {
      await this.#send(alert);
      this.#waiting.shift();
      if (!this.#closed.signal.aborted) this.#tell();
    }
    this.#isSending = false;
  }

  async #send(alert: Alert): Promise<void> {
    const { pausesMs, onOutcome } = this.#options;
    const { signal } = this.#closed;
    for (let attempt = 0; !signal.aborted; attempt++) {
      const { result, reason } = await this.#attempt(alert);
      if (signal.aborted) return;
      if (result === 'delivered') return onOutcome('delivered', null);
      const pauseMs = pausesMs[attempt];
      if (result === 'refused' || pauseMs === undefined) return onOutcome('failed', reason);
      onOutcome('retried', reason);
      await pause(pauseMs, signal);
    }
  }

  async #attempt(alert: Alert): Promise<{ result: 'delivered' | 'refused' | 'passing'; reason: string }> {
    const { webhook, timeoutMs, nowMs } = this.#options;
    const body = JSON.stringify(alert);
    const signal = AbortSignal.any([this.#closed.signal, AbortSignal.timeout(timeoutMs)]);
    try {
      const answer = await fetch(webhook.url, {
        method: 'POST',
        // An address that is not in the file is never asked.
        redirect: 'manual',
        headers: {
          'content-type': 'application/json',
          [keyHeader]: alert.key,
          [signatureHeader]: signature(body, webhook.secret, nowMs()),
        },
        body,
        signal,
      });
      await answer.body?.cancel();
      const { status, ok } = answer;
      const mayPass = status >= 500 || passing.has(status);
      return { result: ok ? 'delivered' : mayPass ? 'passing' : 'refused', reason: `it answered ${status}` };
    } catch (error) {
      return { result: 'passing', reason: signal.aborted ? 'it did not answer in time' : reasonOf(error) };
    }
  }

  #tell(): void {
    this.#options.onWaiting(this.#waiting.length);
  }
}

function reasonOf(error: unknown): string {
  const { cause, message } = error as Error & { cause?: { readonly code?: string } };
  return cause?.code ?? message;
}
