import { assert } from '../errors.ts';
import { type Outcomes, type SideOutcomes, tradeResult } from './outcomes.ts';
import type { SessionSpreads } from './spreads.ts';

/** Numbers of an entry. */
export const entryWidth = 4;
/** In place of a trade's result + 1: the session has no mid any more, and nothing is entered. */
export const noEntry = 3;

/**
 * The trades that orders open which arrive in a session's bins, long and short: what a trade is read from lies side by side, for
 * firings are scattered and each array more would be another miss of the cache.
 *
 * The `entryWidth` numbers of the order that arrives in bin b begin at `entryWidth`·b: the bin of the entry, 4·exit bin + result + 1
 * (or `noEntry`), gain at the mid and half the spreads at entry and exit, both in half ticks. An order after the session's last mid opens and
 * closes at that mid; those of the bin behind the last one are such an order.
 */
export interface Entries {
  readonly bins: number;
  readonly outcomes: Outcomes;
  readonly long: Int32Array;
  readonly short: Int32Array;
}

/** Lays out the entries of a session; fewer than 2^29 bins. */
export function layOutEntries(outcomes: Outcomes, spreads: SessionSpreads): Entries {
  const bins = spreads.lastSpread.length;
  assert(bins < 2 ** 29, 'a bin and a result fit 32 bits');
  return { bins, outcomes, long: sideEntries(outcomes.up, spreads), short: sideEntries(outcomes.down, spreads) };
}

function sideEntries(
  { exitBin, result, midGainTicks }: SideOutcomes,
  { lastSpread, nextWithMid }: SessionSpreads,
): Int32Array {
  const bins = lastSpread.length;
  const entries = new Int32Array(entryWidth * (bins + 1));
  for (let bin = 0; bin <= bins; bin++) {
    const at = entryWidth * bin;
    const entry = bin < bins ? nextWithMid[bin]! : bins;
    if (entry === bins) {
      entries[at] = bins - 1;
      entries[at + 1] = 4 * (bins - 1) + noEntry;
      entries[at + 3] = 2 * lastSpread[bins - 1]!;
      continue;
    }
    const exit = exitBin[entry]!;
    entries[at] = entry;
    entries[at + 1] = 4 * exit + result[entry]! - tradeResult.stopLoss;
    entries[at + 2] = Math.round(2 * midGainTicks[entry]!);
    entries[at + 3] = lastSpread[entry]! + lastSpread[exit]!;
  }
  return entries;
}
