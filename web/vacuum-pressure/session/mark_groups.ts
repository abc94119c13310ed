import type { OrderEventKind } from '../../../src/orders/index.ts';
import type { EventLedger, OrderEvent } from './event_ledger.ts';
import type { SessionStore } from './session_store.ts';

/** Columns kept at most: more than a screen has. */
const keptColumns = 4096;

/** The grid of time and price in which events are gathered, and the kinds that are. */
export interface MarkCells {
  /** Size of a cell, and bins to either side of an event over which its mark extends. */
  readonly bins: number;
  readonly ticks: number;
  readonly reachBins: number;
  readonly kinds: Readonly<Record<OrderEventKind, boolean>>;
}

/** The events of a side in one cell. */
export interface MarkGroup {
  /** The most important of them. */
  readonly event: OrderEvent;
  readonly events: readonly OrderEvent[];
  /** The price beyond which a mark of `event` covers neither its price nor the best prices beside it, in ticks. */
  readonly edgeTick: number;
}

/** Whether an event counts for more: larger for its kind, of equal ones the earlier. */
export function outranks(one: OrderEvent, other: OrderEvent): boolean {
  return one.weight === other.weight ? one.event < other.event : one.weight > other.weight;
}

/** Whether a mark stands below its price: what concerns bids and buyers does. */
export const isBelow = ({ side }: OrderEvent) => side === 'bid';

/**
 * Events gathered by cells that lie fast in the session, whatever is in view: panning changes none. Columns of cells are kept, so
 * that a picture costs what is new in it.
 */
export class MarkGroups {
  readonly #events: EventLedger;
  readonly #store: Pick<SessionStore, 'bin'>;
  readonly #columns = new Map<number, readonly MarkGroup[]>();
  #cells: MarkCells = { bins: 1, ticks: 1, reachBins: 0, kinds: {} as MarkCells['kinds'] };

  constructor(events: EventLedger, store: Pick<SessionStore, 'bin'>) {
    this.#events = events;
    this.#store = store;
  }

  /** Sets the cells; those of others are forgotten. */
  setCells(cells: MarkCells): void {
    const { bins, ticks, reachBins, kinds } = this.#cells;
    const isSame = bins === cells.bins && ticks === cells.ticks && reachBins === cells.reachBins;
    if (isSame && kinds === cells.kinds) return;
    this.#cells = cells;
    this.#columns.clear();
  }

  /** Forgets what bin `seq` is part of. */
  invalidate(seq: number): void {
    const { bins, reachBins } = this.#cells;
    for (const near of [seq - reachBins, seq, seq + reachBins]) this.#columns.delete(Math.floor(near / bins));
  }

  /** The groups of bins [column · bins, (column + 1) · bins). */
  at(column: number): readonly MarkGroup[] {
    let groups = this.#columns.get(column);
    if (groups === undefined) {
      if (this.#columns.size >= keptColumns) this.#columns.clear();
      groups = this.#gather(column);
      this.#columns.set(column, groups);
    }
    return groups;
  }

  #gather(column: number): MarkGroup[] {
    const { bins, ticks, kinds } = this.#cells;
    const cells = new Map<number, { event: OrderEvent; events: OrderEvent[] }>();
    this.#events.marked.backwards(column * bins, (column + 1) * bins, (event) => {
      if (kinds[event.kind] !== true) return true;
      const key = 2 * Math.floor(event.tick / ticks) + (isBelow(event) ? 1 : 0);
      const cell = cells.get(key);
      if (cell === undefined) {
        cells.set(key, { event, events: [event] });
        return true;
      }
      cell.events.push(event);
      if (outranks(event, cell.event)) cell.event = event;
      return true;
    });
    return [...cells.values()].map(({ event, events }) => ({ event, events, edgeTick: this.#edgeTick(event) }));
  }

  #edgeTick(event: OrderEvent): number {
    const { reachBins } = this.#cells;
    const below = isBelow(event);
    let edge = event.tick;
    for (let seq = event.seq - reachBins; seq <= event.seq + reachBins; seq++) {
      const best = this.#store.bin(below ? 'bidTick' : 'askTick', seq);
      if (below ? best < edge : best > edge) edge = best;
    }
    return edge;
  }
}
