import {
  contentHash,
  type PublishedEvidence,
  type PublishedFiring,
  type PublishedServingSpec,
  parsePublishedServing,
} from '../config/index.ts';
import { SpymasterError } from '../errors.ts';
import {
  type Lake,
  type ResultsStore,
  type RunMeta,
  readManifest,
  ServingRegistry,
  type ServingVersion,
  sweepSummary,
} from '../lake/index.ts';
import { signalDefinition, storedParameters } from '../signals/index.ts';
import type { ResultRow } from '../wire/index.ts';
import { bestThreshold, runDetail } from './compare_runs.ts';
import type { StoredWalkForward } from './judge_experiment.ts';
import type { ResolvedRun } from './run_rows.ts';

export interface PromoteOptions {
  readonly lake: Lake;
  readonly store: ResultsStore;
  /** The experiment that the run must be of. */
  readonly experimentName: string;
  readonly runId: string;
  readonly alias: string;
  /** One of the run's thresholds; absent: the one with the best net mean among those with enough signals. */
  readonly threshold?: number | undefined;
  /** Wall clock, ISO 8601 in UTC. */
  readonly now: () => string;
}

export interface Promotion {
  readonly version: ServingVersion;
  /** The run was published before, and that version says all that is published today; the alias points at it. */
  readonly isReused: boolean;
}

/**
 * Publishes what a run evaluated as an immutable serving version and points `alias` at it. The snapshot is taken from what
 * the run stored of itself, not from specs that may have changed since, so that what streams is what was evaluated.
 *
 * Versions never change: where an earlier release published the run, and said less of it, the run gets a version beside that
 * one, whose id ends with a hash of what it says.
 *
 * @throws RUN_UNKNOWN, also for a run of another experiment; what the registry and `readManifest` throw
 */
export async function promoteRun(options: PromoteOptions): Promise<Promotion> {
  const { lake, alias, now } = options;
  const spec = await publishedSpec(options);
  using registry = new ServingRegistry(lake);
  const same = registry.findSame(spec);
  const { serving_id: id } = spec;
  const servingId = same?.servingId ?? (registry.has(id) ? besideId(spec) : id);
  return { version: registry.publish({ ...spec, serving_id: servingId }, { now, alias }), isReused: same !== null };
}

/** Id of a version whose usual id is taken by one that says something else. */
function besideId({ serving_id: id, source, ...content }: PublishedServingSpec): string {
  const tail = `_${contentHash({ ...content, run: source.run_id, config: source.config_hash }, 8)}`;
  return `${id.slice(0, maxIdLength - tail.length)}${tail}`;
}

const maxIdLength = 128;

async function publishedSpec(options: PromoteOptions): Promise<PublishedServingSpec> {
  const { meta, thresholdResults } = await runDetail(options.store, options.runId);
  const { runId, configHash, experimentName: experiment, signalName: signal } = meta;
  if (experiment !== options.experimentName) {
    throw new SpymasterError(
      'RUN_UNKNOWN',
      `Cannot promote the run ${runId} for the experiment ${options.experimentName}: it is a run of ${experiment}; ` +
        'give the spec of that experiment.',
      { run: runId, experiment: options.experimentName },
    );
  }
  const resolved = JSON.parse(meta.resolvedJson) as ResolvedRun;
  const { runtime, projection } = resolved;
  // Of several sessions the newest is streamed; results of before 0.3 name their only one elsewhere.
  const datasetId = (resolved.sessions as ResolvedRun['sessions'] | undefined)?.at(-1)?.datasetId ?? meta.datasetId;
  const { symbol, dt, start_time } = (await readManifest(options.lake, datasetId)).spec.capture;
  const chosen = chosenThreshold(options, meta, thresholdResults);
  const definition = signalDefinition(signal);
  const params = storedParameters(definition, JSON.parse(meta.signalParamsJson));
  const tail = `_${runId.slice(0, 8)}_${configHash.slice(0, 8)}`;
  return parsePublishedServing(
    {
      serving_id: `srv_${experiment.slice(0, maxIdLength - 4 - tail.length)}${tail}`,
      description: `${signal} of ${experiment}: take-profit ${meta.evalTpTicks}, stop-loss ${meta.evalSlTicks} ticks, cooldown ${meta.cooldownBins} bins`,
      runtime_snapshot: { ...runtime, symbol, stream_dt: dt, stream_start_time: start_time },
      // Parameters that are runtime fields lie in the snapshot.
      ...(definition.runtimeFieldPrefix === undefined && { signal: { name: signal, params } }),
      projection,
      ...(chosen === null ? {} : { firing: firingOf(chosen.threshold, meta.cooldownBins, resolved) }),
      ...(chosen === null ? {} : await evidenceOf(options.store, meta, chosen, resolved)),
      source: {
        run_id: runId,
        experiment_name: experiment,
        config_hash: configHash,
        promoted_at_utc: options.now(),
        serving_spec_name: meta.servingSpecName,
        signal_name: signal,
      },
    },
    `the run ${runId}`,
  );
}

/** The threshold that is named, else the best. Throws USAGE for one that the run was not evaluated at. */
function chosenThreshold(
  { threshold }: PromoteOptions,
  { runId, evalMinSignals }: RunMeta,
  rows: readonly ResultRow<'runs'>[],
): ResultRow<'runs'> | null {
  if (threshold === undefined) return bestThreshold(rows, evalMinSignals);
  const row = rows.find((one) => one.threshold === threshold);
  if (row !== undefined) return row;
  throw new SpymasterError(
    'USAGE',
    `Cannot promote ${runId} at threshold ${threshold}: it was evaluated at ${rows.map((one) => one.threshold).join(', ')}.`,
    { key: 'threshold', run: runId },
  );
}

/** What is known of a run at a threshold; nothing of a result of an older method. */
async function evidenceOf(
  store: ResultsStore,
  { sweepId }: RunMeta,
  row: ResultRow<'runs'>,
  { sessions }: Partial<ResolvedRun>,
): Promise<{ readonly evidence?: PublishedEvidence }> {
  const sweep = await sweepSummary(store, sweepId);
  const [first, last] = [sessions?.[0], sessions?.at(-1)];
  if (row.nSessions === null || first === undefined || last === undefined) return {};
  const walk = JSON.parse(sweep?.sessionWalkForwardJson ?? 'null') as StoredWalkForward | null;
  return {
    evidence: {
      judged_at_utc: row.timestampUtc,
      verdict: sweep?.verdict ?? null,
      threshold: row.threshold,
      n_sessions: row.nSessions,
      first_session: first.date,
      last_session: last.date,
      n_signals: row.nSignals,
      mean_net_pnl_ticks: row.meanNetPnlTicks,
      mean_net_pnl_ticks_low: row.meanNetPnlTicksLow,
      mean_net_pnl_ticks_high: row.meanNetPnlTicksHigh,
      p_profit: row.pProfit,
      q_value: row.qValue,
      p_adjusted: row.pAdjusted,
      walk_forward_net_ticks: walk?.mean ?? null,
      walk_forward_net_ticks_low: walk?.low ?? null,
    },
  };
}

/** The rule by which a run was judged at a threshold. */
function firingOf(
  threshold: number,
  cooldownBins: number,
  { evaluation, thresholds }: Pick<ResolvedRun, 'evaluation' | 'thresholds'>,
): PublishedFiring {
  return {
    kind: thresholds.kind,
    threshold,
    ...(thresholds.kind === 'past_percentile' ? { window_bins: thresholds.windowBins } : {}),
    cooldown_bins: cooldownBins,
    warmup_bins: evaluation.warmupBins,
  };
}
