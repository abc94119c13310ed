import { type Command, Option } from 'commander';
import type {
  BookOptions,
  InputOptions,
  OutputOptions,
  ReadOptions,
  SplitOptions,
  TextOptions,
} from '../../inspect/index.ts';
import type { Cli } from '../command.ts';
import { integerOption, jsonOption } from '../options.ts';
import {
  addInputOptions,
  addOutputOptions,
  addSelectionOptions,
  inputArgument,
  priceTypeOption,
  upgradeVersion,
} from './options.ts';

const examples = `
Examples:
  $ npx spymaster dbn metadata file.dbn.zst
  $ npx spymaster dbn json file.dbn.zst --pretty --limit 3
  $ npx spymaster dbn csv file.dbn.zst --symbols ESM4 --start 2024-05-08T13:30Z --output es.csv.zst
  $ npx spymaster dbn parquet file.dbn.zst --output file.parquet
  $ npx spymaster dbn parquet file.dbn.zst --price-type float --output for_pandas.parquet
  $ npx spymaster dbn merge monday.dbn.zst tuesday.dbn.zst --output both.dbn.zst
  $ npx spymaster dbn split file.dbn.zst --by symbol --folder parts --zstd
  $ npx spymaster dbn book file.dbn.zst --levels 10 --as csv --pretty
  $ zstd -dc file.dbn.zst | npx spymaster dbn json --limit 1

A file - is standard input, an output - standard output. Output files appear whole or not at all.`;

/** Adds `dbn` with its commands: look into, convert and edit DBN files. */
export function addDbnCommand(command: Command, cli: Cli): void {
  const dbn = command.addHelpText('after', examples);
  const actions = () => import('./actions.ts');
  addTextCommands(dbn, cli, actions);

  addInputOptions(dbn.command('metadata'))
    .description('print the metadata as JSON, as it stands in the file')
    .argument(...inputArgument)
    .option('-p, --pretty', 'times as ISO 8601')
    .action(async (file: string, options: TextOptions) => (await actions()).printMetadata(file, options, cli));
  addOutputOptions(addSelectionOptions(addInputOptions(dbn.command('parquet'))))
    .description('convert the records of one schema to Parquet')
    .argument(...inputArgument)
    .option('-s, --map-symbols', 'add a column with the symbol')
    .addOption(priceTypeOption())
    .action(async (file: string, options: TextOptions) => (await actions()).convert(file, 'parquet', options, cli));
  addOutputOptions(addSelectionOptions(addInputOptions(dbn.command('filter'))))
    .description('write the records that pass as DBN')
    .argument(...inputArgument)
    .action(async (file: string, options: ReadOptions) => (await actions()).convert(file, 'dbn', options, cli));
  addOutputOptions(addInputOptions(dbn.command('merge')))
    .description('merge files in order of time, and their metadata')
    .argument('<files...>', 'DBN files, each in order of time')
    .action(async (files: string[], options: InputOptions & OutputOptions) =>
      (await actions()).merge(files, options, cli),
    );
  addInputOptions(dbn.command('split'))
    .description('write a file per symbol, schema or UTC day')
    .argument(...inputArgument)
    .addOption(
      new Option('--by <what>', 'what makes a file').choices(['symbol', 'schema', 'day']).makeOptionMandatory(),
    )
    .option('--folder <folder>', 'where to write the files', '.')
    .option('-z, --zstd', 'compress them')
    .option('-f, --force', 'replace files that are there')
    .option(...jsonOption)
    .action(async (file: string, options: SplitOptions) => (await actions()).splitFile(file, options, cli));
  addOutputOptions(addInputOptions(dbn.command('upgrade'), false))
    .description('give records and metadata the form of a newer DBN version')
    .argument(...inputArgument)
    .option('--to <version>', 'DBN version 2 or 3', upgradeVersion, 3)
    .action(async (file: string, options: ReadOptions & { to: 2 | 3 }) =>
      (await actions()).convert(file, 'dbn', { ...options, upgrade: options.to }, cli),
    );
  addInputOptions(dbn.command('verify'), false)
    .description('read a file to its end and say what is not as it should be; fails when it is cut or damaged')
    .argument(...inputArgument)
    .option(...jsonOption)
    .action(async (file: string, options: InputOptions & { json?: true }) =>
      (await actions()).verifyFile(file, options, cli),
    );
  addBookCommand(dbn, cli, actions);
}

type Actions = () => Promise<typeof import('./actions.ts')>;

function addTextCommands(dbn: Command, cli: Cli, actions: Actions): void {
  for (const format of ['json', 'csv'] as const) {
    addOutputOptions(addSelectionOptions(addInputOptions(dbn.command(format))))
      .description(format === 'json' ? 'print records as JSON lines' : 'print the records of one schema as CSV')
      .argument(...inputArgument)
      .option('-p, --pretty', 'prices as decimals, times as ISO 8601')
      .option('-s, --map-symbols', 'add the symbol to each record')
      .action(async (file: string, options: TextOptions) => (await actions()).convert(file, format, options, cli));
  }
  addInputOptions(dbn.command('head'))
    .description('print the first records as JSON lines, prices and times readable')
    .argument(...inputArgument)
    .option('-n, --limit <count>', 'how many', integerOption(0, Number.MAX_SAFE_INTEGER), 10)
    .action(async (file: string, options: InputOptions & { limit: number }) =>
      (await actions()).convert(file, 'json', { ...options, output: '-', pretty: true }, cli),
    );
}

function addBookCommand(dbn: Command, cli: Cli, actions: Actions): void {
  addOutputOptions(addSelectionOptions(addInputOptions(dbn.command('book'))))
    .description('make mbp-1 or mbp-10 records from MBO records')
    .argument(...inputArgument)
    .addOption(new Option('--levels <count>', 'price levels of each side').choices(['1', '10']).default('1'))
    .addOption(
      new Option('--as <format>', 'output format (default: by its name, else dbn)').choices([
        'dbn',
        'csv',
        'json',
        'parquet',
      ]),
    )
    .option('-p, --pretty', 'in text: prices as decimals, times as ISO 8601')
    .option('-s, --map-symbols', 'in text and Parquet: add the symbol')
    .addOption(priceTypeOption())
    .addHelpText('after', bookHelp)
    .action(async (file: string, options: BookOptions) => (await actions()).book(file, options, cli));
}

const bookHelp = `
One record is written per event that changes the shown levels, at the event's last record: its times, sequence and flags are
that record's; action, side, price and size are of the last record that changed a level, and depth is that level.
The book needs its orders: start before the session's snapshot, or expect a partial book.`;
