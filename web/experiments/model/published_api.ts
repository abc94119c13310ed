import type {
  AliasHistory,
  PromoteRequest,
  PromotionAnswer,
  PromotionConcerns,
  ServingComparison,
} from '../../../src/wire/index.ts';
import { ask, askFor } from '../../shared/ask.ts';

const aliasPath = (alias: string) => `/v1/aliases/${encodeURIComponent(alias)}`;
const runPath = (runId: string) => `/v1/experiments/runs/${encodeURIComponent(runId)}`;

/** The changes of an alias, oldest first. */
export function fetchHistory(alias: string, signal: AbortSignal): Promise<AliasHistory> {
  return ask(`${aliasPath(alias)}/history`, { signal });
}

export function fetchComparison(before: string, after: string, signal: AbortSignal): Promise<ServingComparison> {
  return ask(`/v1/serving-comparison?${new URLSearchParams({ before, after })}`, { signal });
}

export function rollBack(alias: string, to: string, reason: string): Promise<{ serving_id: string }> {
  return askFor(`${aliasPath(alias)}/rollback`, { to, reason });
}

/** What is known against a run at a threshold. */
export function fetchConcerns(runId: string, threshold: number, signal: AbortSignal): Promise<PromotionConcerns> {
  return ask(`${runPath(runId)}/concerns?${new URLSearchParams({ threshold: String(threshold) })}`, { signal });
}

export function promoteRun(runId: string, request: PromoteRequest): Promise<PromotionAnswer> {
  return askFor(`${runPath(runId)}/promote`, request);
}
