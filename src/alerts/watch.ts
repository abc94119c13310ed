import { formatFixed } from '../format.ts';
import type { OrderEventKind } from '../orders/index.ts';
import type { Alert, AlertedStream } from './alert.ts';
import type { AlertRule, AlertTrigger } from './rule.ts';

/** The part of a `grid_update` that rules look at. */
export interface AlertUpdate {
  readonly bin_seq: number;
  readonly ts_ns: string;
  readonly state_model_name: string;
  readonly state_model_score: number;
  readonly state_model_ready: boolean;
  readonly state_model_firing: number;
  readonly book_valid: boolean;
}

/** The part of an event of the channel `events` that rules look at. */
export interface AlertEvent {
  readonly ts_ns: string;
  readonly kind: OrderEventKind;
  readonly side: 'bid' | 'ask' | 'none';
  readonly price_int: string;
  readonly size: number;
  readonly event: number;
  readonly detail: Readonly<Record<string, number | string>>;
}

/** One closed bin: its `grid_update`, and its message of the channel `events`. */
export interface AlertBin {
  readonly update: AlertUpdate;
  readonly message: {
    readonly bin_seq: number;
    readonly events: readonly AlertEvent[];
    readonly feed?: { readonly anomalies: number; readonly losses: number };
  };
}

/** Something seen in a bin, before pause and schedule: the parts of an alert that differ, and what its key ends with. */
export interface Sighting
  extends Partial<Pick<Alert, 'ts_ns' | 'price_int' | 'event_kind' | 'side' | 'size' | 'event' | 'score'>> {
  readonly id: string;
  readonly text: string;
}

/** Looks for what one rule waits for, bin by bin; a jump in the stream begins with a new one. */
export type Watch = (bin: AlertBin) => readonly Sighting[];

/** Makes the watch of a part of a rule. */
export type WatchOf<Part extends AlertTrigger> = (part: NonNullable<AlertRule[Part]>, stream: AlertedStream) => Watch;

/** A price as text, from an integer of 1e-9. */
export function priceText(priceInt: number, decimals: number): string {
  return formatFixed(priceInt / 1e9, decimals);
}
