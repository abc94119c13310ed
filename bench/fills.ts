import { Admission } from '../src/book/index.ts';
import { flag } from '../src/dbn/index.ts';
import {
  FilePass,
  type FillRows,
  fillReasonNames,
  type OurOrder,
  OurOrders,
  Positions,
} from '../src/execution/index.ts';
import { LiteralExecution } from '../test/oracle/literal_execution.ts';
import { readMbo } from '../test/oracle/mbo.ts';
import { type BenchOptions, type BenchResult, compare, hashOf } from './support/harness.ts';
import { eachBatch, sessionBytes, startNs } from './support/session.ts';

const seed = 3;
const symbol = 'MNQH6';
const tickInt = 250_000_000;

/**
 * Events a second from bytes in memory through the queues, with 10,000 orders of ours at rest in them throughout, and as many joins: beside
 * the same pass without them; with take-profits, stops and time-outs for what is filled, beside the same without; and beside the literal oracle on a session and a number of orders that it can bear.
 */
export async function bench({ tiny }: BenchOptions): Promise<BenchResult[]> {
  const [seconds, count] = tiny ? [2, 100] : [500, 10_000];
  const { bytes, records } = sessionBytes(seed, seconds);
  const orders = ordersOf(count, seconds);
  const [fewSeconds, fewCount] = tiny ? [2, 20] : [10, 100];
  const few = sessionBytes(seed, fewSeconds);
  const fewOrders = ordersOf(fewCount, fewSeconds);
  const fewPasses = tiny ? 1 : 30;
  const subject = { quantity: records, runs: tiny ? 1 : 5, warmUps: tiny ? 0 : 1 };
  const many = await compare({
    name: `fills, ${count.toLocaleString('en')} orders at rest`,
    unit: 'events/s',
    seed,
    ours: { ...subject, run: () => followFills(bytes, orders) },
    baseline: { ...subject, name: 'the same pass without orders', run: () => followFills(bytes, []) },
  });
  const literal = await compare({
    name: `fills, ${fewCount} orders at rest`,
    unit: 'events/s',
    seed,
    ours: {
      ...subject,
      quantity: fewPasses * few.records,
      run: () => {
        for (let i = 1; i < fewPasses; i++) followFills(few.bytes, fewOrders);
        return followFills(few.bytes, fewOrders);
      },
    },
    baseline: {
      ...{ name: 'lists of orders, no indices', quantity: few.records, runs: 1 },
      run: () => followLiterally(few.bytes, fewOrders),
    },
  });
  const exits = await compare({
    name: `fills with exits, ${count.toLocaleString('en')} orders at rest`,
    unit: 'events/s',
    seed,
    ours: { ...subject, run: () => followFills(bytes, orders, true) },
    baseline: { ...subject, name: 'the same orders without exits', run: () => followFills(bytes, orders) },
  });
  return [{ ...many, baselineHash: null }, { ...exits, baselineHash: null }, literal];
}

/**
 * On both sides a quarter more orders than `count`, for some are filled, at up to 400 ticks behind the best price, from the first
 * seconds on; and `count` joins through the session, which are cancelled after 2 s.
 */
function ordersOf(count: number, seconds: number): OurOrder[] {
  const side = (i: number) => (i % 2 === 0 ? 'B' : 'A');
  const resting = Array.from({ length: Math.round(count * 1.25) }, (_, i): OurOrder => {
    const price = -((i >> 1) % 401) * tickInt;
    const arrivalNs = i * 1e5;
    return { arrivalNs, side: side(i), kind: 'join', price, size: 1 + (i % 3), maxWaitNs: Number.POSITIVE_INFINITY };
  });
  const joins = Array.from({ length: count }, (_, i): OurOrder => {
    const arrivalNs = Math.floor(((i + 1) * seconds * 1e9) / (count + 1));
    return { arrivalNs, side: side(i), kind: 'join', price: 0, size: 1 + (i % 3), maxWaitNs: 2e9 };
  });
  return [...resting, ...joins];
}

/** With exits each order is the entry of a position with a take-profit and a stop at 8 ticks, held 10 s at most. */
function followFills(bytes: Uint8Array, orders: readonly OurOrder[], hasExits = false): () => string {
  const ours = new OurOrders(hasExits ? [] : orders);
  const admission = new Admission({ symbol, instrumentId: null, publisherId: null, session: null });
  const file = new FilePass({ ours, admission, originNs: startNs, clock: 'event' });
  const positions = hasExits ? new Positions(file.pass, ours, { tickInt, trigger: 'trade', probesNs: [1e9] }) : null;
  for (const order of positions === null ? [] : orders) {
    positions?.open(positions.enter(order, { exitLatencyNs: 5e6, maxHoldNs: 10e9 }), 8, 8);
  }
  eachBatch(bytes, (batch) => file.ingest(batch));
  file.finish();
  positions?.finish();
  return () => hashOf(textOf(file.pass.fills, ours.count));
}

/** Fills of each order, in the order of the orders. */
function textOf(fills: FillRows, count: number): string {
  const told: string[][] = Array.from({ length: count }, () => []);
  for (let at = 0; at < fills.count; at++) {
    const { order, tsNs, price, size, reason } = fills;
    told[order[at]!]!.push(`${tsNs[at]} ${price[at]} ${size[at]} ${fillReasonNames[reason[at]!]}`);
  }
  return told.map((lines) => lines.join('\n')).join('\n\n');
}

function followLiterally(bytes: Uint8Array, orders: readonly OurOrder[]): () => string {
  const literal = new LiteralExecution(orders);
  let nowNs = 0;
  eachBatch(bytes, (batch) => {
    for (let i = 0; i < batch.count; i++) {
      const record = readMbo(batch, i);
      const isSnapshot = (record.flags & flag.snapshot) !== 0;
      nowNs = Math.max(nowNs, Number((isSnapshot ? record.tsRecv : record.tsEvent) - startNs));
      literal.apply(record, nowNs);
    }
  });
  literal.finish();
  const told = literal.ours.map(({ fills }) =>
    fills.map(({ tsNs, price, size, reason }) => `${tsNs} ${price} ${size} ${reason}`).join('\n'),
  );
  return () => hashOf(told.join('\n\n'));
}
