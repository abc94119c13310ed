import { float64, int32, int64, utf8 } from '@uwdata/flechette';
import { present, SpymasterError } from '../errors.ts';
import { tradeResult } from '../evaluation/index.ts';
import { type ResultsStore, type RunMeta, storedUnitIds, thresholdRows } from '../lake/index.ts';
import type { ResultRow } from '../wire/index.ts';
import { bestThreshold } from './compare_runs.ts';
import { rowTable } from './row_files.ts';
import { fillMids, type OutcomeEvaluator, type RunOutcomes } from './run_outcomes.ts';
import type { ResolvedRun } from './run_rows.ts';
import { type SweepSession, unitId } from './sweep_session.ts';

/** A trade as files and JSON have it. Prices in the instrument's currency, money in ticks; `ts_ns` is when the firing bin starts. */
export interface TradeRow {
  /** Trading date, YYYY-MM-DD. */
  readonly session: string;
  /** Of the firing bin in its session's dataset. */
  readonly bin_seq: bigint;
  readonly ts_ns: bigint;
  readonly side: 'long' | 'short';
  readonly entry_mid: number;
  readonly exit_mid: number;
  readonly outcome: 'take_profit' | 'stop_loss' | 'timeout';
  readonly gross_pnl_ticks: number;
  readonly cost_ticks: number;
  readonly net_pnl_ticks: number;
  /** Hour of the day in New York in which the firing bin starts, 0 to 23. */
  readonly hour: number;
}

export const tradeTable = rowTable<TradeRow>({
  columns: {
    session: utf8,
    bin_seq: int64,
    ts_ns: int64,
    side: utf8,
    entry_mid: float64,
    exit_mid: float64,
    outcome: utf8,
    gross_pnl_ticks: float64,
    cost_ticks: float64,
    net_pnl_ticks: float64,
    hour: int32,
  },
  nullable: [],
  rangeColumns: ['session', 'ts_ns'],
  groupRows: 131_072,
});

/** The result of a run at one threshold, whose trades are wanted. */
export interface ChosenResult {
  readonly meta: RunMeta;
  readonly result: ResultRow<'runs'>;
  /** Sessions that the result stands on; the run failed in the others. */
  readonly sessions: readonly SweepSession[];
  readonly failedDates: readonly string[];
}

/**
 * The stored result of a run at `threshold`, or at its best.
 * @throws RUN_UNKNOWN for results of an older method; USAGE for a threshold without result, and where none is the best
 */
export async function chooseResult(
  store: ResultsStore,
  meta: RunMeta,
  threshold: number | undefined,
): Promise<ChosenResult> {
  const { runId, evalMinSignals } = meta;
  const rows = await thresholdRows(store, runId);
  if (rows.some(({ nSessions }) => nSessions === null)) {
    throw new SpymasterError(
      'RUN_UNKNOWN',
      `Cannot list the trades of ${runId}: its results are of an older method; run ${meta.experimentName} again.`,
      { run: runId },
    );
  }
  const known = rows.map((row) => row.threshold).join(', ');
  if (threshold === undefined) {
    const best = bestThreshold(rows, evalMinSignals);
    if (best !== null) return { meta, result: best, ...(await sessionsOf(store, meta)) };
    const why = `none of its thresholds has ${evalMinSignals} signals; give one with --threshold: ${known}`;
    throw new SpymasterError('USAGE', `Cannot choose trades of ${runId}: ${why}.`, { run: runId, key: 'threshold' });
  }
  const result = rows.find((row) => row.threshold === threshold);
  if (result !== undefined) return { meta, result, ...(await sessionsOf(store, meta)) };
  throw new SpymasterError(
    'USAGE',
    `Cannot list the trades of ${runId} at threshold ${threshold}: it was evaluated at ${known}.`,
    { run: runId, key: 'threshold' },
  );
}

async function sessionsOf(store: ResultsStore, meta: RunMeta): Promise<Pick<ChosenResult, 'sessions' | 'failedDates'>> {
  const { sessions } = JSON.parse(meta.resolvedJson) as ResolvedRun;
  const stored = await storedUnitIds(
    store,
    sessions.map(({ date }) => date),
  );
  const hasResult = (session: SweepSession) => stored.has(unitId(session, meta.trialHash));
  const failed = sessions.filter((session) => !hasResult(session));
  return { sessions: sessions.filter(hasResult), failedDates: failed.map(({ date }) => date) };
}

/**
 * Evaluates a stored result again and gives its trades session by session; only one session is in memory.
 * @throws RESULT_INVALID after the last session when the trades are not those that the result sums up; what `evaluator.of` throws
 */
export async function* tradesOf(
  evaluator: OutcomeEvaluator,
  chosen: ChosenResult,
  signal?: AbortSignal,
): AsyncGenerator<TradeRow[], void> {
  const { meta, result, sessions } = chosen;
  let [count, net] = [0, 0];
  for (const session of sessions) {
    const rows = sessionRows(session, await evaluator.of(meta, result.threshold, session.date, signal));
    for (const row of rows) net += row.net_pnl_ticks;
    count += rows.length;
    yield rows;
  }
  assertSums(chosen, count, net);
}

/** @throws RESULT_INVALID where the trades of a run, evaluated again, are not those that its result sums up */
export function assertSums({ meta, result }: ChosenResult, count: number, net: number): void {
  const stored = (result.meanNetPnlTicks ?? 0) * count;
  if (count === result.nSignals && Math.abs(net - stored) <= 1e-9 * Math.max(1, count)) return;
  throw new SpymasterError(
    'RESULT_INVALID',
    `Cannot list the trades of ${meta.runId}: the stored result has ${result.nSignals} trades that earn ` +
      `${stored.toFixed(2)} ticks, evaluated again they are ${count} with ${net.toFixed(2)}; run ${meta.experimentName} ` +
      'again with --force.',
    { run: meta.runId },
  );
}

/** The firing of a row: in which bin of a session it fired, and when that bin starts. */
export function firingColumns(
  { date, startUtc, startOfDayMs }: SweepSession,
  { cellWidthMs, firstBinSeq }: Pick<RunOutcomes, 'cellWidthMs' | 'firstBinSeq'>,
  bin: number,
) {
  const startNs = Temporal.Instant.from(startUtc).epochNanoseconds;
  return {
    session: date,
    bin_seq: BigInt(firstBinSeq + bin),
    ts_ns: startNs + BigInt(bin) * BigInt(cellWidthMs * 1e6),
    hour: Math.floor((startOfDayMs + bin * cellWidthMs) / 3_600_000) % 24,
  };
}

function sessionRows(session: SweepSession, outcomes: RunOutcomes): TradeRow[] {
  const { trades, costTicks } = outcomes;
  const fills = fillMids(outcomes);
  return Array.from({ length: trades.count }, (_, at): TradeRow => {
    const gross = present(trades.grossHalfTicks[at]) / 2;
    const cost = present(costTicks[at]);
    const result = trades.result[at];
    const { hour, ...firing } = firingColumns(session, outcomes, present(trades.firingBin[at]));
    return {
      ...firing,
      side: trades.side[at] === 1 ? 'long' : 'short',
      entry_mid: present(fills.entry[at]),
      exit_mid: present(fills.exit[at]),
      outcome:
        result === tradeResult.takeProfit ? 'take_profit' : result === tradeResult.stopLoss ? 'stop_loss' : 'timeout',
      gross_pnl_ticks: gross,
      cost_ticks: cost,
      net_pnl_ticks: gross - cost,
      hour,
    };
  });
}
