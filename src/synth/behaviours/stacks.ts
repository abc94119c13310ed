import { opposite, type Side } from '../book.ts';
import type { OwnOrder } from '../execution.ts';
import type { Stage } from './stage.ts';

/** Layers on the best prices of a side that are pulled together, and layers that leave in other ways. */
export function startStacks(stage: Stage): void {
  stage.often(1.5, (timeNs) => layer(stage, timeNs, pullTogether));
  stage.often(0.7, (timeNs) => layer(stage, timeNs, pullSlowly));
  stage.often(0.3, (timeNs) => layer(stage, timeNs, executeAll));
}

const layers = 5;
/** Fewest layers that make a pull of several. */
const fewestLayers = 3;

type End = (stage: Stage, timeNs: number, side: Side, orders: readonly OwnOrder[]) => void;

function layer(stage: Stage, timeNs: number, end: End): void {
  const side = stage.side();
  const orders: OwnOrder[] = [];
  const gapNs = stage.between(2e6, 20e6);
  const best = stage.book.best[side]!;
  for (let i = 0; i < layers; i++) {
    stage.at(timeNs + i * gapNs, (now) => {
      const level = best + (side === 0 ? -i : i);
      if (stage.canQuote(side, level, 2 * layers)) orders.push(stage.addLevel(now, side, level, stage.whole(25, 45)));
    });
  }
  stage.at(timeNs + layers * gapNs + stage.between(0.6e9, 3e9), (now) => end(stage, now, side, orders));
}

function pullTogether(stage: Stage, timeNs: number, side: Side, orders: readonly OwnOrder[]): void {
  pullAll(stage, timeNs, side, orders, stage.between(0.5e6, 15e6), null);
}

function pullSlowly(stage: Stage, timeNs: number, side: Side, orders: readonly OwnOrder[]): void {
  pullAll(stage, timeNs, side, orders, stage.between(600e6, 1500e6), 'slow');
}

function pullAll(
  stage: Stage,
  timeNs: number,
  side: Side,
  orders: readonly OwnOrder[],
  gapNs: number,
  lookalike: string | null,
): void {
  const pulled: OwnOrder[] = [];
  const sequences: number[] = [];
  let startNs = 0;
  orders.forEach((order, i) => {
    stage.at(timeNs + i * gapNs, (now) => {
      if (order.isGone) return;
      stage.cancel(now, order);
      if (order.executed > 0) return;
      if (pulled.length === 0) startNs = stage.exchange.eventNs;
      pulled.push(order);
      sequences.push(stage.exchange.sequence);
    });
  });
  stage.at(timeNs + orders.length * gapNs, () => {
    if (pulled.length < fewestLayers) return;
    tellLayers(stage, lookalike, side, startNs, stage.exchange.eventNs, pulled, sequences);
  });
}

/** One aggressor takes them: the side has lost its layers, but nobody pulled them. */
function executeAll(stage: Stage, timeNs: number, side: Side, orders: readonly OwnOrder[]): void {
  let size = 0;
  for (const order of orders) if (!order.isGone) size += stage.book.volume[order.level]!;
  if (size > 0) stage.exchange.take(timeNs, opposite(side), size, layers, 0);
  const taken = orders.filter(({ isGone }) => isGone);
  if (taken.length >= fewestLayers) {
    const sequences = taken.map(({ executedSequence }) => executedSequence);
    const startNs = Math.min(...taken.map(({ executedNs }) => executedNs));
    tellLayers(stage, 'executed', side, startNs, stage.exchange.eventNs, taken, sequences);
  }
  orders.forEach((order, i) => {
    stage.at(timeNs + (i + 1) * 1e9, (now) => stage.cancel(now, order));
  });
}

function tellLayers(
  stage: Stage,
  lookalike: string | null,
  side: Side,
  startNs: number,
  tsNs: number,
  orders: readonly OwnOrder[],
  sequences: readonly number[],
): void {
  const levels = orders.map(({ level }) => level);
  stage.tell({
    ...{ kind: 'stacked_pull', lookalike, tsNs, startNs, side, sequences },
    level: side === 0 ? Math.max(...levels) : Math.min(...levels),
    size: orders.reduce((sum, order) => sum + order.size, 0),
    levels: orders.length,
    orderIds: orders.map(({ id }) => id),
  });
}
