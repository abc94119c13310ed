import { deepEqual, equal, match, ok, rejects } from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { DuckDatabase, quotedFile } from '../../src/files/index.ts';
import { Lake, ResultsStore } from '../../src/lake/index.ts';
import {
  chooseResult,
  OutcomeEvaluator,
  planSweep,
  runDetail,
  runSweep,
  tradesOf,
  tradeTable,
  writeRowsParquet,
} from '../../src/sweep/index.ts';
import { fixtureJudgement, fixtureRequest, randomMarket, writeMarket } from '../helpers/lab_dataset.ts';
import { runCommand } from '../helpers/run_command.ts';

const folder = mkdtempSync(join(tmpdir(), 'spymaster-trades-'));
after(() => rmSync(folder, { recursive: true }));
const lake = new Lake(join(folder, 'lake'));
const radius = 8;
const dates = ['2026-02-05', '2026-02-06', '2026-02-09'];
const plan = planSweep(
  fixtureRequest(radius, {
    tpTicks: [4],
    signalAxes: { derivative: { zscore_window_bins: [40], zscore_min_periods: [20], d2_weight: [0, 0.5] } },
    judgement: { ...fixtureJudgement, costs: { spread: 'half', commissionTicks: 0.05 } },
  }),
);

before(async () => {
  for (const [at, date] of dates.entries()) {
    await writeMarket(lake, `day-${at}`, randomMarket(1500, radius, 3 + at, 1), { date });
  }
  await runSweep({
    ...{
      lake,
      plans: [plan],
      datasets: dates.map((_, at) => ({ datasetId: `day-${at}` })),
      maxWorkers: 1,
      timeoutMs: 60_000,
    },
    ...{ keepGoing: false, force: false, codeVersion: 'test', now: () => new Date('2026-02-10') },
  });
});

const run = (...words: string[]) => runCommand(...words, '--lake-root', lake.root);
const { runId } = plan.cells.at(0);

interface Printed {
  readonly threshold: number;
  readonly sessions: number;
  readonly n_signals: number;
  readonly mean_net_pnl_ticks: number;
  readonly trades: readonly {
    readonly session: string;
    readonly bin_seq: number;
    readonly ts_ns: string;
    readonly side: 'long' | 'short';
    readonly entry_mid: number;
    readonly exit_mid: number;
    readonly outcome: string;
    readonly gross_pnl_ticks: number;
    readonly cost_ticks: number;
    readonly net_pnl_ticks: number;
    readonly hour: number;
  }[];
}

async function printed(...words: string[]): Promise<Printed> {
  const { code, out, err } = await run('trades', runId.slice(0, 8), ...words, '--json');
  equal(code, 0, out + err);
  return JSON.parse(out) as Printed;
}

test('the trades of a run sum up to what compare shows, over all its sessions', async () => {
  const compared = await run('compare', '--json');
  const rows = JSON.parse(compared.out) as {
    runs: { run_id: string; threshold: number; mean_net_pnl_ticks: number }[];
  };
  const shown = rows.runs.find((row) => row.run_id === runId)!;
  const best = await printed();
  equal(best.threshold, shown.threshold);
  equal(best.mean_net_pnl_ticks, shown.mean_net_pnl_ticks);
  for (const threshold of [0.1, 0.2, 0.3]) {
    const { n_signals: count, mean_net_pnl_ticks: mean, trades } = await printed('--threshold', String(threshold));
    ok(count > 30, `${count} trades`);
    equal(trades.length, count);
    const net = trades.reduce((sum, trade) => sum + trade.net_pnl_ticks, 0);
    ok(Math.abs(net / count - mean) < 1e-9, `${net / count} and ${mean}`);
    deepEqual([...new Set(trades.map(({ session }) => session))], dates);
  }
});

test('a trade has both fills at the mid of its bins, and the moment of its firing', async () => {
  const { trades } = await printed();
  for (const trade of trades) {
    const market = randomMarket(1500, radius, 3 + dates.indexOf(trade.session), 1);
    equal(trade.entry_mid, market.midTicks[trade.bin_seq]! / 4);
    const moved = ((trade.exit_mid - trade.entry_mid) / 0.25) * (trade.side === 'long' ? 1 : -1);
    // −0 where a short does not move.
    equal(trade.gross_pnl_ticks, moved + 0);
    equal(trade.net_pnl_ticks, trade.gross_pnl_ticks - trade.cost_ticks);
    ok(trade.cost_ticks >= 1.05, 'half of at least one tick at entry and at exit, and commission');
    const at = Temporal.Instant.fromEpochNanoseconds(BigInt(trade.ts_ns)).toZonedDateTimeISO('America/New_York');
    equal(`${at.toPlainDate()}`, trade.session);
    equal(at.hour, trade.hour);
    equal(
      at.since(at.with({ hour: 9, minute: 30, second: 0, millisecond: 0 })).total('milliseconds'),
      trade.bin_seq * 100,
    );
    if (trade.outcome === 'take_profit') ok(trade.gross_pnl_ticks >= 4);
    else if (trade.outcome === 'stop_loss') ok(trade.gross_pnl_ticks <= -4);
    else equal(trade.outcome, 'timeout');
  }
});

