import { opposite, type Side } from '../book.ts';
import type { OwnOrder } from '../execution.ts';
import type { Stage } from './stage.ts';

/** Icebergs made of new orders, refills that are too slow or of another size, and orders that grow after an execution. */
export function startReplacements(stage: Stage): void {
  stage.often(2, (timeNs) => startChain(stage, timeNs, null));
  stage.often(1, (timeNs) => startChain(stage, timeNs, 'slow'));
  stage.often(1, (timeNs) => startChain(stage, timeNs, 'other_sizes'));
  stage.often(1, (timeNs) => growAfterExecution(stage, timeNs));
}

const sizes = [3, 4, 5, 6, 8, 10] as const;
/** Orders that make a chain worth telling. */
const fewestOrders = 3;
/** How long a chain waits for its price to be the best, and the price's largest distance from it at a replacement. */
const patienceNs = 2e9;
const farthestTicks = 3;

type Lookalike = 'slow' | 'other_sizes' | null;

interface Chain {
  readonly side: Side;
  readonly level: number;
  readonly lookalike: Lookalike;
  readonly length: number;
  readonly orders: OwnOrder[];
  readonly sequences: number[];
}

function startChain(stage: Stage, timeNs: number, lookalike: Lookalike): void {
  const side = stage.side();
  const level = stage.book.best[side]!;
  const it: Chain = { side, level, lookalike, length: stage.whole(4, 10), orders: [], sequences: [] };
  show(stage, timeNs, it, drawSize(stage));
}

function drawSize(stage: Stage, not = 0): number {
  const size = sizes[stage.random.below(sizes.length)]!;
  return size === not ? drawSize(stage, not) : size;
}

function show(stage: Stage, timeNs: number, it: Chain, size: number): void {
  if (!stage.canQuote(it.side, it.level, farthestTicks)) {
    end(stage, it);
    return;
  }
  const order = stage.addLevel(timeNs, it.side, it.level, size);
  order.whenExecuted = () => replace(stage, it, order);
  it.orders.push(order);
  it.sequences.push(stage.exchange.sequence);
  wait(stage, timeNs, it, order, timeNs + patienceNs);
}

/** Somebody takes the order soon, when its price is the best. */
function wait(stage: Stage, timeNs: number, it: Chain, order: OwnOrder, untilNs: number): void {
  stage.at(timeNs + 10e6 + 60e6 * stage.random.exponential(), (now) => {
    if (order.isGone) return;
    if (stage.isBest(order)) stage.exchange.take(now, opposite(it.side), stage.through(order), 1, 0);
    if (order.isGone) return;
    if (now < untilNs) {
      wait(stage, now, it, order, untilNs);
      return;
    }
    stage.cancel(now, order);
    end(stage, it);
  });
}

/** The owner hears of the execution at once, also when an aggressor of the flow was first. */
function replace(stage: Stage, it: Chain, gone: OwnOrder): void {
  it.sequences.push(gone.executedSequence);
  const isLast = it.orders.length === it.length;
  const delayNs = it.lookalike === 'slow' ? stage.between(6e6, 200e6) : 0.1e6 + 1e6 * stage.random.exponential();
  const size = it.lookalike === 'other_sizes' ? drawSize(stage, gone.size) : gone.size;
  stage.at(gone.executedNs + delayNs, (now) => {
    if (isLast) end(stage, it);
    else show(stage, now, it, size);
  });
}

function end(stage: Stage, { side, level, lookalike, orders, sequences }: Chain): void {
  if (orders.length < fewestOrders) return;
  stage.tell({
    ...{ kind: 'suspected_iceberg', lookalike, side, level, levels: 1, sequences },
    ...{ tsNs: stage.exchange.eventNs, startNs: orders[0]!.addedNs },
    size: orders.reduce((sum, order) => sum + order.executed, 0),
    orderIds: orders.map(({ id }) => id),
  });
}

/** An order that was executed in part and then grows to its old size, in an event of its own: no hidden quantity. */
function growAfterExecution(stage: Stage, timeNs: number): void {
  const order = stage.addAt(timeNs, stage.side(), 0, stage.whole(10, 20));
  stage.at(timeNs + stage.between(20e6, 200e6), (now) => {
    if (order.isGone || !stage.isBest(order)) return;
    const rest = stage.book.size[order.slot]!;
    stage.exchange.take(now, opposite(order.side), stage.through(order) - rest + Math.ceil(rest / 2), 1, 0);
    if (order.isGone || order.executed === 0) return;
    stage.at(now + stage.between(2e6, 20e6), (then) => {
      if (order.isGone) return;
      stage.exchange.resize(then, order.slot, order.size);
      stage.tellOrder('iceberg', 'grown', order, order.addedNs, [stage.exchange.sequence]);
    });
  });
  stage.at(timeNs + stage.between(1e9, 3e9), (now) => stage.cancel(now, order));
}
