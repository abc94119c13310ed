import { projectFlowScore } from '../../../src/spectrum/index.ts';
import type { SessionStore } from './session_store.ts';

/**
 * The flow score that a tick is heading for, `horizonS` seconds after bin `seq`, from its successive bin differences
 * (model.md §6): 0 as long as the bins before are not held. NaN where the bin's window does not reach.
 */
export function projectedScore(store: SessionStore, seq: number, tick: number, horizonS: number): number {
  const score = (back: number) => store.value('flow_score', seq - back, tick);
  const cellS = store.contract.cellNs / 1e9;
  const s = score(0);
  if (Number.isNaN(s)) return s;
  const known = (value: number) => (Number.isNaN(value) ? 0 : value);
  const slope = (back: number) => (score(back) - score(back + 1)) / cellS;
  const s1 = slope(0);
  const s2 = (s1 - slope(1)) / cellS;
  const s3 = (s2 - (slope(1) - slope(2)) / cellS) / cellS;
  return projectFlowScore(s, known(s1), known(s2), known(s3), horizonS, store.contract.projection);
}