test('Parquet and CSV hold the same trades, in the columns that pandas gets', async () => {
  const [parquet, csv] = ['parquet', 'csv'].map((format) => join(folder, 'out', `trades.${format}`)) as [
    string,
    string,
  ];
  const { trades, n_signals: count } = await printed();
  for (const out of [parquet, csv]) {
    const written = await run('trades', runId, '--out', out);
    equal(written.code, 0, written.err);
    match(written.out, new RegExp(`^Wrote ${count} trades of ${runId} at threshold .* over 3 sessions to `));
  }
  using database = await DuckDatabase.open({ threads: 1 });
  const connection = await database.connect();
  const described = await connection.runAndReadAll(`DESCRIBE FROM ${quotedFile(parquet)}`);
  deepEqual(
    described.getRows().map(([name, type]) => `${name} ${type}`),
    [
      ...['session VARCHAR', 'bin_seq BIGINT', 'ts_ns BIGINT', 'side VARCHAR', 'entry_mid DOUBLE', 'exit_mid DOUBLE'],
      ...['outcome VARCHAR', 'gross_pnl_ticks DOUBLE', 'cost_ticks DOUBLE', 'net_pnl_ticks DOUBLE', 'hour INTEGER'],
    ],
  );
  const stored = await connection.runAndReadAll(`FROM ${quotedFile(parquet)}`);
  const expected = trades.map((trade) => ({ ...trade, bin_seq: BigInt(trade.bin_seq), ts_ns: BigInt(trade.ts_ns) }));
  deepEqual(stored.getRowObjects(), expected);
  const lines = readFileSync(csv, 'utf8').trimEnd().split('\n');
  equal(lines[0], Object.keys(trades[0]!).join(','));
  deepEqual(
    lines.slice(1),
    trades.map((trade) => Object.values(trade).join(',')),
  );

  const again = await run('trades', runId, '--out', csv);
  deepEqual([again.code, /FILE_EXISTS.*--force/.test(again.err)], [1, true]);
  equal((await run('trades', runId, '--out', csv, '--force', '--json')).code, 0);
  deepEqual(readdirSync(join(folder, 'out')).sort(), ['trades.csv', 'trades.parquet']);
});

test('an error leaves no file', async () => {
  const out = join(folder, 'none.parquet');
  const refused = async (pattern: RegExp, ...words: string[]) => {
    const { code, err } = await run('trades', ...words);
    ok(code !== 0);
    match(err, pattern);
    ok(!existsSync(out));
  };
  await refused(/RUN_UNKNOWN/, 'ffff', '--out', out);
  await refused(/at threshold 0\.15: it was evaluated at 0\.1, 0\.2/, runId, '--threshold', '0.15', '--out', out);
  await refused(/ends in \.parquet or \.csv/, runId, '--out', join(folder, 'none.txt'));
  await refused(/give --out FILE, or --json/, runId);
  // A dataset that is damaged behind the first session stops the file that was begun.
  const bins = join(lake.datasets('day-2'), 'bins.parquet');
  const whole = readFileSync(bins);
  rmSync(bins);
  await refused(/day-2/, runId, '--out', out);
  writeFileSync(bins, whole);
});

test('sessions in which the run failed are left out, and named', async () => {
  using store = await ResultsStore.open(lake);
  const { meta } = await runDetail(store, runId);
  const resolved = JSON.parse(meta.resolvedJson) as { sessions: object[] };
  const failed = { ...resolved.sessions[0], dataId: 'other', date: '2026-02-10' };
  const resolvedJson = JSON.stringify({ ...resolved, sessions: [...resolved.sessions, failed] });
  const chosen = await chooseResult(store, { ...meta, resolvedJson }, 0.1);
  deepEqual(chosen.failedDates, ['2026-02-10']);
  deepEqual(
    chosen.sessions.map(({ date }) => date),
    dates,
  );
  const listed = await Array.fromAsync(tradesOf(new OutcomeEvaluator(lake), chosen));
  equal(listed.flat().length, chosen.result.nSignals);
  // Trades that are not those of the stored result are refused.
  const other = { ...chosen, result: { ...chosen.result, nSignals: chosen.result.nSignals + 1 } };
  await rejects(Array.fromAsync(tradesOf(new OutcomeEvaluator(lake), other)), { code: 'RESULT_INVALID' });
});

test('a run without trades makes a file without rows', async () => {
  const path = join(folder, 'empty.parquet');
  await writeRowsParquet(path, tradeTable, []);
  using database = await DuckDatabase.open({ threads: 1 });
  const connection = await database.connect();
  const described = await connection.runAndReadAll(`DESCRIBE FROM ${quotedFile(path)}`);
  equal(described.getRows().length, 11);
  equal((await connection.runAndReadAll(`FROM ${quotedFile(path)}`)).getRows().length, 0);
});
