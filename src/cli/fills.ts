import { readFile } from 'node:fs/promises';
import { basename, extname, resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { SpymasterError } from '../errors.ts';
import type { ExecutionClock } from '../execution/index.ts';
import { formatCount, plural } from '../format.ts';
import { snakeCaseKeys } from '../name_case.ts';
import type { FillsSummary, OrderFills } from '../replay/index.ts';
import type { Cli } from './command.ts';
import { notFifo } from './executed_text.ts';
import { integerOption, jsonOption } from './options.ts';
import { formatFields } from './table.ts';

const assumptions = [
  'no impact: real orders do not see these, and the size is small against the book',
  'latency is constant: every order arrives at its time',
  'hidden and implied liquidity is unknown',
  'fills by met assume that the other side would have traded with us',
] as const;

const help = `
The orders stand in the real queues of FILE, first in, first out, and are filled by what happened there; docs/fills.md has the rules.
Columns of the orders: id, ts_ns (UNIX nanoseconds at which the exchange has the order), side (B or A), kind (market or limit), price
(empty for market), size, max_wait_ms (then the rest is cancelled; empty: never).
Columns of the fills, one a partial fill: id, ts_ns, price, size, reason (take, queue, hidden, through, met), ahead_at_arrival,
too_large (the order is above a tenth of its level: too large to believe), front_share.

Example:
  $ cat orders.csv
  id,ts_ns,side,kind,price,size,max_wait_ms
  1,1770388200000000000,B,limit,21500.25,1,2000
  2,1770388201000000000,A,market,,1,
  $ npx spymaster fills session.dbn.zst --orders orders.csv --out fills.parquet

Assumed:
${assumptions.map((text) => `  ${text}`).join('\n')}`;

interface FillsOptions {
  readonly orders: string;
  readonly out: string;
  readonly symbol?: string;
  readonly publisherId?: number;
  readonly clock: ExecutionClock;
  readonly notFifo?: true;
  readonly force?: true;
  readonly json?: true;
}

/** Adds `fills`: which of anyone's orders would have been filled. */
export function addFillsCommand(command: Command, cli: Cli): void {
  command
    .argument('<file>', 'DBN or DBZ file of schema mbo, plain or zstd')
    .requiredOption('--orders <file>', 'the orders, CSV')
    .requiredOption('--out <file>', 'Parquet file to write')
    .option('--symbol <symbol>', 'whose queues, where the file maps several symbols')
    .option('--publisher-id <id>', 'whose book, where several publishers make one', integerOption(1, 65_535))
    .addOption(
      new Option('--clock <clock>', 'whether orders arrive by ts_event or ts_recv')
        .choices(['event', 'recv'])
        .default('event'),
    )
    .option('--not-fifo', 'go on where the market does not execute first in, first out')
    .option('--force', 'replace an existing file')
    .option(...jsonOption)
    .addHelpText('after', help)
    .action((file: string, options: FillsOptions) => fills(file, options, cli));
}

async function fills(path: string, options: FillsOptions, { output, interruptSignal }: Cli): Promise<void> {
  const { buildFile, refuseExisting } = await import('../files/index.ts');
  const replay = await import('../replay/index.ts');
  const { clock, symbol, publisherId } = options;
  if (extname(options.out).toLowerCase() !== '.parquet') {
    throw new SpymasterError('USAGE', `Cannot write fills to ${options.out}: give a name that ends in .parquet.`, {
      key: 'out',
    });
  }
  const target = { force: options.force ?? false };
  refuseExisting(options.out, target);
  const orders = replay.parseOrdersCsv(await readOrders(options.orders), options.orders);
  const progress = output.progress({ label: 'Following', unit: 'records', total: 1 });
  const found = await replay
    .fillOrders({
      ...{ path, orders, ordersName: options.orders, clock, notFifo: options.notFifo ?? false },
      ...(symbol !== undefined && { symbol }),
      ...(publisherId !== undefined && { publisherId }),
      onProgress: (bytesRead, sizeBytes, records) => progress.update(bytesRead / sizeBytes, records),
      signal: interruptSignal(),
    })
    .finally(() => progress.stop());
  const out = resolve(options.out);
  await buildFile(out, target, (temporary) => replay.writeFillsParquet(temporary, found));
  const summary = replay.summarizeFills(found);
  const isFifo = replay.isFifo(found);
  if (options.json) output.json({ ...jsonOf(out, found, summary), not_fifo: !isFifo });
  else output.print(textOf(out, basename(path), found, summary, isFifo));
}

async function readOrders(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new SpymasterError(
      'FILE_NOT_FOUND',
      `Cannot read the orders: ${path} is no file that can be read. Give a CSV file to --orders.`,
      { path },
      cause,
    );
  }
}

