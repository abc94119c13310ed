import { present } from '../errors.ts';
import { pooledTiming } from '../statistics/index.ts';
import type { FamilyTrial } from './family.ts';

/**
 * Whether a trial's moments are better than other moments of the same sessions: a p-value over all shifts where there is
 * one session and they were all taken, else pooled over sessions; null where too little fired.
 */
export function timingPValue(trial: FamilyTrial, sessions: number): number | null {
  const timings = trial.timings();
  if (sessions === 1 && timings.length === 1) {
    const { pTiming } = present(timings[0]);
    if (pTiming !== null) return pTiming;
  }
  return pooledTiming(timings)?.pTiming ?? null;
}
