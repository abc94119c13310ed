import { contentHash, type PublishedServingSpec } from '../config/index.ts';
import { SpymasterError } from '../errors.ts';
import {
  assertChangesAliases,
  type Lake,
  openServingRegistry,
  type ResultsStore,
  type ServingVersion,
  storeVersion,
} from '../lake/index.ts';
import { assertChecked, storedDescription } from '../user_signals/index.ts';
import { maxServingIdLength, publishedSpec } from './published_spec.ts';

export interface PromoteOptions {
  readonly lake: Lake;
  readonly store: ResultsStore;
  /** The experiment that the run must be of. */
  readonly experimentName: string;
  readonly runId: string;
  readonly alias: string;
  /** One of the run's thresholds; absent: the one with the most evidence among those with enough signals. */
  readonly threshold?: number | undefined;
  /** Date YYYY-MM-DD of the session that streams; absent: the newest outside the holdout. */
  readonly session?: string | undefined;
  /** Why, for the history of the alias. */
  readonly reason?: string | undefined;
  /** Wall clock, ISO 8601 in UTC. */
  readonly now: () => string;
}

export interface Promotion {
  readonly version: ServingVersion;
  /** The run was published before, and that version says all that is published today; the alias points at it. */
  readonly isReused: boolean;
}

/**
 * Publishes what a run evaluated as an immutable serving version (`publishedSpec`) and points `alias` at it.
 *
 * Versions never change: where an earlier release published the run, and said less of it, the run gets a version beside that
 * one, whose id ends with a hash of what it says.
 *
 * @throws RUN_UNKNOWN, also for a run of another experiment; SIGNAL_UNCHECKED where a later check of its signal's source did not pass; what `publishedSpec` and the registry throw
 */
export async function promoteRun(options: PromoteOptions): Promise<Promotion> {
  const { lake, alias, now, reason } = options;
  assertChangesAliases(lake);
  const spec = await publishedSpec({ ...options, promotedAtUtc: now() });
  assertExperiment(spec, options);
  const { signal } = spec;
  if (signal?.source_hash !== undefined) {
    await assertChecked(lake, await storedDescription(lake, signal.name, signal.source_hash));
  }
  using registry = await openServingRegistry(lake);
  const same = registry.findSame(spec);
  const { serving_id: id } = spec;
  const servingId = same?.servingId ?? (registry.has(id) ? besideId(spec) : id);
  const named = { ...spec, serving_id: servingId };
  // An alias points at nothing that other machines do not have, and a machine that dies here leaves a version that all know, or none.
  await storeVersion(lake, registry, same === null ? named : registry.resolve(servingId).spec);
  return {
    version: registry.publish(named, { now, alias, reason }),
    isReused: same !== null,
  };
}

/** Id of a version whose usual id is taken by one that says something else. */
function besideId({ serving_id: id, source, ...content }: PublishedServingSpec): string {
  const tail = `_${contentHash({ ...content, run: source.run_id, config: source.config_hash }, 8)}`;
  return `${id.slice(0, maxServingIdLength - tail.length)}${tail}`;
}

function assertExperiment({ source }: PublishedServingSpec, { runId, experimentName }: PromoteOptions): void {
  if (source.experiment_name === experimentName) return;
  throw new SpymasterError(
    'RUN_UNKNOWN',
    `Cannot promote the run ${runId} for the experiment ${experimentName}: it is a run of ${source.experiment_name}; ` +
      'give the spec of that experiment.',
    { run: runId, experiment: experimentName },
  );
}
