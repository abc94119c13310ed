import type { SessionStore } from './session_store.ts';

/** Which side of ±threshold a score is on. */
function side(score: number, threshold: number): -1 | 0 | 1 {
  return score >= threshold ? 1 : score <= -threshold ? -1 : 0;
}

/**
 * Whether the signal fires up (1) or down (−1) at a bin: its score crosses ± the stream's threshold from neutral or from
 * the other side. A bin whose book is not valid, whose signal is not ready, or that comes within the cooldown of the last
 * firing, fires nothing (product.md, "Signals").
 */
export function firingAt(store: SessionStore, seq: number): -1 | 0 | 1 {
  const { threshold, cooldown_bins: cooldown } = store.contract.config.firing;
  const now = side(store.bin('score', seq), threshold);
  if (now === 0 || store.bin('ready', seq) !== 1 || store.bin('bookValid', seq) !== 1 || !store.has(seq - 1)) return 0;
  const before = store.bin('ready', seq - 1) === 1 ? side(store.bin('score', seq - 1), threshold) : 0;
  if (now === before || store.lastMark('firing', Math.max(0, seq - cooldown + 1), seq) !== 0) return 0;
  return now;
}

/** The threshold at which firings are marked, in words. */
export function firingWords({
  threshold,
  cooldown_bins: cooldown,
  basis,
}: SessionStore['contract']['config']['firing']) {
  const pause = cooldown > 0 ? `, at least ${cooldown} bins apart` : '';
  return basis === 'published'
    ? `at ±${threshold}, the published threshold${pause}`
    : `at ±${threshold}, flow_neutral_threshold: the version was published without one of its own`;
}
