import type { StateReader, StateWriter } from '../state.ts';
import type { OurOrders } from './our_orders.ts';
import type { Entry, Position, PositionFill, TakeProfit } from './position.ts';

/** What became of orders of ours, as columns. */
export type FinishedOrders = Pick<
  OurOrders,
  | 'arrivalNs'
  | 'decisionNs'
  | 'side'
  | 'kind'
  | 'price'
  | 'size'
  | 'aheadAtArrival'
  | 'outcome'
  | 'tooLarge'
  | 'delayed'
>;

export type FinishedEntry = Pick<Entry, 'order' | 'sign' | 'fills' | 'decisionMid' | 'missMid' | 'probes'>;

export interface FinishedTakeProfit extends Pick<TakeProfit, 'ticks' | 'sent' | 'fills'> {
  readonly entry: FinishedEntry;
}

/** A position when all is over. */
export interface FinishedPosition
  extends Pick<
    Position,
    | 'slTicks'
    | 'reason'
    | 'entryFills'
    | 'profitFills'
    | 'voidFills'
    | 'exitOrders'
    | 'exitFills'
    | 'exitArrivalNs'
    | 'exitMid'
    | 'closedAtMid'
  > {
  readonly takeProfit: FinishedTakeProfit;
}

const doubles = ['arrivalNs', 'decisionNs', 'price', 'size', 'aheadAtArrival'] as const;
const bytes = ['side', 'kind', 'outcome', 'tooLarge', 'delayed'] as const;
const entryFields = ['order', 'sign', 'decisionMid', 'missMid'] as const;
const positionFields = [
  ...(['slTicks', 'reason', 'entryFills', 'voidFills', 'exitArrivalNs', 'exitMid', 'closedAtMid'] as const),
] as const;
const fillFields = ['order', 'tsNs', 'price', 'size', 'reason', 'event', 'mid'] as const;

/** Writes finished positions, and of `orders` those that are theirs, numbered anew. */
export function writePositions(
  writer: StateWriter,
  orders: FinishedOrders,
  positions: readonly FinishedPosition[],
): void {
  const takeProfits = [...new Set(positions.map(({ takeProfit }) => takeProfit))];
  const entries = [...new Set(takeProfits.map(({ entry }) => entry))];
  const own = [
    ...entries.map(({ order }) => order),
    ...takeProfits.flatMap(({ sent }) => sent),
    ...positions.flatMap(({ exitOrders }) => exitOrders),
  ];
  const numberOf = new Map(own.map((order, number) => [order, number]));
  for (const name of doubles) writer.array(Float64Array.from(own, (order) => orders[name][order]!));
  for (const name of bytes) writer.array(Int32Array.from(own, (order) => orders[name][order]!));
  const entryAt = new Map(entries.map((entry, at) => [entry, at]));
  const profitAt = new Map(takeProfits.map((takeProfit, at) => [takeProfit, at]));
  const column = <T>(items: readonly T[], of: (item: T) => number) => writer.array(Float64Array.from(items, of));
  const lists = (items: readonly (readonly number[])[]) => {
    writer.array(Int32Array.from(items, ({ length }) => length));
    writer.array(Float64Array.from(items.flat()));
  };
  const fills = (items: readonly (readonly PositionFill[])[]) =>
    lists(
      items.map((of) =>
        of.flatMap((fill) => fillFields.map((name) => (name === 'order' ? numberOf.get(fill.order)! : fill[name]))),
      ),
    );
  const numbers = (items: readonly (readonly number[])[]) =>
    lists(items.map((of) => of.map((order) => numberOf.get(order)!)));
  for (const name of entryFields) {
    column(entries, (entry) => (name === 'order' ? numberOf.get(entry.order)! : entry[name]));
  }
  lists(entries.map(({ probes }) => probes));
  fills(entries.map((entry) => entry.fills));
  column(takeProfits, ({ entry }) => entryAt.get(entry)!);
  column(takeProfits, ({ ticks }) => ticks);
  numbers(takeProfits.map(({ sent }) => sent));
  fills(takeProfits.map((takeProfit) => takeProfit.fills));
  column(positions, ({ takeProfit }) => profitAt.get(takeProfit)!);
  for (const name of positionFields) column(positions, (position) => position[name]);
  lists(positions.map(({ takeProfit, profitFills }) => profitFills.map((fill) => takeProfit.fills.indexOf(fill))));
  numbers(positions.map(({ exitOrders }) => exitOrders));
  fills(positions.map(({ exitFills }) => exitFills));
}

/** Reads what `writePositions` wrote. @throws STATE_INVALID */
export function readPositions(reader: StateReader): {
  readonly orders: FinishedOrders;
  readonly positions: readonly FinishedPosition[];
} {
  const columns = <Name extends string, T>(names: readonly Name[], read: () => T) =>
    Object.fromEntries(names.map((name) => [name, read()])) as Record<Name, T>;
  const orders = {
    ...columns(doubles, () => Float64Array.from(reader.float64s())),
    ...columns(bytes, () => Uint8Array.from(reader.int32s())),
  };
  const lists = (): number[][] => {
    const lengths = reader.int32s();
    const values = reader.float64s();
    let at = 0;
    return Array.from(lengths, (length) => {
      at += length;
      return Array.from(values.subarray(at - length, at));
    });
  };
  const fills = () => lists().map(fillsOf);
  const { order, sign, decisionMid, missMid } = columns(entryFields, () => reader.float64s());
  const probes = lists();
  const entries = fills().map(
    (own, at): FinishedEntry => ({
      ...{ order: order[at]!, sign: sign[at] === 1 ? 1 : -1, fills: own, probes: probes[at]! },
      ...{ decisionMid: decisionMid[at]!, missMid: missMid[at]! },
    }),
  );
  const [entryOf, ticks] = [reader.float64s(), reader.float64s()];
  const sent = lists();
  const takeProfits = fills().map(
    (own, at): FinishedTakeProfit => ({
      ...{ entry: entries[entryOf[at]!]!, ticks: ticks[at]!, sent: sent[at]!, fills: own },
    }),
  );
  const profitOf = reader.float64s();
  const fields = columns(positionFields, () => reader.float64s());
  const [profitFills, exitOrders] = [lists(), lists()];
  const positions = fills().map((exitFills, at): FinishedPosition => {
    const takeProfit = takeProfits[profitOf[at]!]!;
    return {
      ...(Object.fromEntries(positionFields.map((name) => [name, fields[name][at]!])) as Record<
        (typeof positionFields)[number],
        number
      >),
      ...{ takeProfit, exitOrders: exitOrders[at]!, exitFills },
      profitFills: profitFills[at]!.map((fill) => takeProfit.fills[fill]!),
    };
  });
  return { orders, positions };
}

function fillsOf(values: readonly number[]): PositionFill[] {
  return Array.from({ length: values.length / fillFields.length }, (_, at) => {
    const [order, tsNs, price, size, reason, event, mid] = values.slice(at * fillFields.length) as FillValues;
    return { order, tsNs, price, size, reason, event, mid };
  });
}

type FillValues = [number, number, number, number, number, number, number];
