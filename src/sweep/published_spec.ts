import {
  type PublishedEvidence,
  type PublishedFiring,
  type PublishedServingSpec,
  parsePublishedServing,
} from '../config/index.ts';
import { present, SpymasterError } from '../errors.ts';
import { type Lake, type ResultsStore, type RunMeta, readManifest, sweepSummary } from '../lake/index.ts';
import { assertComputed, storedParameters } from '../signals/index.ts';
import { storedDescription } from '../user_signals/index.ts';
import type { ResultRow } from '../wire/index.ts';
import { runDetail, shownThreshold } from './compare_runs.ts';
import type { StoredSessions, StoredWalkForward } from './judge_experiment.ts';
import { assertNoPriorDay } from './prior_day.ts';
import type { ResolvedRun } from './run_rows.ts';

/** Longest id of a published version. */
export const maxServingIdLength = 128;

/** A run, and what of it is streamed. */
export interface RunSpecOptions {
  readonly lake: Lake;
  readonly store: ResultsStore;
  readonly runId: string;
  /** One of the run's thresholds; absent: the one with the most evidence among those with enough signals. */
  readonly threshold?: number | undefined;
  /** Date YYYY-MM-DD of one of the run's sessions; absent: the newest outside the holdout. */
  readonly session?: string | undefined;
  /** When the run is published, ISO 8601 in UTC, or that it is not. */
  readonly promotedAtUtc: string;
}

/**
 * The snapshot by which a run streams one of its sessions. It is taken from what the run stored of itself, not from specs that may
 * have changed since, so that what streams is what was evaluated.
 *
 * @throws RUN_UNKNOWN; SERVING_UNKNOWN for a session that the run does not have; USAGE for a threshold; SIGNAL_IMPORTED; what `readManifest` and
 *   `storedDescription` throw; CONFIG_INVALID where no stream would have its scores (`assertNoPriorDay`)
 */
export async function publishedSpec(options: RunSpecOptions): Promise<PublishedServingSpec> {
  const { lake, store, runId } = options;
  const { meta, thresholdResults } = await runDetail(store, runId);
  const { configHash, experimentName: experiment, signalName: signal } = meta;
  const resolved = JSON.parse(meta.resolvedJson) as ResolvedRun;
  const session = await chosenSession(options, meta);
  const manifest = await readManifest(lake, session.datasetId);
  const { symbol, dt, start_time } = manifest.spec.capture;
  const chosen = chosenThreshold(options, meta, thresholdResults);
  const { signalSource } = resolved;
  const definition = await storedDescription(lake, signal, signalSource);
  assertComputed(definition, `promote or stream the run ${runId.slice(0, 12)}`);
  assertNoPriorDay(runId, manifest, definition);
  const params = storedParameters(definition, JSON.parse(meta.signalParamsJson));
  const tail = `_${runId.slice(0, 8)}_${configHash.slice(0, 8)}`;
  return parsePublishedServing(
    {
      serving_id: `srv_${experiment.slice(0, maxServingIdLength - 4 - tail.length)}${tail}`,
      description: `${signal} of ${experiment}: take-profit ${meta.evalTpTicks}, stop-loss ${meta.evalSlTicks} ticks, cooldown ${meta.cooldownBins} bins`,
      runtime_snapshot: { ...resolved.runtime, symbol, stream_dt: dt, stream_start_time: start_time },
      // Parameters that are runtime fields lie in the snapshot.
      ...(definition.runtimeFieldPrefix === undefined && {
        signal: { name: signal, params, ...(signalSource !== undefined && { source_hash: signalSource }) },
      }),
      projection: resolved.projection,
      ...(chosen === null ? {} : { firing: firingOf(chosen.threshold, meta.cooldownBins, resolved) }),
      ...(chosen === null ? {} : await evidenceOf(store, meta, chosen, resolved)),
      source: {
        run_id: runId,
        experiment_name: experiment,
        config_hash: configHash,
        promoted_at_utc: options.promotedAtUtc,
        serving_spec_name: meta.servingSpecName,
        signal_name: signal,
      },
    },
    `the run ${runId}`,
  );
}

/** A session of a run, by its dataset; results of before 0.3 name their only one elsewhere. */
interface RunSession {
  readonly datasetId: string;
  /** YYYY-MM-DD. */
  readonly date: string;
}

/** The sessions of a run in order of date. @throws what `readManifest` throws, for a result of before 0.3 */
export async function sessionsOfRun(lake: Lake, meta: RunMeta): Promise<readonly RunSession[]> {
  const { sessions } = JSON.parse(meta.resolvedJson) as Partial<ResolvedRun>;
  if (sessions !== undefined) return sessions;
  const { datasetId } = meta;
  return [{ datasetId, date: (await readManifest(lake, datasetId)).spec.capture.dt }];
}

async function chosenSession({ lake, store, session: date }: RunSpecOptions, meta: RunMeta): Promise<RunSession> {
  const sessions = await sessionsOfRun(lake, meta);
  if (date === undefined) {
    const locked = new Set(await holdoutOf(store, meta));
    return present(sessions.findLast((session) => !locked.has(session.date)) ?? sessions.at(-1));
  }
  const session = sessions.find((one) => one.date === date);
  if (session !== undefined) return session;
  throw sessionUnknown(meta.runId, date, sessions, await holdoutOf(store, meta));
}

/** The dates that the experiment of a run holds out, opened or not. */
async function holdoutOf(store: ResultsStore, { sweepId }: RunMeta): Promise<readonly string[]> {
  const sweep = await sweepSummary(store, sweepId);
  return (JSON.parse(sweep?.sessionsJson ?? '{}') as StoredSessions).holdout?.dates ?? [];
}

/** Sessions that are named in an error. */
const nearestShown = 5;

function sessionUnknown(
  runId: string,
  date: string,
  sessions: readonly RunSession[],
  locked: readonly string[],
): SpymasterError {
  const day = (text: string) => {
    const [year = 0, month = 1, ofMonth = 1] = text.split('-').map(Number);
    return Date.UTC(year, month - 1, ofMonth);
  };
  const known = sessions.map((session) => session.date);
  const nearest = known
    .toSorted((a, b) => Math.abs(day(a) - day(date)) - Math.abs(day(b) - day(date)))
    .slice(0, nearestShown)
    .sort();
  const which =
    known.length <= nearestShown ? 'it was evaluated on' : `of its ${known.length} sessions the nearest are`;
  const why = locked.includes(date) ? 'the date is held out and was not opened' : 'the run has no such session';
  return new SpymasterError(
    'SERVING_UNKNOWN',
    `Cannot stream ${date} of the run ${runId}: ${why}; ${which} ${nearest.join(', ')}.`,
    { run: runId, session: date, known: nearest },
  );
}

/** The threshold that is named, else the best. Throws USAGE for one that the run was not evaluated at. */
function chosenThreshold(
  { threshold }: RunSpecOptions,
  { runId, evalMinSignals }: RunMeta,
  rows: readonly ResultRow<'runs'>[],
): ResultRow<'runs'> | null {
  const row = shownThreshold(rows, evalMinSignals, threshold);
  if (row !== undefined) return row;
  throw new SpymasterError(
    'USAGE',
    `Cannot stream ${runId} at threshold ${threshold}: it was evaluated at ${rows.map((one) => one.threshold).join(', ')}.`,
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
