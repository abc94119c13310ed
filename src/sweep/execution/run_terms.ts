import type { RunMeta } from '../../lake/index.ts';
import type { ResolvedRun } from '../run_rows.ts';
import type { ExecutionSettings, ExecutionTerms } from './execution_terms.ts';

/** How the firings of a run were sent to the real book. */
export interface KeptTerms {
  readonly terms: ExecutionTerms;
  readonly settings: Pick<ExecutionSettings, 'trigger' | 'clock'>;
  /** Whether the run's results stand on it: it was swept with `eval.execution`. */
  readonly isOwn: boolean;
  /** A side and contract. */
  readonly feeTicks: number;
}

/** Those of a run's own experiment. */
export interface OwnTerms extends KeptTerms {
  /** Whether a market that does not execute first in, first out is taken as if it did. */
  readonly notFifo: boolean;
}

/** Those that a run was swept with; null for one whose trades are filled at the mid. */
export function ownTerms({ resolvedJson }: RunMeta): OwnTerms | null {
  const { execution, judgement } = JSON.parse(resolvedJson) as Partial<ResolvedRun>;
  if (execution === undefined) return null;
  const { trigger, clock, notFifo, ...terms } = execution;
  // The costs of a trade are those of all its contracts, in and out.
  const feeTicks = (judgement?.costs.commissionTicks ?? 0) / (2 * terms.size);
  return { terms: { ...terms, met: true }, settings: { trigger, clock }, isOwn: true, feeTicks, notFifo };
}
