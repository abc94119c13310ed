import type { Side } from './book.ts';

/** Kinds of events that the market knows of itself; docs/order-events.md defines them. */
export type TruthKind =
  | 'trade'
  | 'stop'
  | 'stop_run'
  | 'sweep'
  | 'large_trade'
  | 'large_order'
  | 'iceberg'
  | 'suspected_iceberg'
  | 'absorption'
  | 'fast_pull'
  | 'stacked_pull'
  | 'exhausted_level';

/** What really happened in the market: an event of a kind, or something that looks like one and is none. */
export interface TruthEvent {
  readonly kind: TruthKind;
  /** How it differs from an event of the kind; null for a real one. */
  readonly lookalike: string | null;
  /** When it was over or known, and when it began: nanoseconds since the session's start. */
  readonly tsNs: number;
  readonly startNs: number;
  /** The aggressor's side of trades, stops and sweeps, else that of the resting orders. */
  readonly side: Side;
  /** Level of the price grid. */
  readonly level: number;
  readonly size: number;
  /** Number of prices. */
  readonly levels: number;
  /** The orders whose doing it was. */
  readonly orderIds: readonly number[];
  /** Sequence numbers of their records. */
  readonly sequences: readonly number[];
}

/** What the market knows of itself, in the order in which it became known. */
export class TruthLog {
  #events: TruthEvent[] = [];

  add(event: TruthEvent): void {
    this.#events.push(event);
  }

  /** The events since the last call. */
  take(): readonly TruthEvent[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }
}

/** Times and prices of a market's grid. */
export interface TruthScale {
  /** UNIX nanoseconds of the session's start. */
  readonly originNs: bigint;
  /** Price of level 0 and of a level's step, integers of 1e-9. */
  readonly levelZeroPriceInt: number;
  readonly tickPriceInt: number;
}

/** An event as a line of JSON, with its line feed: docs/synth.md has the keys. */
export function truthLine(event: TruthEvent, scale: TruthScale): string {
  const { kind, lookalike, side, size, levels, orderIds, sequences } = event;
  const price = (scale.levelZeroPriceInt + event.level * scale.tickPriceInt) / 1e9;
  const ns = (sinceNs: number) => scale.originNs + BigInt(sinceNs);
  const rest = JSON.stringify({ size, levels, order_ids: orderIds, sequences: [...new Set(sequences)] });
  // UNIX nanoseconds are beyond the whole numbers of JSON.stringify.
  return (
    `{"ts_ns":${ns(event.tsNs)},"start_ns":${ns(event.startNs)},"kind":"${kind}",` +
    `"lookalike":${JSON.stringify(lookalike)},"side":"${side === 0 ? 'B' : 'A'}","price":${price},${rest.slice(1)}\n`
  );
}
