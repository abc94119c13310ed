import { type FeedTrouble, sideAsk, sideBid } from '../engine/index.ts';
import {
  maxOrderEventDetails,
  type OrderEventKind,
  type OrderEventRows,
  orderEventDetails,
  orderEventKinds,
} from '../orders/index.ts';
import { parseObject, violation } from './messages.ts';

/** Side of an event: the aggressor's of trades, stops and sweeps, else that of the resting orders. */
export type OrderEventSide = 'bid' | 'ask' | 'none';

/** One event as the channel `events` carries it (docs/stream.md). */
export interface OrderEventMessage {
  /** When it became known and when it began, UNIX nanoseconds as decimal strings. */
  readonly ts_ns: string;
  readonly start_ns: string;
  readonly kind: OrderEventKind;
  readonly side: OrderEventSide;
  /** An integer of 1e-9 as a decimal string. */
  readonly price_int: string;
  readonly size: number;
  /** Number of prices. */
  readonly levels: number;
  /** Number of the event, which its updates share, and number of the update, from 0. */
  readonly event: number;
  readonly update: number;
  /** Its proof: 64-bit ids as decimal strings, and sequence numbers of records. */
  readonly order_ids: readonly string[];
  readonly sequences: readonly number[];
  /** The numbers that its kind alone has; coded ones as their words, prices (`…_int`) as decimal strings. */
  readonly detail: Readonly<Record<string, number | string>>;
}

/** The events that became known in a bin. */
export interface OrderEventsMessage {
  readonly type: 'order_events';
  readonly bin_seq: number;
  readonly events: readonly OrderEventMessage[];
  /** What was wrong with the feed in the bin; only where something was. */
  readonly feed?: Readonly<FeedTrouble>;
}

const sideName = (code: number): OrderEventSide => (code === sideBid ? 'bid' : code === sideAsk ? 'ask' : 'none');

/** The message of a bin; times of `rows` count from `originNs`. */
export function orderEventsText(
  seq: number,
  rows: OrderEventRows,
  { anomalies, losses }: Readonly<FeedTrouble>,
  originNs: bigint,
): string {
  const events = Array.from({ length: rows.count }, (_, row) => eventOf(rows, row, originNs));
  const feed = anomalies > 0 || losses > 0 ? { feed: { anomalies, losses } } : {};
  return JSON.stringify({ type: 'order_events', bin_seq: seq, events, ...feed } satisfies OrderEventsMessage);
}

function eventOf(rows: OrderEventRows, row: number, originNs: bigint): OrderEventMessage {
  const unixNs = (ns = 0) => String(originNs + BigInt(ns));
  const at = (values: ArrayLike<number>) => values[row] ?? 0;
  const from = (ends: ArrayLike<number>) => ends[row - 1] ?? 0;
  const ids = { from: from(rows.idsEnd), to: at(rows.idsEnd) };
  const kind = orderEventKinds[at(rows.kind)] ?? 'trade';
  return {
    ts_ns: unixNs(at(rows.tsNs)),
    start_ns: unixNs(at(rows.startNs)),
    kind,
    side: sideName(at(rows.side)),
    price_int: String(at(rows.price)),
    size: at(rows.size),
    levels: at(rows.levels),
    event: at(rows.event),
    update: at(rows.update),
    order_ids: Array.from({ length: ids.to - ids.from }, (_, i) => {
      const words = [rows.idHi[ids.from + i] ?? 0, rows.idLo[ids.from + i] ?? 0] as const;
      return String((BigInt(words[0] >>> 0) << 32n) | BigInt(words[1] >>> 0));
    }),
    sequences: [...rows.sequences.subarray(from(rows.sequencesEnd), at(rows.sequencesEnd))],
    detail: detailOf(kind, rows.details.subarray(row * maxOrderEventDetails)),
  };
}

function detailOf(kind: OrderEventKind, numbers: Float64Array): Record<string, number | string> {
  return Object.fromEntries(
    orderEventDetails[kind].map(({ name, words, isPrice }, index) => {
      const value = numbers[index] ?? 0;
      if (isPrice === true) return [`${name}_int`, String(value)];
      return [name, words?.[value] ?? value];
    }),
  );
}

const what = 'an order_events message';
const decimal = /^-?\d{1,20}$/;
const isCount = (value: unknown) => Number.isSafeInteger(value) && (value as number) >= 0;
const fieldChecks: Readonly<Record<keyof OrderEventMessage, readonly [(value: unknown) => boolean, string]>> = {
  ts_ns: [isDecimal, 'a whole number as a decimal string'],
  start_ns: [isDecimal, 'a whole number as a decimal string'],
  kind: [(value) => orderEventKinds.some((kind) => kind === value), `one of ${orderEventKinds.join(', ')}`],
  side: [(value) => value === 'bid' || value === 'ask' || value === 'none', 'bid, ask or none'],
  price_int: [isDecimal, 'a whole number as a decimal string'],
  size: [isCount, 'a whole number of at least 0'],
  levels: [isCount, 'a whole number of at least 0'],
  event: [isCount, 'a whole number of at least 0'],
  update: [isCount, 'a whole number of at least 0'],
  order_ids: [(value) => Array.isArray(value) && value.every(isDecimal), 'a list of decimal strings'],
  sequences: [(value) => Array.isArray(value) && value.every(isCount), 'a list of whole numbers'],
  detail: [(value) => typeof value === 'object' && value !== null && !Array.isArray(value), 'a block'],
};

function isDecimal(value: unknown): boolean {
  return typeof value === 'string' && decimal.test(value);
}

/** Whether a text message of the server is one of the channel `events`. */
export const isOrderEventsText = (text: string) => text.startsWith('{"type":"order_events"');

function checkFeed(feed: unknown): void {
  const { anomalies, losses } = (feed ?? {}) as Partial<FeedTrouble>;
  if (!isCount(anomalies)) throw violation(what, 'feed.anomalies', 'a whole number of at least 0', anomalies);
  if (!isCount(losses)) throw violation(what, 'feed.losses', 'a whole number of at least 0', losses);
}

/** Reads a message of the channel `events`; throws PROTOCOL with the field and what was expected of it. */
export function parseOrderEvents(text: string): OrderEventsMessage {
  const message = parseObject(text, what);
  if (message.type !== 'order_events') throw violation(what, 'type', '"order_events"', message.type);
  if (!isCount(message.bin_seq)) throw violation(what, 'bin_seq', 'a whole number of at least 0', message.bin_seq);
  if (!Array.isArray(message.events)) throw violation(what, 'events', 'a list', message.events);
  if (message.feed !== undefined) checkFeed(message.feed);
  for (const event of message.events as readonly unknown[]) {
    if (typeof event !== 'object' || event === null) throw violation(what, 'events', 'a list of blocks', event);
    for (const [field, [isRight, expected]] of Object.entries(fieldChecks)) {
      const value = (event as Record<string, unknown>)[field];
      if (!isRight(value)) throw violation(what, field, expected, value);
    }
  }
  return message as unknown as OrderEventsMessage;
}
