import { deepEqual } from 'node:assert/strict';
import { Admission } from '../../src/book/index.ts';
import {
  defaultOrderEventParams,
  EventsPass,
  maxOrderEventDetails,
  type OrderEventParams,
  type OrderEventRows,
  orderEventDetails,
  orderEventKinds,
} from '../../src/orders/index.ts';
import { StateReader, StateWriter } from '../../src/state.ts';
import { type LiteralEvent, LiteralOrderEvents } from '../oracle/literal_order_events.ts';
import { batchOf, type Mbo } from '../oracle/mbo.ts';

/** Rows as the literal model has them. */
function eventsOf(rows: OrderEventRows): LiteralEvent[] {
  return Array.from({ length: rows.count }, (_, i) => {
    const kind = orderEventKinds[rows.kind[i]!]!;
    const ids: bigint[] = [];
    for (let at = i === 0 ? 0 : rows.idsEnd[i - 1]!; at < rows.idsEnd[i]!; at++) {
      ids.push((BigInt(rows.idHi[at]! >>> 0) << 32n) | BigInt(rows.idLo[at]! >>> 0));
    }
    const details = [...rows.details.subarray(i * maxOrderEventDetails, (i + 1) * maxOrderEventDetails)];
    return {
      ...{ kind, tsNs: rows.tsNs[i]!, startNs: rows.startNs[i]!, side: 'NBA'[rows.side[i]!]!, price: rows.price[i]! },
      ...{ size: rows.size[i]!, levels: rows.levels[i]!, ids: ids.sort((a, b) => Number(a - b)).join(',') },
      details: details.slice(0, orderEventDetails[kind].length),
    };
  });
}

/**
 * Finds the order events of records, at once and with a pause after each `every` of them, and compares both with the literal
 * model, kind by kind. Returns the number of events by kind.
 */
export function compareOrderEvents(
  records: readonly Mbo[],
  params: Partial<OrderEventParams>,
  tickInt: number,
  every: number,
): Map<string, number> {
  const all = { ...defaultOrderEventParams, ...params };
  const [first] = records;
  const originNs = first === undefined ? 0n : timeOf(first);
  const literal = new LiteralOrderEvents(all, BigInt(tickInt));
  let nowNs = 0;
  for (const record of records) {
    nowNs = Math.max(nowNs, Number(timeOf(record) - originNs));
    literal.apply(record, nowNs);
  }
  literal.finish();
  const options = { originNs, tickInt, params: all };
  const make = (): EventsPass => {
    const admission = new Admission({ symbol: 'X', instrumentId: null, publisherId: null, session: null });
    return new EventsPass({ ...options, admission });
  };
  const whole = make();
  whole.ingest(batchOf(records));
  whole.finish();
  const wholeEvents = eventsOf(whole.events.rows);
  const counts = new Map<string, number>();
  for (const kind of orderEventKinds) {
    const of = (events: readonly LiteralEvent[]): LiteralEvent[] => events.filter((event) => event.kind === kind);
    deepEqual(of(wholeEvents), of(literal.events), kind);
    counts.set(kind, of(wholeEvents).length);
  }
  const parts: LiteralEvent[] = [];
  const numbers: number[] = [];
  let pass = make();
  for (let from = 0; from < records.length; from += every) {
    const writer = new StateWriter();
    pass.events.save(writer);
    pass.book.save(writer);
    const resumed = make();
    const reader = new StateReader(writer.finish());
    resumed.events.restore(reader);
    resumed.book.restore(reader);
    reader.end();
    resumed.feed.nowNs = pass.feed.nowNs;
    pass = resumed;
    pass.ingest(batchOf(records.slice(from, from + every)));
    if (from + every >= records.length) pass.finish();
    parts.push(...eventsOf(pass.events.rows));
    numbers.push(...pass.events.rows.event.subarray(0, pass.events.rows.count));
  }
  deepEqual(parts, wholeEvents, 'resumed');
  deepEqual(numbers, [...whole.events.rows.event.subarray(0, whole.events.rows.count)], 'numbers of resumed events');
  return counts;
}

/** Snapshots are old by ts_event. */
function timeOf(record: Mbo): bigint {
  return (record.flags & 32) !== 0 ? record.tsRecv : record.tsEvent;
}
