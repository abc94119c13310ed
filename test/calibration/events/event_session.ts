import { Admission } from '../../../src/book/index.ts';
import { planSession } from '../../../src/cli/session_file.ts';
import { DbnDecoder } from '../../../src/dbn/index.ts';
import {
  aggressorType,
  defaultOrderEventParams,
  EventsPass,
  maxOrderEventDetails,
  type OrderEventKind,
  orderEventKinds,
} from '../../../src/orders/index.ts';
import { behaviourNames, SyntheticSession, type TruthEvent } from '../../../src/synth/index.ts';

/** A session of the synthetic market with all behaviours. */
export interface EventSessionTask {
  readonly seed: number;
  readonly minutes: number;
  readonly profile: 'calm' | 'busy';
  readonly recordsPerS: number;
}

/** An event that was found, with what its updates added. */
export interface FoundEvent {
  readonly kind: OrderEventKind;
  readonly side: number;
  /** Integer of 1e-9. */
  readonly price: number;
  readonly size: number;
  readonly levels: number;
  /** Nanoseconds since the session's start. */
  readonly tsNs: number;
  readonly startNs: number;
  readonly orderIds: number[];
}

export interface EventSession {
  readonly truth: readonly (TruthEvent & { readonly price: number })[];
  readonly found: readonly FoundEvent[];
  readonly records: number;
  readonly endNs: number;
}

/** Makes a session and finds its events. Of trades only those of moved aggressors are kept. */
export function runEventSession({ seed, minutes, profile, recordsPerS }: EventSessionTask): EventSession {
  const request = { seed, profile, symbol: 'MNQH6', date: '2026-02-06', start: '09:30', minutes, rate: recordsPerS };
  const session = new SyntheticSession({ ...planSession(request), behaviours: behaviourNames, truth: true });
  const { levelZeroPriceInt, tickPriceInt, originNs } = session.truthScale;
  const pass = new EventsPass({
    admission: new Admission({ symbol: 'MNQH6', instrumentId: null, publisherId: null, session: null }),
    ...{ originNs, tickInt: tickPriceInt, params: defaultOrderEventParams },
  });
  const truth: (TruthEvent & { price: number })[] = [];
  const found = new FoundEvents();
  const decoder = new DbnDecoder();
  for (let chunk = session.next(); chunk !== null; chunk = session.next()) {
    for (const event of session.takeTruth()) {
      truth.push({ ...event, price: levelZeroPriceInt + event.level * tickPriceInt });
    }
    decoder.push(chunk);
    for (let batch = decoder.next(); batch !== null; batch = decoder.next()) {
      pass.ingest(batch);
      found.take(pass);
    }
  }
  pass.finish();
  found.take(pass);
  return { truth, found: found.events, records: session.records, endNs: minutes * 60e9 };
}

class FoundEvents {
  readonly events: FoundEvent[] = [];
  readonly #byNumber = new Map<number, FoundEvent>();

  take({ events: { rows } }: EventsPass): void {
    for (let at = 0; at < rows.count; at++) {
      const kind = orderEventKinds[rows.kind[at]!]!;
      if (kind === 'trade' && rows.details[at * maxOrderEventDetails] !== aggressorType.modified) continue;
      const number = rows.event[at]!;
      const event = this.#byNumber.get(number) ?? {
        ...{ kind, side: rows.side[at]!, price: rows.price[at]!, size: rows.size[at]!, levels: rows.levels[at]! },
        ...{ tsNs: rows.tsNs[at]!, startNs: rows.startNs[at]!, orderIds: [] },
      };
      if (!this.#byNumber.has(number)) {
        this.#byNumber.set(number, event);
        this.events.push(event);
      }
      for (let i = at === 0 ? 0 : rows.idsEnd[at - 1]!; i < rows.idsEnd[at]!; i++) {
        event.orderIds.push((rows.idHi[i]! >>> 0) * 2 ** 32 + (rows.idLo[i]! >>> 0));
      }
    }
    rows.clear();
  }
}
