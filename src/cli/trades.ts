import { extname, resolve } from 'node:path';
import type { Command } from 'commander';
import { SpymasterError } from '../errors.ts';
import { formatCount, joinWords, plural } from '../format.ts';
import type { RowTable } from '../sweep/index.ts';
import type { Cli } from './command.ts';
import { anyLakeOption, numberOption } from './options.ts';

const examples = `
The run's sessions are evaluated again, one after another. Columns: session (date), bin_seq, ts_ns (start of the firing bin, UNIX
nanoseconds), side (long or short), entry_mid, exit_mid (prices), outcome (take_profit, stop_loss or timeout), gross_pnl_ticks,
cost_ticks, net_pnl_ticks, hour (New York time). The mean of net_pnl_ticks is what compare shows.

A run of an experiment with eval.execution has its firings in the real book instead, from what the lake keeps of them, or from one more
pass of the feed; docs/experiments.md lists their columns.

Examples:
  $ npx spymaster trades 3f9c2a1b --out trades.parquet
  $ npx spymaster trades 3f9c2a1b --threshold 0.4 --out trades.csv
  $ npx spymaster trades 3f9c2a1b --json | jq '.trades[0]'`;

interface TradesOptions {
  readonly lakeRoot: string;
  readonly threshold?: number;
  readonly out?: string;
  readonly force?: true;
  readonly json?: true;
}

/** Adds `trades`: every trade behind the numbers of a run. */
export function addTradesCommand(command: Command, cli: Cli): void {
  command
    .argument('<run_id>', 'the run, or the start of its id; see compare')
    .option('--threshold <value>', 'threshold that fires (default: the best of the run)', numberOption(-1e12, 1e12))
    .option('--out <file>', 'file to write; its name ends in .parquet or .csv')
    .option('--force', 'replace an existing file')
    .option(...anyLakeOption)
    .option('--json', 'print the trades as one JSON object; with --out: what was written')
    .addHelpText('after', examples)
    .action((runId: string, options: TradesOptions) => trades(runId, options, cli));
}

async function trades(prefix: string, options: TradesOptions, { output, interruptSignal }: Cli): Promise<void> {
  const { buildFile, refuseExisting } = await import('../files/index.ts');
  const { ResultsStore, openLake } = await import('../lake/index.ts');
  const sweep = await import('../sweep/index.ts');
  const format = formatOf(options);
  const target = { force: options.force ?? false };
  if (options.out !== undefined) refuseExisting(options.out, target);
  const lake = await openLake(options.lakeRoot);
  using store = await ResultsStore.open(lake);
  const { meta } = await sweep.runDetail(store, await sweep.findRunId(store, prefix));
  const chosen = await sweep.chooseResult(store, meta, options.threshold);
  const { result, failedDates } = chosen;
  const evaluator = new sweep.OutcomeEvaluator(lake);
  const total = chosen.sessions.length;
  const progress = output.progress({ label: 'Evaluating', unit: 'sessions', total });
  const signal = interruptSignal();
  const isExecuted = result.executionJson !== null;
  const listed: TradeList = isExecuted
    ? {
        table: sweep.executedTradeTable,
        sessions: sweep.executedTradesOf({
          ...{ lake, evaluator, chosen, signal },
          passes: new sweep.PassStore(lake, (text) => output.note(text)),
        }),
      }
    : { table: sweep.tradeTable, sessions: sweep.tradesOf(evaluator, chosen, signal) };
  const { table } = listed;
  let rowCount = 0;
  const sessions = counted(listed.sessions, (done, rows) => {
    progress.update(done);
    rowCount += rows.length;
  });
  const about = {
    run_id: meta.runId,
    experiment_name: meta.experimentName,
    threshold: result.threshold,
    sessions: total,
    failed_sessions: failedDates,
    n_signals: result.nSignals,
    mean_net_pnl_ticks: result.meanNetPnlTicks,
  };
  try {
    if (options.out === undefined) {
      // All of it is there before the first byte is printed: an error leaves no half object.
      const all = await Array.fromAsync(sessions);
      await printTrades(about, all, output);
      return;
    }
    const path = resolve(options.out);
    if (format === 'csv') await sweep.writeRowsCsv(path, table, sessions, target);
    else await buildFile(path, target, (temporary) => sweep.writeRowsParquet(temporary, table, sessions));
    progress.stop();
    if (options.json) output.json({ ...about, path });
    else {
      const rows = isExecuted
        ? `${plural(rowCount, 'firing')}, ${formatCount(result.nSignals)} of them filled in the real book,`
        : plural(rowCount, 'trade');
      const what = `${rows} of ${meta.runId} at threshold ${result.threshold}`;
      output.print(`Wrote ${what} over ${plural(total, 'session')} to ${path}.`);
      if (failedDates.length > 0) output.print(`The run has no result on ${joinWords(failedDates)}: it failed there.`);
    }
  } finally {
    progress.stop();
  }
}

function formatOf({ out, json }: TradesOptions): 'parquet' | 'csv' | null {
  if (out === undefined) {
    if (json) return null;
    throw new SpymasterError('USAGE', 'Cannot list trades: give --out FILE, or --json to print them.', { key: 'out' });
  }
  const extension = extname(out).toLowerCase();
  if (extension === '.parquet' || extension === '.csv') return extension === '.csv' ? 'csv' : 'parquet';
  throw new SpymasterError('USAGE', `Cannot write trades to ${out}: give a name that ends in .parquet or .csv.`, {
    key: 'out',
  });
}

/** Trades session by session, and the columns that they have. */
interface TradeList {
  readonly table: RowTable;
  readonly sessions: AsyncIterable<readonly object[]>;
}

async function* counted<T>(items: AsyncIterable<T>, onItem: (done: number, item: T) => void): AsyncGenerator<T, void> {
  let done = 0;
  for await (const item of items) {
    yield item;
    onItem(++done, item);
  }
}

/** Prints one object; its trades piece by piece, for they may be many. Times are decimal strings: a double cannot hold them. */
async function printTrades(
  about: object,
  sessions: readonly (readonly object[])[],
  output: Cli['output'],
): Promise<void> {
  await output.write(`${JSON.stringify(about).slice(0, -1)},"trades":[`);
  let isFirst = true;
  const plain = (name: string, value: unknown) =>
    typeof value === 'bigint' ? (name.endsWith('_ns') ? String(value) : Number(value)) : value;
  for (const rows of sessions) {
    if (rows.length === 0) continue;
    await output.write(`${isFirst ? '' : ','}${rows.map((row) => JSON.stringify(row, plain)).join(',')}`);
    isFirst = false;
  }
  await output.write(']}\n');
}
