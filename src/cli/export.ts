import { basename, extname } from 'node:path';
import type { Command } from 'commander';
import { SpymasterError } from '../errors.ts';
import { plural } from '../format.ts';
import { snakeCaseKeys } from '../name_case.ts';
import type { HftbacktestExport } from '../replay/index.ts';
import type { Cli } from './command.ts';
import { integerOption, jsonOption } from './options.ts';
import { formatFields } from './table.ts';

const example = `
Example:
  $ npx spymaster export hftbacktest session.dbn.zst --out es.npz`;

const help = `
hftbacktest (PyPI) reads the file as it is: BacktestAsset().data('es.npz') with .l3_fifo_queue_model(). Times are UNIX
nanoseconds, exact: exch_ts is ts_event, local_ts is ts_recv; neither runs backwards. docs/fills.md says what of the records is
left out or written in another form, and how its fills compare.
${example}`;

interface ExportOptions {
  readonly out: string;
  readonly symbol?: string;
  readonly publisherId?: number;
  readonly force?: true;
  readonly json?: true;
}

/** Adds `export`: files for other programs. */
export function addExportCommand(command: Command, cli: Cli): void {
  command
    .addHelpText('after', example)
    .command('hftbacktest')
    .description('write the orders of a file as an .npz for the L3 models of hftbacktest')
    .argument('<file>', 'DBN or DBZ file of schema mbo, plain or zstd')
    .requiredOption('--out <file>', '.npz file to write')
    .option('--symbol <symbol>', 'whose orders, where the file maps several symbols')
    .option('--publisher-id <id>', 'whose book, where several publishers make one', integerOption(1, 65_535))
    .option('--force', 'replace an existing file')
    .option(...jsonOption)
    .addHelpText('after', help)
    .action((file: string, options: ExportOptions) => exportFile(file, options, cli));
}

async function exportFile(path: string, options: ExportOptions, { output, interruptSignal }: Cli): Promise<void> {
  const { refuseExisting } = await import('../files/index.ts');
  const { exportHftbacktest } = await import('../replay/index.ts');
  const { out, symbol, publisherId, force = false } = options;
  if (extname(out).toLowerCase() !== '.npz') {
    throw new SpymasterError('USAGE', `Cannot write an export to ${out}: give a name that ends in .npz.`, {
      key: 'out',
    });
  }
  refuseExisting(out, { force });
  const progress = output.progress({ label: 'Exporting', unit: 'records', total: 1 });
  const made = await exportHftbacktest({
    ...{ path, out, force },
    ...(symbol !== undefined && { symbol }),
    ...(publisherId !== undefined && { publisherId }),
    onProgress: (bytesRead, sizeBytes, records) => progress.update(bytesRead / sizeBytes, records),
    signal: interruptSignal(),
  }).finally(() => progress.stop());
  if (options.json) output.json(snakeCaseKeys({ ...made, ...made.counters, counters: undefined }));
  else output.print(textOf(basename(path), made));
}

function textOf(file: string, made: HftbacktestExport): string {
  const { counters } = made;
  const told = (list: readonly (readonly [count: number, singular: string, several: string])[]): string =>
    list.flatMap(([count, ...words]) => (count === 0 ? [] : [plural(count, ...words)])).join('; ') || 'none';
  const share = made.frontShare === null ? 'no execution to measure' : `${(made.frontShare * 100).toFixed(2)} %`;
  return [
    `Wrote ${plural(made.rows, 'row')} of ${made.symbol || file} to ${made.path}.`,
    formatFields([
      [
        'left out',
        told([
          [counters.ownExecutions, "execution of the aggressor's own order", "executions of the aggressor's own order"],
          [counters.unknownExecutions, 'execution of an unknown order', 'executions of unknown orders'],
          [counters.emptyExecutions, 'execution without a price or size', 'executions without a price or size'],
          [counters.unknownCancels, 'cancel of an unknown order', 'cancels of unknown orders'],
        ]),
      ],
      [
        'written otherwise',
        told([
          [counters.replaced, 'lost place, as a cancel and an add', 'lost places, as a cancel and an add'],
          [counters.partialCancels, 'partial cancel, as a modify', 'partial cancels, as modifies'],
          [counters.unknownModifies, 'modify of an unknown order, as an add', 'modifies of unknown orders, as adds'],
          [made.losses, 'gap in the records, as a clear', 'gaps in the records, as clears'],
        ]),
      ],
      ['at the front', `${share} of ${plural(made.executions, 'execution')} were at the front of their queue`],
    ]),
  ].join('\n');
}
