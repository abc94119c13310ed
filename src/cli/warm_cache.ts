import { availableParallelism } from 'node:os';
import type { Command } from 'commander';
import { exitCode, notNull, SpymasterError } from '../errors.ts';
import { formatCount } from '../format.ts';
import type { WarmRequest } from '../replay/index.ts';
import { cacheHelp } from './cache.ts';
import type { Cli } from './command.ts';
import { clockOption, dateOption, integerOption, jsonOption, lakeRootOption } from './options.ts';
import { formatTable } from './table.ts';

interface WarmCommandOptions {
  readonly from: string;
  readonly to?: string;
  readonly start: string;
  readonly workers: number;
  readonly lakeRoot: string;
  readonly json?: true;
}

/** Adds `warm-cache`: makes the book checkpoints of a range of sessions. */
export function addWarmCacheCommand(command: Command, cli: Cli): void {
  command
    .requiredOption('--from <date>', 'first session date', dateOption)
    .option('--to <date>', 'last session date (default: the first)', dateOption)
    .requiredOption('--start <time>', 'start of the captures that will be replayed, New York time', clockOption)
    .option('--workers <count>', 'threads', integerOption(1, 64), Math.min(8, availableParallelism()))
    .option(...lakeRootOption)
    .option(...jsonOption)
    .addHelpText('after', cacheHelp)
    .action((options: WarmCommandOptions) => warm(options, cli));
}

async function warm(options: WarmCommandOptions, cli: Cli): Promise<void> {
  const { output } = cli;
  const { instrumentPath, Lake, readInstrument } = await import('../lake/index.ts');
  const { warmBooks } = await import('../replay/index.ts');
  const { from, to = from, start: startTime } = options;
  const runtime = await readInstrument(instrumentPath(process.env));
  const requests: WarmRequest[] = [];
  for (let day = Temporal.PlainDate.from(from); day.toString() <= to; day = day.add({ days: 1 })) {
    if (day.dayOfWeek <= 5) requests.push({ runtime, date: day.toString(), startTime });
  }
  if (requests.length === 0) {
    throw new SpymasterError('USAGE', `No session from ${from} to ${to}: give a range that holds a weekday.`);
  }
  const progress = output.progress({ label: 'Warming', unit: 'sessions', total: requests.length });
  const rows: { date: string; state: string; events: number; problem: string | null }[] = [];
  await warmBooks({
    lake: new Lake(options.lakeRoot),
    requests,
    workers: options.workers,
    notice: (text) => output.note(text),
    signal: cli.interruptSignal(),
    onDone: ({ date }, result) => {
      const failed = result instanceof SpymasterError;
      rows.push({
        date,
        state: failed ? 'failed' : result.state,
        events: failed ? 0 : result.events,
        problem: failed ? result.message : null,
      });
      progress.update(rows.length);
    },
  }).finally(() => progress.stop());
  rows.sort((a, b) => a.date.localeCompare(b.date));
  const failures = rows.filter(({ problem }) => problem !== null);
  if (options.json) output.json({ symbol: runtime.symbol, start: startTime, sessions: rows });
  else {
    const right = { align: 'right' } as const;
    const columns = [{ title: 'session' }, { title: 'checkpoint' }, { title: 'events saved', ...right }];
    const cells = rows.map(({ date, state, events }) => [date, state, events === 0 ? '' : formatCount(events)]);
    output.print(formatTable(columns, cells));
    for (const { problem } of failures) output.note(notNull(problem));
  }
  if (failures.length > 0) output.exitCode = exitCode.failure;
}
