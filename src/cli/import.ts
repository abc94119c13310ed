import { relative } from 'node:path';
import { type Command, Option } from 'commander';
import { productTypes } from '../config/index.ts';
import { exitCode, SpymasterError } from '../errors.ts';
import { formatBytes, formatCount, plural } from '../format.ts';
import type { ImportReport, Lake } from '../lake/index.ts';
import type { Cli } from './command.ts';
import { anyLakeOption, jsonOption } from './options.ts';
import { stepProgress } from './step_progress.ts';
import { formatTable } from './table.ts';

const examples = `
A file of one product and UTC day is copied as it is; any other is cut into a file for each product and day. Every record is
decoded before, and what was written is read again and compared after. Nothing is written over: a session that is in the lake
with the same records is left as it is, one with other records is refused. The source is not changed.

Examples:
  $ npx spymaster import glbx-mdp3-20260206.mbo.dbn.zst
  $ npx spymaster import *.dbn.zst --lake-root /data/lake
  $ npx spymaster import recording.dbn --symbol ESH6      a file that does not name its instrument`;

export interface ImportCommandOptions {
  readonly lakeRoot: string;
  readonly symbol?: string;
  readonly productType?: (typeof productTypes)[number];
  readonly json?: true;
}

/** Adds `import`: DBN files get their place in the lake. */
export function addImportCommand(command: Command, cli: Cli): void {
  command
    .argument('<files...>', 'DBN files (.dbn, .dbn.zst, .dbz)')
    .option(...anyLakeOption)
    .option('--symbol <symbol>', 'the instrument of a file that does not name it')
    .addOption(productTypeOption())
    .option(...jsonOption)
    .addHelpText('after', examples)
    .action((files: string[], options: ImportCommandOptions) => importFiles(files, options, cli));
}

/** The option that says what a file holds whose dataset does not tell. */
export function productTypeOption(): Option {
  return new Option('--product-type <type>', 'the kind of product, where the dataset does not tell').choices(
    productTypes,
  );
}

async function importFiles(files: readonly string[], options: ImportCommandOptions, cli: Cli): Promise<void> {
  const { openLake } = await import('../lake/index.ts');
  const lake = await openLake(options.lakeRoot);
  const reports: ImportReport[] = [];
  const failed: { path: string; error: SpymasterError }[] = [];
  for (const path of files) {
    try {
      const report = await importWithProgress(lake, path, options, cli);
      reports.push(report);
      if (!options.json) cli.output.print(reportText(report));
    } catch (error) {
      // A file that cannot be used spoils none of the others.
      if (!(error instanceof SpymasterError) || files.length === 1) throw error;
      failed.push({ path, error });
      if (!options.json) cli.output.note(`Error [${error.code}]: ${error.message}`);
    }
  }
  if (options.json) cli.output.json(reportJson(reports, failed));
  if (failed.length === 0) return;
  if (!options.json) cli.output.note(`${failed.length} of ${plural(files.length, 'file')} could not be imported.`);
  cli.output.exitCode = exitCode.failure;
}

/** Imports one file and shows how far it is. */
export async function importWithProgress(
  lake: Lake,
  path: string,
  { symbol, productType }: Pick<ImportCommandOptions, 'symbol' | 'productType'>,
  { output, interruptSignal }: Cli,
): Promise<ImportReport> {
  const { importRawFile } = await import('../lake/index.ts');
  const steps = stepProgress(output);
  return await importRawFile(lake, path, {
    symbol,
    productType,
    onProgress: (bytesRead, sizeBytes, records) =>
      steps.show(`Checking ${path}`, 'records', sizeBytes).update(bytesRead, records),
    onWrite: (bytesRead, sizeBytes) => steps.show(`Importing ${path}`, 'bytes', sizeBytes).update(bytesRead),
    signal: interruptSignal(),
  }).finally(() => steps.stop());
}

function reportText({ scan, sessions, isSplit }: ReportParts): string {
  const rows = sessions.map(({ date, symbols, records, state, sizeBytes, path }) => [
    date,
    symbols.length > 3 ? `${symbols.slice(0, 3).join(' ')} and ${symbols.length - 3} more` : symbols.join(' '),
    formatCount(records),
    formatBytes(sizeBytes),
    state === 'imported' ? 'imported' : 'is there',
    shortest(path),
  ]);
  const right = { align: 'right' } as const;
  const columns = [
    ...[{ title: 'session' }, { title: 'symbols' }, { title: 'MBO records', ...right }, { title: 'size', ...right }],
    ...[{ title: '' }, { title: 'file' }],
  ];
  const named = sessions.reduce((sum, { records }) => sum + records, 0);
  const lines = [`${scan.path}: ${plural(scan.records, 'record')}, all of them decoded.`, formatTable(columns, rows)];
  if (isSplit && scan.records > named) {
    lines.push(
      `${plural(scan.records - named, 'record')} beside them: mappings and messages of the feed, other schemas` +
        `${scan.unnamed > 0 ? `, and ${formatCount(scan.unnamed)} of instruments that the file does not name, which were left out` : ''}.`,
    );
  }
  return lines.join('\n');
}

/** A path as it is shortest from here. */
function shortest(path: string): string {
  const here = relative('.', path);
  return here.length < path.length ? here : path;
}

type ReportParts = Pick<ImportReport, 'scan' | 'sessions' | 'isSplit'>;

function reportJson(
  reports: readonly ImportReport[],
  failed: readonly { path: string; error: SpymasterError }[],
): object {
  return {
    files: reports.map(({ scan, sessions, isSplit }) => ({
      path: scan.path,
      dataset: scan.metadata.dataset,
      product_type: scan.productType,
      records: scan.records,
      unnamed_records: scan.unnamed,
      is_split: isSplit,
      sessions: sessions.map(({ date, root, symbols, records, state, path, sizeBytes, sha256 }) => ({
        ...{ date, root, symbols, records, state, path },
        ...{ size_bytes: sizeBytes, sha256 },
      })),
    })),
    failed: failed.map(({ path, error: { code, message } }) => ({ path, code, message })),
  };
}
