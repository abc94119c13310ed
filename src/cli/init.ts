import { existsSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import type { Command } from 'commander';
import type { ProductType, StarterFile, StarterInstrument } from '../config/index.ts';
import { SpymasterError } from '../errors.ts';
import { shellWord } from '../format.ts';
import type { ActiveWindow, RawScan } from '../lake/index.ts';
import type { Cli } from './command.ts';
import { type Ask, askAtTerminal } from './confirm.ts';
import { productTypeOption } from './import.ts';
import { dateOption, integerOption, jsonOption, numberOption } from './options.ts';
import { proposedInstrument } from './propose_instrument.ts';
import { stepProgress } from './step_progress.ts';

const examples = `
The price step is taken from the file's definition records, else from what is known of the product, else from its prices: their
greatest common divisor. The multiplier (currency per price unit and contract) cannot be told from prices; where neither
definitions nor the product's name give it, a terminal is asked, and a script says --multiplier.

Written are FOLDER/instrument.yaml, FOLDER/pipelines, serving and experiments/NAME.yaml, and FOLDER/replay.json for the command
replay. Commands that are given one of these specs use the instrument.yaml beside them, unless VP_INSTRUMENT_CONFIG_PATH or an instrument.yaml in the working folder says
otherwise. docs/instrument.md explains every key.

Examples:
  $ npx spymaster init --from glbx-mdp3-20260206.mbo.dbn.zst
  $ npx spymaster init --from si.dbn.zst --symbol SIH6 --tick 0.005 --multiplier 5000 --out silver`;

interface InitOptions {
  readonly from: string;
  readonly symbol?: string;
  readonly date?: string;
  readonly tick?: number;
  readonly multiplier?: number;
  readonly minutes: number;
  readonly productType?: ProductType;
  readonly out?: string;
  readonly json?: true;
}

/** Adds `init`: instrument file and first specs for whatever a DBN file holds. */
export function addInitCommand(command: Command, cli: Cli, ask: Ask = askAtTerminal(cli)): void {
  command
    .requiredOption('--from <file>', 'a DBN file of the instrument')
    .option('--symbol <symbol>', 'the instrument (default: the most traded of the file)')
    .option('--date <YYYY-MM-DD>', 'the session of the pipeline (default: the most traded)', dateOption)
    .option('--tick <size>', 'price step, in price units', numberOption(1e-9, 1e6))
    .option('--multiplier <number>', 'currency per price unit and contract', numberOption(1e-9, 1e9))
    .option('--minutes <number>', 'length of the capture', integerOption(1, 1380), 30)
    .addOption(productTypeOption())
    .option('--out <folder>', 'where to write (default: a folder named after the product)')
    .option(...jsonOption)
    .addHelpText('after', examples)
    .action((options: InitOptions) => init(options, cli, ask));
}

async function init(options: InitOptions, cli: Cli, ask: Ask): Promise<void> {
  const { starterSpecs } = await import('../config/index.ts');
  const { activeWindow, scanRawFile } = await import('../lake/index.ts');
  const { output, interruptSignal } = cli;
  const steps = stepProgress(output);
  const { from, symbol, date, minutes, productType } = options;
  const scan = await scanRawFile(from, {
    ...{ symbol, productType, signal: interruptSignal() },
    onProgress: (bytesRead, sizeBytes, records) =>
      steps.show('Reading', 'records', sizeBytes).update(bytesRead, records),
  }).finally(() => steps.stop());
  const window = activeWindow(scan, { symbol, date, minutes });
  const instrument = await proposedInstrument(scan, window, options, options.json ? null : ask);
  const name =
    window.root
      .toLowerCase()
      .replaceAll(/[^a-z0-9_.-]+/g, '_')
      .replace(/^[_.-]+/, '') || 'instrument';
  const folder = resolve(options.out ?? name);
  const schemas = existsSync('schemas/instrument.schema.json') ? relative(folder, resolve('schemas')) : null;
  const dates = datesOf(scan, window.symbol);
  const files = starterSpecs(instrument, window, { name, dates, schemas });
  await writeNew(folder, files);
  const commands = nextCommands(folder, name, from);
  if (options.json) {
    const { tickSize, tickSource, multiplier, multiplierSource } = instrument;
    output.json({
      folder,
      files: files.map(({ kind, path }) => ({ kind, path: join(folder, path) })),
      ...{ symbol: window.symbol, product_type: scan.productType, dates, capture: window },
      ...{ tick_size: tickSize, tick_source: tickSource, contract_multiplier: multiplier },
      ...{ multiplier_source: multiplierSource, next: commands },
    });
    return;
  }
  output.print(reportText(instrument, window, folder, files, commands));
}

function datesOf({ sessions }: RawScan, symbol: string): string[] {
  return sessions.filter(({ symbols }) => symbols.some((each) => each.symbol === symbol)).map(({ date }) => date);
}

/** Writes all files or, where one of them is there, none. Throws FILE_EXISTS. */
async function writeNew(folder: string, files: readonly StarterFile[]): Promise<void> {
  const { writeFileAtomic } = await import('../files/index.ts');
  const there = files.map(({ path }) => join(folder, path)).filter((path) => existsSync(path));
  if (there.length > 0) {
    throw new SpymasterError(
      'FILE_EXISTS',
      `Cannot write the specs: ${there.join(', ')} ${there.length === 1 ? 'is' : 'are'} there already; give another folder with --out.`,
      { path: folder, there },
    );
  }
  for (const { path, text } of files) await writeFileAtomic(join(folder, path), text);
}

/** Commands that use what was written; an environment that is locked to another instrument is pointed at the new one. */
function nextCommands(folder: string, name: string, from: string): string[] {
  const shown = relative('.', folder) || '.';
  const isLocked = process.env.VP_INSTRUMENT_CONFIG_PATH !== undefined || existsSync('instrument.yaml');
  const lock =
    isLocked && shown !== '.' ? `VP_INSTRUMENT_CONFIG_PATH=${shellWord(join(shown, 'instrument.yaml'))} ` : '';
  return [
    `npx spymaster import ${shellWord(from)}`,
    `${lock}npx spymaster run ${shellWord(join(shown, 'experiments', `${name}.yaml`))}`,
  ];
}

function reportText(
  { symbol, tickSize, tickSource, multiplier, multiplierSource }: StarterInstrument,
  { date, start, end }: ActiveWindow,
  folder: string,
  files: readonly StarterFile[],
  commands: readonly string[],
): string {
  return [
    `${symbol}: price step ${tickSize} (${tickSource}), multiplier ${multiplier} (${multiplierSource}).`,
    `Capture: ${date}, ${start} to ${end} New York time.`,
    '',
    ...files.map(({ kind, path }) => `Wrote ${relative('.', join(folder, path)) || path} (${kind}).`),
    '',
    'Next:',
    ...commands.map((command) => `  ${command}`),
  ].join('\n');
}
