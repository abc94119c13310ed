import { present } from '../../errors.ts';
import {
  icebergState,
  largeOrderChange,
  maxOrderEventDetails,
  type OrderEventKind,
  type OrderEventRows,
  orderEventKinds,
} from '../../orders/index.ts';

/** Counts of order events, updated as they come. */
export class EventsSummary {
  /** Events by kind; an event with updates counts once. */
  readonly byKind = Object.fromEntries(orderEventKinds.map((kind) => [kind, 0])) as Record<OrderEventKind, number>;
  /** Events of the feed in which stops were triggered. */
  stopEvents = 0;
  /** Sweeps by one aggressor; events of the feed that swept, with their stops. */
  sweepsByAggressor = 0;
  sweepsByEvent = 0;
  readonly largeOrders = { added: 0, remainders: 0, grown: 0, moved: 0 };
  icebergRefills = 0;
  icebergsEnded = 0;
  absorptionsHeld = 0;
  readonly #refills = new Map<number, number>();
  #sweptNs = Number.NaN;

  add(rows: OrderEventRows): void {
    for (let at = 0; at < rows.count; at++) {
      const kind = present(orderEventKinds[present(rows.kind[at])]);
      if (rows.update[at] === 0) this.byKind[kind]++;
      const detail = (index: number): number => present(rows.details[at * maxOrderEventDetails + index]);
      if (kind === 'stop' && detail(0) === 1) this.stopEvents++;
      else if (kind === 'sweep') this.#addSweep(present(rows.tsNs[at]), detail(0) === 0);
      else if (kind === 'absorption') this.absorptionsHeld += detail(2);
      else if (kind === 'large_order') this.#addLarge(detail(0), detail(1) === 1);
      else if (kind === 'iceberg') this.#addIceberg(present(rows.event[at]), detail(0), detail(3));
    }
  }

  #addSweep(tsNs: number, isAggressor: boolean): void {
    if (isAggressor) this.sweepsByAggressor++;
    if (tsNs !== this.#sweptNs) this.sweepsByEvent++;
    this.#sweptNs = tsNs;
  }

  #addLarge(change: number, isRemainder: boolean): void {
    if (change === largeOrderChange.added) {
      this.largeOrders.added++;
      if (isRemainder) this.largeOrders.remainders++;
    } else if (change === largeOrderChange.grown) this.largeOrders.grown++;
    else this.largeOrders.moved++;
  }

  #addIceberg(event: number, refills: number, state: number): void {
    this.icebergRefills += refills - (this.#refills.get(event) ?? 0);
    if (state === icebergState.resting) this.#refills.set(event, refills);
    else {
      this.#refills.delete(event);
      this.icebergsEnded++;
    }
  }
}
