import type { AlertTrigger } from './rule.ts';

/** The stream whose bins are watched. */
export interface AlertedStream {
  readonly servingId: string;
  readonly symbol: string;
  readonly priceDecimals: number;
}

/** Something that a rule waited for. As JSON it is the body of a webhook (docs/alerts.md). */
export interface Alert {
  /** The same for the same thing, whenever and wherever it is seen again: what a receiver drops repeats by. */
  readonly key: string;
  readonly rule: string;
  readonly trigger: AlertTrigger;
  /** A sentence. */
  readonly text: string;
  /** Whether the market was past when it was seen. */
  readonly replay: boolean;
  readonly serving_id: string;
  readonly symbol: string;
  /** When it became known: of an event its own time, else the end of the bin; UNIX nanoseconds as a decimal string. */
  readonly ts_ns: string;
  readonly bin_seq: number;
  /** An integer of 1e-9 as a decimal string; null where the alert is of no price. */
  readonly price_int: string | null;
  /** Kind, side and size of an order event, its number in the session; null for others. */
  readonly event_kind: string | null;
  readonly side: string | null;
  readonly size: number | null;
  readonly event: number | null;
  /** The signal's score; null for others. */
  readonly score: number | null;
}
