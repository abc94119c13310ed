import { normalQuantile } from './normal.ts';

/** A range of probabilities: 0 ≤ `low` ≤ `high` ≤ 1. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

/**
 * Wilson score interval of a rate: the true rates that `successes` of `trials` do not contradict at `confidence`.
 * With no trials nothing is contradicted: [0, 1].
 *
 * Source: E. B. Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22 (1927).
 */
export function wilsonInterval(successes: number, trials: number, confidence = 0.95): Interval {
  if (trials === 0) return { low: 0, high: 1 };
  const z = normalQuantile(0.5 + confidence / 2);
  const rate = successes / trials;
  const widening = (z * z) / trials;
  const centre = (rate + widening / 2) / (1 + widening);
  const half = (z / (1 + widening)) * Math.sqrt((rate * (1 - rate)) / trials + widening / (4 * trials));
  return { low: Math.max(0, centre - half), high: Math.min(1, centre + half) };
}
