import { SpymasterError } from '../../errors.ts';
import { type Lake, ResultsStore } from '../../lake/index.ts';
import { promoteRun, promotionConcerns, runDetail } from '../../sweep/index.ts';
import type { PromotionAnswer, PromotionConcerns } from '../../wire/index.ts';

export interface PromotionRequest {
  readonly runId: string;
  readonly threshold: number | undefined;
}

/** What is known against a run, as `spymaster promote` says it. Throws RUN_UNKNOWN. */
export async function concernsOfRun(lake: Lake, { runId, threshold }: PromotionRequest): Promise<PromotionConcerns> {
  using store = await ResultsStore.open(lake);
  return { concerns: [...(await promotionConcerns(store, runId, threshold))] };
}

export interface PublishRequest extends PromotionRequest {
  readonly alias: string;
  readonly reason: string;
  /** Publish whatever is known against the run. */
  readonly despiteConcerns: boolean;
}

/**
 * Publishes a run as `spymaster promote` does, with a reason.
 * @throws USAGE where something is known against the run and that is not accepted; what `promoteRun` throws
 */
export async function promote(lake: Lake, request: PublishRequest): Promise<PromotionAnswer> {
  const { runId, threshold, alias, reason, despiteConcerns } = request;
  using store = await ResultsStore.open(lake);
  const { meta } = await runDetail(store, runId);
  const concerns = await promotionConcerns(store, runId, threshold);
  if (concerns.length > 0 && !despiteConcerns) {
    throw new SpymasterError(
      'USAGE',
      `Nothing was published. ${concerns.join(' ')} To publish it all the same, accept that.`,
      {
        concerns,
      },
    );
  }
  const now = () => new Date().toISOString();
  const { experimentName } = meta;
  const { version, isReused } = await promoteRun({ lake, store, experimentName, runId, alias, threshold, reason, now });
  return { serving_id: version.servingId, alias, run_id: runId, reused: isReused };
}
