import { basename, extname, resolve } from 'node:path';
import type { Command } from 'commander';
import { SpymasterError } from '../errors.ts';
import { formatCount, plural } from '../format.ts';
import { snakeCaseKeys } from '../name_case.ts';
import type { FoundEvents } from '../replay/index.ts';
import type { Cli } from './command.ts';
import { integerOption, jsonOption, numberOption } from './options.ts';
import { formatFields } from './table.ts';

const help = `
Trades, stops, stop runs, sweeps, large trades and orders, icebergs, absorption, fast and stacked pulls, and exhausted levels;
docs/order-events.md defines them. Columns, one row for an event and one for each update of it: event (its number), update (0 for its
first row), ts_ns (UNIX nanoseconds at which it became known), start_ns, kind, side (B, A or N), price, size, levels, order_ids and
sequences (the records that prove it), detail (JSON).

Example:
  $ npx spymaster events session.dbn.zst --kinds sweep,iceberg --out events.parquet`;

interface EventsOptions {
  readonly out: string;
  readonly kinds?: string;
  readonly tick?: number;
  readonly symbol?: string;
  readonly publisherId?: number;
  readonly force?: true;
  readonly json?: true;
}

/** Adds `events`: what the orders of a file did. */
export function addEventsCommand(command: Command, cli: Cli): void {
  command
    .argument('<file>', 'DBN or DBZ file of schema mbo, plain or zstd')
    .requiredOption('--out <file>', 'Parquet file to write')
    .option('--kinds <kinds>', 'kinds to write, separated by commas; without it all')
    .option('--tick <size>', 'price step, in price units; without it that of the product', numberOption(1e-9, 1e6))
    .option('--symbol <symbol>', 'whose orders, where the file maps several symbols')
    .option('--publisher-id <id>', 'whose book, where several publishers make one', integerOption(1, 65_535))
    .option('--force', 'replace an existing file')
    .option(...jsonOption)
    .addHelpText('after', help)
    .action((file: string, options: EventsOptions) => events(file, options, cli));
}

async function events(path: string, options: EventsOptions, { output, interruptSignal }: Cli): Promise<void> {
  const { buildFile, refuseExisting } = await import('../files/index.ts');
  const { findEvents, parseKinds } = await import('../replay/index.ts');
  const { defaultOrderEventParams, orderEventKinds } = await import('../orders/index.ts');
  if (extname(options.out).toLowerCase() !== '.parquet') {
    throw new SpymasterError('USAGE', `Cannot write events to ${options.out}: give a name that ends in .parquet.`, {
      key: 'out',
    });
  }
  const kinds = options.kinds === undefined ? orderEventKinds : parseKinds(options.kinds);
  const target = { force: options.force ?? false };
  refuseExisting(options.out, target);
  const out = resolve(options.out);
  const { tick, symbol, publisherId } = options;
  const progress = output.progress({ label: 'Following', unit: 'records', total: 1 });
  let found: FoundEvents | undefined;
  await buildFile(out, target, async (temporary) => {
    found = await findEvents({
      ...{ path, out: temporary, kinds, params: defaultOrderEventParams, signal: interruptSignal() },
      ...(tick !== undefined && { tick }),
      ...(symbol !== undefined && { symbol }),
      ...(publisherId !== undefined && { publisherId }),
      onProgress: (bytesRead, sizeBytes, records) => progress.update(bytesRead / sizeBytes, records),
    });
    return found.file;
  }).finally(() => progress.stop());
  if (found === undefined) return;
  if (options.json) output.json(jsonOf(out, found));
  else output.print(textOf(out, basename(path), found));
}

function jsonOf(path: string, { symbol, tickSize, records, losses, rows, summary }: FoundEvents): object {
  const { byKind, ...counts } = summary;
  return { path, symbol, tick_size: tickSize, records, losses, rows, events: byKind, ...snakeCaseKeys(counts) };
}

function textOf(out: string, file: string, { rows, losses, summary }: FoundEvents): string {
  const { byKind, largeOrders } = summary;
  const notes: Readonly<Record<string, string>> = {
    stop: `in ${plural(summary.stopEvents, 'event')}`,
    sweep: `${summary.sweepsByAggressor} by one aggressor; ${summary.sweepsByEvent} events with their stops`,
    large_order:
      `${formatCount(largeOrders.added)} added, ${largeOrders.remainders} of them remainders; ` +
      `${largeOrders.grown} grown, ${largeOrders.moved} moved`,
    iceberg: `${plural(summary.icebergRefills, 'refill')}, ${summary.icebergsEnded} ended`,
    absorption: `${summary.absorptionsHeld} held`,
  };
  const counts = Object.entries(byKind).map(([kind, count]): [string, string] => {
    const note = notes[kind];
    return [kind, count === 0 || note === undefined ? formatCount(count) : `${formatCount(count)} (${note})`];
  });
  const lost: [string, string][] = losses === 0 ? [] : [['gaps', `${losses}, at which resting orders were lost`]];
  return [`Wrote ${plural(rows, 'row')} of events in ${file} to ${out}.`, formatFields([...counts, ...lost])].join(
    '\n',
  );
}
