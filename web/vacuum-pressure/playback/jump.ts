import type { SessionStore } from '../session/session_store.ts';

/** Bins that a jump fetches at most: about 100 MB of a stream of ±50 ticks. */
export const maxJumpBins = 4096;
/** Part of the view that lies after the moment of a jump. */
const shareAfter = 1 / 3;

/** Bins [first, last] that a jump to `moment` shows; `moment` is null for a step, which ends at its bin. */
export interface JumpSpan {
  readonly first: number;
  readonly last: number;
  readonly moment: number | null;
}

/** Bins after the moment of a jump in a view of `widthBins`. */
export function binsAfter(widthBins: number): number {
  return Math.floor(Math.min(widthBins, maxJumpBins) * shareAfter);
}

/** The bins that end at `last` and fill a view of `widthBins`. */
export function spanUpTo(last: number, widthBins: number, moment: number | null): JumpSpan {
  return { first: Math.max(0, last - Math.min(widthBins, maxJumpBins) + 1), last, moment };
}

/**
 * The bins that a jump to `seq` shows in a view of `widthBins`: two thirds before the moment, a third after it, where the
 * session has as many. `binCount` is the session's number of bins, null while it is unknown.
 */
export function jumpSpan(seq: number, widthBins: number, binCount: number | null): JumpSpan {
  const newest = binCount === null ? Number.POSITIVE_INFINITY : Math.max(0, binCount - 1);
  const moment = Math.min(Math.max(0, seq), newest);
  return spanUpTo(Math.min(moment + binsAfter(widthBins), newest), widthBins, moment);
}

/** Bins of a span before its last that have to be sent: from the first one that is not held. */
export function missingHistory(store: Pick<SessionStore, 'has'>, { first, last }: JumpSpan): number {
  let from = first;
  while (from < last && store.has(from)) from++;
  return last - from;
}
