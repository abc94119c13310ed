import {
  type Projection,
  type PublishedServingSpec,
  parsePublishedServing,
  type RuntimeConfig,
} from '../config/index.ts';
import { SpymasterError } from '../errors.ts';
import { type Lake, type ResultsStore, readManifest, ServingRegistry, type ServingVersion } from '../lake/index.ts';
import { bestThreshold, runDetail } from './compare_runs.ts';

export interface PromoteOptions {
  readonly lake: Lake;
  readonly store: ResultsStore;
  /** The experiment that the run must be of. */
  readonly experimentName: string;
  readonly runId: string;
  readonly alias: string;
  /** Time of the promotion, ISO 8601. */
  readonly atUtc: string;
}

export interface Promotion {
  readonly version: ServingVersion;
  /** The run with this configuration was published before; the alias points at that version. */
  readonly isReused: boolean;
}

/**
 * Publishes what a run evaluated as an immutable serving version and points `alias` at it. The snapshot is taken from what
 * the run stored of itself, not from specs that may have changed since, so that what streams is what was evaluated.
 *
 * @throws RUN_UNKNOWN, also for a run of another experiment; what the registry and `readManifest` throw
 */
export async function promoteRun(options: PromoteOptions): Promise<Promotion> {
  const { lake, alias, atUtc } = options;
  const spec = await publishedSpec(options);
  using registry = new ServingRegistry(lake);
  const isReused = registry.find(spec.source.run_id, spec.source.config_hash) !== null;
  return { version: registry.publish(spec, { atUtc, alias }), isReused };
}

async function publishedSpec(options: PromoteOptions): Promise<PublishedServingSpec> {
  const { meta, thresholdResults } = await runDetail(options.store, options.runId);
  const { run_id: runId, config_hash: configHash, experiment_name: experiment, signal_name: signal } = meta;
  if (experiment !== options.experimentName) {
    throw new SpymasterError(
      'RUN_UNKNOWN',
      `Cannot promote the run ${runId} for the experiment ${options.experimentName}: it is a run of ${experiment}; ` +
        'give the spec of that experiment.',
      { run: runId!, experiment: options.experimentName },
    );
  }
  const { runtime, projection } = JSON.parse(meta.resolved_json) as { runtime: RuntimeConfig; projection: Projection };
  const manifest = await readManifest(options.lake, meta.dataset_id!);
  const { dt, start_time } = manifest.spec.capture;
  const best = bestThreshold(thresholdResults, meta.eval_min_signals!);
  const tail = `_${runId!.slice(0, 8)}_${configHash!.slice(0, 8)}`;
  return parsePublishedServing(
    {
      serving_id: `srv_${experiment!.slice(0, 128 - 4 - tail.length)}${tail}`,
      description: `${signal} of ${experiment}: take-profit ${meta.eval_tp_ticks}, stop-loss ${meta.eval_sl_ticks} ticks, cooldown ${meta.cooldown_bins} bins`,
      runtime_snapshot: { ...runtime, stream_dt: dt, stream_start_time: start_time },
      // The derivative signal's parameters are runtime fields and lie in the snapshot.
      ...(signal === 'derivative' ? {} : { signal: { name: signal, params: JSON.parse(meta.signal_params_json!) } }),
      projection,
      // Percentiles of the past are thresholds that move with the score: none of them stands for the run.
      ...(best !== null && meta.threshold_kind === 'score'
        ? { firing: { threshold: best.threshold, cooldown_bins: meta.cooldown_bins } }
        : {}),
      source: {
        run_id: runId,
        experiment_name: experiment,
        config_hash: configHash,
        promoted_at_utc: options.atUtc,
        serving_spec_name: meta.serving_spec_name,
        signal_name: signal,
      },
    },
    `the run ${runId}`,
  );
}
