import { flag } from '../../src/dbn/index.ts';
import {
  ExecutionPass,
  type ExitRules,
  exitReasonNames,
  fillReasonNames,
  type OurOrder,
  OurOrders,
  outcomeNames,
  type Position,
  type PositionFill,
  Positions,
  type StopTrigger,
} from '../../src/execution/index.ts';
import { batchOf, type Mbo, undefinedPrice } from '../oracle/mbo.ts';

/** `A 1 B 99 5`: action, order id, side, price and size. Prices are whole units; the size may be left out where it is nothing. */
export type Line = string;
/** Lines of one event at a time, in nanoseconds; the last has F_LAST. */
export type CaseEvent = readonly [tsNs: number, ...lines: Line[]];

export const unit = 1_000_000_000;

function recordOf(line: Line, tsNs: number, flags: number): Mbo {
  const [action = '', id = '0', side = 'N', price = '', size = '0'] = line.split(' ');
  return {
    ...{ instrumentId: 1, tsEvent: BigInt(tsNs), tsRecv: BigInt(tsNs), orderId: BigInt(id), action, side, flags },
    ...{ price: price === '' ? undefinedPrice : BigInt(Math.round(Number(price) * unit)), size: Number(size) },
  };
}

/** The records of events; an event whose first line is `snapshot` has the flags of one, and no F_LAST. */
export function recordsOf(events: readonly CaseEvent[]): Mbo[] {
  return events.flatMap(([tsNs, ...lines]) => {
    const isSnapshot = lines[0] === 'snapshot';
    const told = isSnapshot ? lines.slice(1) : lines;
    return told.map((line, i) =>
      recordOf(line, tsNs, isSnapshot ? flag.snapshot : i === told.length - 1 ? flag.last : 0),
    );
  });
}

/** One order of ours, with a price in whole units: `{ side: 'B', kind: 'limit', price: 99, size: 3, arrivalNs: 10 }`. */
export type CaseOrder = Omit<OurOrder, 'maxWaitNs'> & { readonly maxWaitNs?: number };

/** What became of one order: `queue 2 @ 99 at 40`, then its outcome. */
export function follow(order: CaseOrder, events: readonly CaseEvent[]): string[] {
  const { ours, pass } = run([order], events);
  const { fills } = pass;
  const told = Array.from({ length: fills.count }, (_, at) => {
    const reason = fillReasonNames[fills.reason[at] as number];
    return `${reason} ${fills.size[at]} @ ${(fills.price[at] as number) / unit} at ${fills.tsNs[at]}`;
  });
  return [...told, outcomeNames[ours.outcome[0] as number] as string];
}

/** Puts orders into events. */
export function run(
  orders: readonly CaseOrder[],
  events: readonly CaseEvent[],
): { readonly ours: OurOrders; readonly pass: ExecutionPass } {
  const ours = new OurOrders(
    orders.map((order) => ({ maxWaitNs: Number.POSITIVE_INFINITY, ...order, price: order.price * unit })),
  );
  const pass = new ExecutionPass(ours);
  const records = recordsOf(events);
  const { words } = batchOf(records);
  records.forEach((record, i) => {
    pass.apply(words, i * 14, Number(record.tsEvent));
  });
  pass.finish();
  return { ours, pass };
}

/** One position, with prices and distances in whole units, which are ticks: what filled it, and how it ended. */
export function hold(
  order: CaseOrder,
  {
    tp,
    sl,
    trigger = 'trade',
    ...rules
  }: Partial<ExitRules> & {
    readonly trigger?: StopTrigger;
    readonly tp: number;
    readonly sl: number;
  },
  events: readonly CaseEvent[],
): { readonly told: string[]; readonly position: Position; readonly ours: OurOrders } {
  const ours = new OurOrders([]);
  const pass = new ExecutionPass(ours);
  const positions = new Positions(pass, ours, { tickInt: unit, trigger, probesNs: [] });
  const entry = positions.enter(
    { maxWaitNs: Number.POSITIVE_INFINITY, ...order, price: order.price * unit },
    { exitLatencyNs: 5, maxHoldNs: 1000, ...rules },
  );
  const position = positions.open(entry, tp, sl);
  const records = recordsOf(events);
  const { words } = batchOf(records);
  records.forEach((record, i) => {
    pass.apply(words, i * 14, Number(record.tsEvent));
  });
  pass.finish();
  positions.finish();
  const fills = (name: string, of: readonly PositionFill[]): string[] =>
    of.map(({ tsNs, price, size }) => `${name} ${size} @ ${price / unit} at ${tsNs}`);
  const told = [
    ...fills('in', entry.fills.slice(0, position.entryFills)),
    ...fills('profit', position.profitFills),
    ...fills('out', position.exitFills),
    exitReasonNames[position.reason] as string,
  ];
  return { told, position, ours };
}