function jsonOf(out: string, found: OrderFills, summary: FillsSummary): object {
  const { symbol, records, executions, frontShare, matchAlgorithm, counters, losses } = found;
  return {
    path: out,
    symbol,
    orders: summary.orders,
    fills: summary.fills,
    quantity: summary.quantity,
    filled_quantity: summary.filledQuantity,
    orders_by_outcome: snakeCaseKeys(summary.byOutcome),
    fills_by_reason: summary.fillsByReason,
    too_large: summary.tooLarge,
    delayed: summary.delayed,
    missed_move_mean: summary.missedMoveMean,
    front_share: frontShare,
    match_algorithm: matchAlgorithm,
    executions,
    unknown_executions: counters.unknownExecutions,
    own_executions: counters.ownExecutions,
    trades_without_orders: counters.tradesWithoutOrders,
    losses,
    records,
    assumed: assumptions,
  };
}

const outcomeWords: Readonly<Record<keyof FillsSummary['byOutcome'], string>> = {
  filled: 'filled',
  partial: 'partly filled, then cancelled',
  missed: 'missed',
  refused: 'refused: no market in time',
  resting: 'still resting at the end',
  cleared: 'cancelled by a clear or snapshot of the book',
  waiting: 'still waiting for a market at the end',
  afterEnd: 'after the last record',
};

function textOf(out: string, file: string, found: OrderFills, summary: FillsSummary, isFifo: boolean): string {
  const { orders, fills, byOutcome, fillsByReason, missedMoveMean } = summary;
  const { unknownExecutions, tradesWithoutOrders } = found.counters;
  const share = found.frontShare === null ? 'no execution to measure' : `${(found.frontShare * 100).toFixed(2)} %`;
  const of = (count: number, words: string): string[] => (count === 0 ? [] : [`${formatCount(count)} ${words}`]);
  const states = (Object.keys(outcomeWords) as (keyof typeof outcomeWords)[]).flatMap((name) =>
    of(byOutcome[name], outcomeWords[name]),
  );
  const reasons = Object.entries(fillsByReason).flatMap(([reason, count]) => of(count, reason));
  const remarks = [
    ...of(summary.tooLarge, 'above a tenth of their level: too large to believe'),
    ...of(summary.delayed, 'waited for a market'),
    ...of(unknownExecutions, 'executions of unknown orders, which fill nothing'),
    ...of(tradesWithoutOrders, 'trades without an order, which fill nothing'),
    ...of(found.losses, 'gaps in the records, at which resting orders were lost'),
  ];
  return [
    `Wrote ${plural(fills, 'fill')} of ${plural(orders, 'order')} in ${file} to ${out}.`,
    formatFields([
      ['orders', states.join('; ')],
      ['fills', reasons.join(', ') || 'none'],
      ['quantity', `${formatCount(summary.filledQuantity)} of ${formatCount(summary.quantity)} filled`],
      ...(missedMoveMean === null
        ? []
        : [['missed', `the mid moved ${Number(missedMoveMean.toPrecision(3))} away on average`] as const]),
      [
        'at the front',
        `${share} of ${plural(found.executions, 'execution')} were at the front of their queue${isFifo ? '' : `; ${notFifo}`}`,
      ],
      ['remarks', remarks.join('; ') || 'none'],
      ['assumed', assumptions.join('; ')],
    ]),
  ].join('\n');
}
