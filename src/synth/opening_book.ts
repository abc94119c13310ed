import { away, none, type QueueBook, type Side } from './book.ts';
import type { Random } from './random.ts';
import { depthShape, drawSize, reach } from './tables.ts';
import type { Tape } from './tape.ts';

/** Levels next to the touch that hold orders for sure. */
const solidLevels = 30;
const hourNs = 3_600_000_000_000;

/** Levels per side of the first book. */
export const openingLevels = 2 * reach;

interface RestingOrder {
  readonly side: Side;
  readonly level: number;
  readonly size: number;
  readonly hidden: number;
  /** Nanoseconds since the origin, negative. */
  readonly placedNs: number;
}

/** First values of the session's identifiers. */
export interface OpeningIds {
  /** Id of the last order placed before the session. */
  readonly lastOrderId: number;
  /** Sequence of the last packet before the session. */
  readonly lastSequence: number;
}

/**
 * Fills the empty book around `bestBid` with a one-tick spread and writes it as a snapshot: R, then all bids best first,
 * then all asks, each queue in its order, placed minutes to hours before.
 */
export function openBook(
  book: QueueBook,
  tape: Tape,
  bestBid: number,
  touchDepth: number,
  ids: OpeningIds,
  random: Random,
): void {
  const orders = [
    ...restingOrders(0, bestBid, touchDepth, random),
    ...restingOrders(1, bestBid + 1, touchDepth, random),
  ];
  const byAge = orders.map((_, i) => i).sort((i, j) => orders[i]!.placedNs - orders[j]!.placedNs || i - j);
  const ages = new Map(byAge.map((index, rank) => [index, byAge.length - rank]));
  const oldest = orders[byAge[0]!]!;
  orders.forEach((order, i) => {
    book.insert(order.side, order.level, ids.lastOrderId - 3 * ages.get(i)!, order.size, order.hidden);
  });
  tape.writeClear(oldest.placedNs);
  let left = orders.length;
  let index = 0;
  for (const side of [0, 1] as const) {
    for (let level = book.best[side]!; left > 0 && orders[index]?.side === side; level += away(side)) {
      for (let slot = book.head[level]!; slot !== none; slot = book.next[slot]!) {
        const { placedNs } = orders[index]!;
        left--;
        // Sequences of the day so far, spread as the ages are.
        const sequence = Math.max(1, ids.lastSequence - 7 * ages.get(index)!);
        tape.writeResting(side, level, book.size[slot]!, book.id[slot]!, placedNs, sequence, left === 0);
        index++;
      }
    }
  }
}

/** A side's orders, best level first, each level's oldest first. */
function* restingOrders(side: Side, best: number, touchDepth: number, random: Random): Generator<RestingOrder> {
  for (let distance = 0; distance < openingLevels; distance++) {
    const level = best + away(side) * distance;
    const shape = depthShape[Math.min(distance, reach - 1)]!;
    // Far from the touch the book thins out; round prices (10 points of a quarter each) attract.
    const round = level % 40 === 0 ? 3 : 1;
    let contracts = (touchDepth * shape * round * (0.4 + 1.2 * random.unit())) / (1 + distance / 90);
    if (distance < solidLevels) contracts = Math.max(contracts, 1);
    const queue: { size: number; placedNs: number }[] = [];
    while (contracts > 0 && (contracts >= 1 || random.unit() < contracts)) {
      const size = Math.min(drawSize(random), Math.ceil(contracts));
      contracts -= size;
      const ageHours = (0.02 + Math.min(distance / 60, 5) * random.unit()) * random.exponential();
      // Nothing is older than the trading day.
      queue.push({ size, placedNs: -Math.ceil((ageHours < 14 ? ageHours : 14 * random.unit()) * hourNs) });
    }
    queue.sort((a, b) => a.placedNs - b.placedNs);
    for (const { size, placedNs } of queue) {
      yield { side, level, size, hidden: random.unit() < 0.01 ? 5 * size : 0, placedNs };
    }
  }
}
