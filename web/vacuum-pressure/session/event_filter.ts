import type { OrderEventKind } from '../../../src/orders/index.ts';
import type { OrderEvent } from './event_ledger.ts';
import { eventKinds, markedKinds } from './event_words.ts';

/** Which events the tape shows. */
export interface EventFilter {
  readonly kinds: Readonly<Record<OrderEventKind, boolean>>;
  readonly minSize: number;
}

const quietKinds: readonly OrderEventKind[] = ['exhausted_level', 'stop'];

/** Kinds of which few were meant as what they are named after, by the measured precision in docs/order-events.md. */
const unsureKinds: readonly OrderEventKind[] = ['absorption', 'fast_pull', 'stacked_pull'];

/** Kinds that are marked on the chart at first: what is rare, and mostly what its name says. */
export const defaultMarks: Readonly<Record<OrderEventKind, boolean>> = Object.fromEntries(
  eventKinds.map((kind) => [
    kind,
    markedKinds.includes(kind) && !quietKinds.includes(kind) && !unsureKinds.includes(kind),
  ]),
) as Record<OrderEventKind, boolean>;

/** Everything but what is frequent and seldom looked at. */
export const defaultEventFilter: EventFilter = {
  kinds: Object.fromEntries(eventKinds.map((kind) => [kind, !quietKinds.includes(kind)])) as Record<
    OrderEventKind,
    boolean
  >,
  minSize: 1,
};

/** Whether a stored filter makes sense. */
export function isEventFilter({ kinds, minSize }: EventFilter): boolean {
  return typeof kinds === 'object' && kinds !== null && minSize >= 1;
}

/** Whether an event passes the filter. */
export function passes({ kinds, minSize }: EventFilter, { kind, size }: Pick<OrderEvent, 'kind' | 'size'>): boolean {
  return kinds[kind] === true && size >= minSize;
}
