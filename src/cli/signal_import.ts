import type { Command } from 'commander';
import { formatCount, plural } from '../format.ts';
import type { ImportedScoresReport } from '../user_signals/index.ts';
import type { Cli } from './command.ts';
import { anyLakeOption, jsonOption, numberOption, signalsOption } from './options.ts';

const about = `
The file has the columns dataset (id) or session (trading date), bin_seq or ts_ns (UNIX nanoseconds), and score, sorted by time within each; at most
2,000,000 rows. A score is known so long after its time, with bin_seq after the end of its bin; a bin takes the newest that became known while it
lasted, and has none without one. Name with ts_ns the time at which a score's data ended, not the start of its bin. The signal can be swept and judged; it cannot
be streamed, nor checked for look-ahead: the delay is yours to say.

Example:
  $ npx spymaster signal import scores.parquet --name s --available-after-ms 50`;

interface ImportOptions {
  readonly name: string;
  readonly availableAfterMs: number;
  readonly lakeRoot: string;
  readonly signals?: string;
  readonly force?: true;
  readonly json?: true;
}

/** Most of the delay: a day. */
const maxDelayMs = 86_400_000;

/** Adds `signal import`: scores that were made elsewhere, as a signal. */
export function addSignalImportCommand(signal: Command, cli: Cli): void {
  signal
    .command('import')
    .description('make scores that were computed elsewhere a signal that is swept and judged')
    .argument('<file>', 'the scores, a Parquet file')
    .requiredOption('--name <name>', 'name of the signal')
    .requiredOption(
      '--available-after-ms <number>',
      'when each score could have been known, after its time or the end of its bin',
      numberOption(0, maxDelayMs),
    )
    .option('--force', 'replace a signal of that name')
    .option(...signalsOption)
    .option(...anyLakeOption)
    .option(...jsonOption)
    .addHelpText('after', about)
    .action((file: string, options: ImportOptions) => importFile(file, options, cli));
}

async function importFile(path: string, options: ImportOptions, { output }: Cli): Promise<void> {
  const { openLake } = await import('../lake/index.ts');
  const { findUserSignal, importScores } = await import('../user_signals/index.ts');
  const { name, availableAfterMs, signals, force } = options;
  const lake = await openLake(options.lakeRoot);
  const folder = signals ?? lake.signals;
  const report = await importScores({ lake, path, name, availableAfterMs, folder, force: force === true });
  const { source } = await findUserSignal({ lake, folder }, name);
  if (options.json) output.json({ signal: name, source_hash: source.hash, ...report });
  else output.print(importText(name, report, signals));
}

function importText(name: string, { written, sessions }: ImportedScoresReport, signals: string | undefined): string {
  const lines = sessions.map(({ date, symbol, scores, late }) => {
    const unused = late === 0 ? '' : `, ${formatCount(late)} of them known only behind its end`;
    return `  ${date} ${symbol}: ${plural(scores, 'score')}${unused}`;
  });
  const where = signals === undefined ? '' : ` --signals ${signals}`;
  return [
    `Imported ${name}:`,
    ...lines,
    `Wrote ${written.join(', ')}.`,
    'It can be swept and judged; it cannot be streamed, nor checked for look-ahead.',
    `Name it in a serving, \`signal: { name: ${name} }\`, and judge it: npx spymaster run EXPERIMENT${where}`,
  ].join('\n');
}
