import { type Column, columnFromArray, type DataType, float64, int32, int64, utf8 } from '@uwdata/flechette';
import { present, SpymasterError } from '../errors.ts';
import { tradeResult } from '../evaluation/index.ts';
import { createAtomicFile, type ParquetFile, ParquetThread, type WrittenFile } from '../files/index.ts';
import { type ResultsStore, type RunMeta, storedUnitIds, thresholdRows } from '../lake/index.ts';
import { arrowStream, type ResultRow } from '../wire/index.ts';
import { bestThreshold } from './compare_runs.ts';
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

/** Columns in the order of files, with their Arrow types. */
const columnTypes: Readonly<Record<keyof TradeRow, () => DataType>> = {
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
};
const columnNames = Object.keys(columnTypes) as (keyof TradeRow)[];

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
 * @throws RESULT_INVALID after the last session when the trades are not those that the result sums up; USAGE for
 * a run whose orders were sent to the real book; what `evaluator.of` throws
 */
export async function* tradesOf(
  evaluator: OutcomeEvaluator,
  { meta, result, sessions }: ChosenResult,
  signal?: AbortSignal,
): AsyncGenerator<TradeRow[], void> {
  if (result.executionJson !== null) {
    throw new SpymasterError(
      'USAGE',
      `Cannot list the trades of ${meta.runId} at the mid: they were filled in the real book. ` +
        `\`npx spymaster execute --run-id ${meta.runId.slice(0, 8)} --out orders.parquet\` writes their orders.`,
      { run: meta.runId },
    );
  }
  let [count, net] = [0, 0];
  for (const session of sessions) {
    const rows = sessionRows(session, await evaluator.of(meta, result.threshold, session.date, signal));
    for (const row of rows) net += row.net_pnl_ticks;
    count += rows.length;
    yield rows;
  }
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

function sessionRows({ date, startUtc, startOfDayMs }: SweepSession, outcomes: RunOutcomes): TradeRow[] {
  const { trades, costTicks, cellWidthMs, firstBinSeq } = outcomes;
  const startNs = Temporal.Instant.from(startUtc).epochNanoseconds;
  const fills = fillMids(outcomes);
  return Array.from({ length: trades.count }, (_, at): TradeRow => {
    const bin = present(trades.firingBin[at]);
    const gross = present(trades.grossHalfTicks[at]) / 2;
    const cost = present(costTicks[at]);
    const result = trades.result[at];
    return {
      session: date,
      bin_seq: BigInt(firstBinSeq + bin),
      ts_ns: startNs + BigInt(bin) * BigInt(cellWidthMs * 1e6),
      side: trades.side[at] === 1 ? 'long' : 'short',
      entry_mid: present(fills.entry[at]),
      exit_mid: present(fills.exit[at]),
      outcome:
        result === tradeResult.takeProfit ? 'take_profit' : result === tradeResult.stopLoss ? 'stop_loss' : 'timeout',
      gross_pnl_ticks: gross,
      cost_ticks: cost,
      net_pnl_ticks: gross - cost,
      hour: Math.floor((startOfDayMs + bin * cellWidthMs) / 3_600_000) % 24,
    };
  });
}

/** Most trades of a Parquet row group. */
const tradesPerGroup = 131_072;

/** Writes trades as Parquet at `path`, a temporary name that must not exist. Throws LAKE_NOT_WRITABLE. */
export async function writeTradesParquet(path: string, sessions: AsyncIterable<TradeRow[]>): Promise<WrittenFile> {
  await using thread = new ParquetThread();
  const file = thread.createFile(path, { rowGroupRows: tradesPerGroup, rangeColumns: ['session', 'ts_ns'] });
  let isEmpty = true;
  for await (const rows of sessions) {
    if (rows.length === 0) continue;
    await send(file, rows);
    isEmpty = false;
  }
  if (isEmpty) await send(file, []);
  return await file.finish();
}

async function send(file: ParquetFile, rows: readonly TradeRow[]): Promise<void> {
  const columns = columnNames.map((name): [string, Column<unknown>] => [
    name,
    columnFromArray(
      rows.map((row) => row[name]),
      columnTypes[name](),
    ),
  ]);
  const stream = arrowStream(columns, () => false);
  const buffer = await file.buffer(stream.byteLength);
  new Uint8Array(buffer).set(stream);
  file.send(buffer, stream.byteLength);
}

/** Writes trades as CSV with a head at `path`, whole or not at all. Throws LAKE_NOT_WRITABLE. */
export async function writeTradesCsv(
  path: string,
  sessions: AsyncIterable<TradeRow[]>,
  { force }: { readonly force: boolean },
): Promise<void> {
  const file = await createAtomicFile(path, { force });
  const encoder = new TextEncoder();
  const write = (lines: readonly string[]) => file.write(encoder.encode(lines.map((line) => `${line}\n`).join('')));
  try {
    await write([columnNames.join(',')]);
    // Dates, names and numbers: nothing needs quotes.
    for await (const rows of sessions) await write(rows.map((row) => columnNames.map((name) => row[name]).join(',')));
    await file.commit();
  } catch (error) {
    await file.abort();
    throw error;
  }
}
