import { type ResolvedServing, type ResultsStore, type RunMeta, runMeta, sumsOfUnit, unitRow } from '../lake/index.ts';
import type { ServingInfo } from '../wire/index.ts';
import { unpublished } from './day_stream.ts';
import { netTicks } from './family_clusters.ts';
import type { ResolvedRun } from './run_rows.ts';
import { unitId } from './sweep_session.ts';

/** What is known of a serving version, or of a session of a run, with the run's result in the session that streams. */
export async function servingInfo(
  { servingId, servingName, spec }: ResolvedServing,
  store: ResultsStore,
): Promise<ServingInfo> {
  const { description, runtime_snapshot: snapshot, source, evidence = null, firing } = spec;
  const threshold = evidence?.threshold ?? firing?.threshold ?? null;
  const meta = threshold === null ? null : await runMeta(store, source.run_id);
  return {
    serving_name: servingName,
    serving_id: servingId,
    description,
    is_published: source.promoted_at_utc !== unpublished,
    symbol: snapshot.symbol,
    session: snapshot.stream_dt,
    threshold,
    source,
    evidence,
    session_result:
      meta === null || threshold === null ? null : await sessionResult(store, meta, snapshot.stream_dt, threshold),
  };
}

/** Null for a session that was not evaluated, and for results of before 0.3. */
async function sessionResult(
  store: ResultsStore,
  { resolvedJson, trialHash }: RunMeta,
  date: string,
  threshold: number,
): Promise<ServingInfo['session_result']> {
  const { sessions, judgement } = JSON.parse(resolvedJson) as Partial<ResolvedRun>;
  const session = sessions?.find((one) => one.date === date);
  if (session === undefined || judgement === undefined) return null;
  const unit = await unitRow(store, unitId(session, trialHash), threshold);
  if (unit === null) return null;
  const { sumLongGross, sumShortGross, sumLongSpread, sumShortSpread } = sumsOfUnit(unit);
  const [gross, spread] = [sumLongGross + sumShortGross, sumLongSpread + sumShortSpread];
  return { n_signals: unit.nSignals, net_pnl_ticks: netTicks(judgement.costs, unit.nSignals, gross, spread) };
}
