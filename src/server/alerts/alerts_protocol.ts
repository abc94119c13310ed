import type { AlertedStream } from '../../alerts/index.ts';
import type { WebhookRule } from '../../config/index.ts';
import type { Webhook, WebhookOutcome } from './webhook_queue.ts';

/** What the thread that watches for alerts is started with. */
export interface AlertsOrigin {
  readonly rules: readonly WebhookRule[];
  readonly webhooks: readonly Webhook[];
  /** Whether alerts of replays go to webhooks too. */
  readonly sendsReplays: boolean;
  /** Pauses between attempts, how long an attempt may take, and alerts that wait for a receiver at most. */
  readonly pausesMs: readonly number[];
  readonly timeoutMs: number;
  readonly maxWaiting: number;
}

/** A closed bin: the texts of its `grid_update` and of its message of the channel `events`. */
export interface WatchedBin {
  readonly text: string;
  readonly events: string;
}

/** What the thread is told. */
export type AlertsRequest =
  | { readonly kind: 'stream'; readonly id: number; readonly stream: AlertedStream }
  | { readonly kind: 'bins'; readonly id: number; readonly bins: readonly WatchedBin[] }
  | { readonly kind: 'end'; readonly id: number };

/** What the thread says. */
export type AlertsReply =
  /** Bins were looked at. */
  | { readonly kind: 'taken'; readonly bins: number }
  | {
      readonly kind: 'alert';
      readonly rule: string;
      readonly replay: boolean;
      readonly key: string;
      readonly text: string;
    }
  | {
      readonly kind: 'outcome';
      readonly webhook: string;
      readonly outcome: WebhookOutcome;
      readonly reason: string | null;
    }
  | { readonly kind: 'waiting'; readonly webhook: string; readonly count: number };
