import type { SessionStore } from './session_store.ts';

/** Which side of ±threshold a score is on. */
function side(score: number, threshold: number): -1 | 0 | 1 {
  return score >= threshold ? 1 : score <= -threshold ? -1 : 0;
}

/**
 * Whether the signal fires up (1) or down (−1) at a bin: its score crosses ±threshold from neutral or from the other
 * side. A bin whose book is not valid, or whose signal is not ready, fires nothing (product.md, "Signals").
 */
export function firingAt(store: SessionStore, seq: number): -1 | 0 | 1 {
  const threshold = store.contract.config.flow_neutral_threshold;
  const now = side(store.bin('score', seq), threshold);
  if (now === 0 || store.bin('ready', seq) !== 1 || store.bin('bookValid', seq) !== 1 || !store.has(seq - 1)) return 0;
  const before = store.bin('ready', seq - 1) === 1 ? side(store.bin('score', seq - 1), threshold) : 0;
  return now === before ? 0 : now;
}
