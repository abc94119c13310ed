import { activityFields } from '../../../src/engine/index.ts';
import type { DepthFrame } from '../../../src/wire/index.ts';
import type { Session } from './session.ts';
import type { PriceVolume } from './traded_volume.ts';

/** One price of the ladder; sizes, and 0 where there is nothing. */
export interface LadderRow {
  readonly tick: number;
  bid: number;
  ask: number;
  /** Orders of the level, and the size of the largest. */
  orders: number;
  largest: number;
  /** In the last second, of both sides. */
  added: number;
  pulled: number;
  /** Since the reset: at the bid, where sellers took, and at the ask. */
  sold: number;
  bought: number;
}

export interface Ladder {
  /** The highest price first. */
  readonly rows: readonly LadderRow[];
  readonly bidTick: number;
  readonly askTick: number;
  /** The price that traded last before the bin's end, within the bins kept; NaN where none did. */
  readonly lastTick: number;
}

/** Time over which added and pulled sizes are summed. */
export const ladderWindowMs = 1000;

const fields = activityFields.length;
const [bidAdded, bidPulled, askAdded, askPulled] = (['bidAdded', 'bidPulled', 'askAdded', 'askPulled'] as const).map(
  (name) => activityFields.indexOf(name),
);

/**
 * The ladder at the end of a bin, of `count` prices from `topTick` down. `volumes` are since the reset. Null where the stream has
 * no book of that bin any more.
 */
export function ladderAt(
  { contract, recent }: Session,
  seq: number,
  topTick: number,
  count: number,
  volumes: ReadonlyMap<number, PriceVolume>,
): Ladder | null {
  const frame = recent.at(seq);
  if (frame === null) return null;
  const rows = Array.from({ length: count }, (_, index): LadderRow => {
    const tick = topTick - index;
    const { bought = 0, sold = 0 } = volumes.get(tick) ?? {};
    return { tick, bid: 0, ask: 0, orders: 0, largest: 0, added: 0, pulled: 0, sold, bought };
  });
  fillSide(rows, topTick, frame.bids, 'bid');
  fillSide(rows, topTick, frame.asks, 'ask');
  const bins = Math.max(1, Math.round((ladderWindowMs * 1e6) / contract.cellNs));
  let lastTick = Number.NaN;
  for (let back = 0; back < bins; back++) {
    const earlier = recent.at(seq - back);
    if (earlier !== null) addActivity(rows, topTick, earlier);
  }
  for (let back = seq; Number.isNaN(lastTick) && back >= 0; back--) {
    const earlier = recent.at(back);
    if (earlier === null) break;
    lastTick = earlier.lastTradeTick;
  }
  return { rows, bidTick: frame.bids.ticks[0] ?? Number.NaN, askTick: frame.asks.ticks[0] ?? Number.NaN, lastTick };
}

function fillSide(rows: readonly LadderRow[], topTick: number, levels: DepthFrame['bids'], side: 'bid' | 'ask'): void {
  levels.ticks.forEach((tick, level) => {
    const row = rows[topTick - tick];
    if (row === undefined) return;
    row[side] = levels.sizes[level] ?? 0;
    row.orders += levels.orders[level] ?? 0;
    row.largest = Math.max(row.largest, levels.largest[level] ?? 0);
  });
}

function addActivity(rows: readonly LadderRow[], topTick: number, { activity }: DepthFrame): void {
  const { ticks, amounts } = activity;
  ticks.forEach((tick, index) => {
    const row = rows[topTick - tick];
    if (row === undefined) return;
    const amount = (field = 0) => amounts[index * fields + field] ?? 0;
    row.added += amount(bidAdded) + amount(askAdded);
    row.pulled += amount(bidPulled) + amount(askPulled);
  });
}
