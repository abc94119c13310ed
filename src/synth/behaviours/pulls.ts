import { opposite } from '../book.ts';
import type { OwnOrder } from '../execution.ts';
import type { Stage } from './stage.ts';

/** Traders that show a large order near the best price, and what resembles them. */
export function startPulls(stage: Stage): void {
  stage.often(6, (timeNs) => show(stage, timeNs, stage.between(20e6, 480e6)));
  stage.often(3, (timeNs) => show(stage, timeNs, stage.between(600e6, 8e9)));
  stage.often(3, (timeNs) => showAndExecute(stage, timeNs));
  stage.often(3, (timeNs) => showAndMeet(stage, timeNs));
  stage.often(0.3, (timeNs) => block(stage, timeNs));
}

/** A pull is fast within this time. */
const fastNs = 500e6;

function show(stage: Stage, timeNs: number, lifeNs: number): void {
  const order = stage.addAt(timeNs, stage.side(), stage.whole(0, 4), stage.whole(40, 120));
  stage.at(timeNs + lifeNs, (now) => pull(stage, now, order));
}

/** Pulls what is left of an order: a fast pull, unless it stayed too long or was executed. */
function pull(stage: Stage, timeNs: number, order: OwnOrder): void {
  if (order.isGone) return;
  stage.cancel(timeNs, order);
  const { eventNs, sequence } = stage.exchange;
  const stayed = eventNs - order.addedNs > fastNs;
  const lookalike = order.executed > 0 ? 'executed' : stayed ? 'stays' : null;
  stage.tellOrder('fast_pull', lookalike, order, order.addedNs, [sequence]);
}

/** A large order at the best price that somebody hits, before the rest of it is cancelled. */
function showAndExecute(stage: Stage, timeNs: number): void {
  const order = stage.addAt(timeNs, stage.side(), 0, stage.whole(40, 80));
  stage.at(timeNs + stage.between(20e6, 150e6), (now) => {
    if (order.isGone || !stage.isBest(order)) return;
    const rest = stage.book.size[order.slot]!;
    const size = stage.through(order) - rest + Math.min(stage.whole(3, 12), rest);
    stage.exchange.take(now, opposite(order.side), size, 1, 0);
  });
  stage.at(timeNs + stage.between(200e6, 480e6), (now) => pull(stage, now, order));
}

/** A large order that its owner's own aggressor meets: the exchange cancels it in the aggressor's event, without an execution. */
function showAndMeet(stage: Stage, timeNs: number): void {
  const order = stage.addAt(timeNs, stage.side(), 0, stage.whole(40, 80));
  stage.at(timeNs + stage.between(20e6, 400e6), (now) => {
    if (order.isGone) return;
    const others = stage.book.volume[order.level]! - stage.book.size[order.slot]!;
    if (order.executed > 0 || others === 0 || !stage.isBest(order)) {
      pull(stage, now, order);
      return;
    }
    stage.exchange.take(now, opposite(order.side), others, 1, 0, order);
    stage.tellOrder('fast_pull', 'self_match', order, order.addedNs, [stage.exchange.sequence]);
  });
}

/** One large trade against one large order, which then stays a while: no level that anybody defends. */
function block(stage: Stage, timeNs: number): void {
  const order = stage.addAt(timeNs, stage.side(), 0, stage.whole(150, 300));
  stage.at(timeNs + stage.between(50e6, 500e6), (now) => {
    if (order.isGone || !stage.isBest(order)) return;
    const rest = stage.book.size[order.slot]!;
    stage.exchange.take(now, opposite(order.side), stage.through(order) - rest + Math.floor(rest / 2), 1, 0);
    const [by] = stage.exchange.aggressors;
    if (by === undefined) return;
    const event = { tsNs: stage.exchange.eventNs, startNs: stage.exchange.eventNs, level: order.level, levels: 1 };
    stage.tell({
      ...{ kind: 'large_trade', lookalike: null, ...event, side: by.taker, size: by.size },
      ...{ orderIds: [by.id], sequences: [by.sequence] },
    });
    stage.tell({
      ...{ kind: 'absorption', lookalike: 'one_trade', ...event, side: order.side, size: order.executed },
      ...{ orderIds: [order.id], sequences: [order.executedSequence] },
    });
  });
  stage.at(timeNs + stage.between(2e9, 5e9), (now) => stage.cancel(now, order));
}
