import type { Session } from './session.ts';

/** Columns of depth, which the book goes on with beyond the window. */
export type DepthColumn = 'rest_depth' | 'bid_depth' | 'ask_depth';

/** Size resting at a tick at a bin, also beyond the window; NaN where it is not known. */
export function depthAt({ store, book }: Session, column: DepthColumn, seq: number, tick: number): number {
  const inWindow = store.value(column, seq, tick);
  if (!Number.isNaN(inWindow) || !store.has(seq)) return inWindow;
  const isBid = tick < store.bin('spotTick', seq);
  return column === 'rest_depth' || isBid === (column === 'bid_depth') ? book.value(seq, tick) : 0;
}
