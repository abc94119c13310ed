import { away, opposite, type Side } from '../book.ts';
import type { OwnOrder } from '../execution.ts';
import type { Stage } from './stage.ts';

/** Levels that a trader defends by refilling them while they are hit, and the same aggressors where nobody does. */
export function startDefences(stage: Stage): void {
  stage.often(0.2, (timeNs) => attack(stage, timeNs, true));
  stage.often(0.2, (timeNs) => attack(stage, timeNs, false));
}

/** The defender adds to the level when it displays less than this there. */
const fewest = 20;

interface Attack {
  readonly side: Side;
  readonly level: number;
  readonly startNs: number;
  readonly endNs: number;
  readonly isDefended: boolean;
  /** The defender's orders, and the resting orders that the attack executed. */
  readonly orders: OwnOrder[];
  readonly hit: Set<number>;
  readonly sequences: number[];
  size: number;
}

function attack(stage: Stage, timeNs: number, isDefended: boolean): void {
  const side = stage.side();
  const level = stage.book.best[side]!;
  const endNs = timeNs + stage.between(3e9, 8e9);
  const it: Attack = {
    ...{ side, level, startNs: Math.floor(timeNs), endNs, isDefended, orders: [], hit: new Set(), sequences: [] },
    size: 0,
  };
  if (isDefended) defend(stage, timeNs, it);
  hit(stage, timeNs + stage.between(50e6, 300e6), it);
}

function defend(stage: Stage, timeNs: number, { side, level, orders }: Attack): void {
  if (stage.canQuote(side, level, 2)) orders.push(stage.addLevel(timeNs, side, level, stage.whole(30, 60)));
}

function hit(stage: Stage, timeNs: number, it: Attack): void {
  stage.at(timeNs, (now) => {
    const isLost = it.isDefended && !isHeld(stage, it);
    if (now >= it.endNs || isLost) {
      end(stage, now, it);
      return;
    }
    strike(stage, now, it);
    if (it.isDefended && displayed(stage, it) < fewest) {
      stage.at(now + stage.between(1e6, 30e6), (then) => defend(stage, then, it));
    }
    hit(stage, now + stage.between(60e6, 250e6), it);
  });
}

/** Displayed contracts of the defender. */
function displayed(stage: Stage, { orders }: Attack): number {
  return orders.reduce((sum, order) => sum + (order.isGone ? 0 : stage.book.size[order.slot]!), 0);
}

/** Whether the price has not fallen through the level. */
function isHeld(stage: Stage, { side, level }: Attack): boolean {
  return (stage.book.best[side]! - level) * away(side) <= 0;
}

/** Takes what stands before a defended level, and some of it; or some of the best price. */
function strike(stage: Stage, timeNs: number, it: Attack): void {
  const { book, exchange } = stage;
  const best = book.best[it.side]!;
  let size = stage.whole(6, 24);
  let levels = 1;
  if (it.isDefended) {
    for (let level = best; level !== it.level; level += away(it.side), levels++) size += book.volume[level]!;
    if (levels > 3) return;
  }
  exchange.take(timeNs, opposite(it.side), size, levels, 0);
  const [by] = exchange.aggressors;
  if (by === undefined) return;
  it.size += by.size;
  it.sequences.push(by.sequence);
  for (const id of by.fillIds) it.hit.add(id);
}

function end(stage: Stage, timeNs: number, it: Attack): void {
  for (const order of it.orders) stage.cancel(timeNs, order);
  const executed = it.orders.filter((order) => order.executed > 0);
  const orderIds = it.isDefended ? executed.map(({ id }) => id) : [...it.hit];
  if (orderIds.length === 0) return;
  const { side, level, startNs, sequences, isDefended } = it;
  stage.tell({
    ...{ kind: 'absorption', lookalike: isDefended ? null : 'not_defended', tsNs: stage.exchange.eventNs, startNs },
    ...{ side, level, levels: 1, orderIds, sequences },
    size: isDefended ? executed.reduce((sum, order) => sum + order.executed, 0) : it.size,
  });
}
