import { type Command, Option } from 'commander';
import { exitCode } from '../errors.ts';
import { plural } from '../format.ts';
import { type ScoreKind, scoreKinds } from '../models/index.ts';
import type { ImportedModel } from '../training/index.ts';
import type { Cli } from './command.ts';
import { integerOption, jsonOption, lakeRootOption, signalsOption } from './options.ts';
import { checkAndStore } from './signal.ts';

const examples = `
The model becomes a signal: it is listed, validated, swept and judged like any other, and \`run\` does not judge it on sessions that it was trained
on. Several files are the models of a walk-forward: one for each fold of the training set, in their order, each asked from its test sessions on.

Examples:
  $ npx spymaster model import model.txt --name m --training-set set
  $ npx spymaster model import model.json --name m --training-set set --fold fold_1 --score margin
  $ npx spymaster model import fold_1.txt fold_2.txt --name walk --training-set set`;

interface ImportOptions {
  readonly lakeRoot: string;
  readonly name: string;
  readonly trainingSet: string;
  readonly score?: ScoreKind;
  readonly rounds?: number;
  readonly fold?: string;
  readonly signals?: string;
  readonly force?: true;
  readonly json?: true;
}

/** Adds `model`: models of other packages as signals. */
export function addModelCommand(command: Command, cli: Cli): void {
  const model = command.addHelpText('after', examples);
  model
    .command('import')
    .description('make a model of LightGBM, XGBoost or scikit-learn a signal, and check it')
    .argument('<files...>', "LightGBM's text, XGBoost's JSON, or a linear model by the script of docs/models.md")
    .requiredOption('--name <name>', 'name of the signal')
    .requiredOption('--training-set <folder>', 'what it was trained on, as `training-set` wrote it')
    .addOption(
      new Option(
        '--score <kind>',
        '2·P(up) − 1, P(up) − P(down), or the margin (default: what the model gives)',
      ).choices(scoreKinds),
    )
    .option('--rounds <count>', 'boosting rounds to evaluate, the first ones', integerOption(1, 1e6))
    .option('--fold <name>', 'the fold whose train sessions it was trained on (default: all sessions of the set)')
    .option('--force', 'replace a signal of that name')
    .option(...signalsOption)
    .option(...lakeRootOption)
    .option(...jsonOption)
    .addHelpText('after', examples)
    .action((files: string[], options: ImportOptions) => importFiles(files, options, cli));
}

async function importFiles(files: string[], options: ImportOptions, { output, interruptSignal }: Cli): Promise<void> {
  const { Lake } = await import('../lake/index.ts');
  const { importModel } = await import('../training/index.ts');
  const { findUserSignal } = await import('../user_signals/index.ts');
  const { name, trainingSet, score, rounds, fold, force, signals, json } = options;
  const lake = new Lake(options.lakeRoot);
  const folder = signals ?? lake.signals;
  const imported = await importModel({ files, name, trainingSet, score, rounds, fold, folder, force: force === true });
  const signal = await findUserSignal({ lake, folder }, name);
  const report = await checkAndStore(lake, signal, { bins: checkBins, timeout: 60 }, interruptSignal());
  const checks = report.rows.map(({ check, passed, found }) => ({ check, passed, found }));
  if (json) output.json({ signal: name, source_hash: signal.source.hash, ...imported, passed: report.passed, checks });
  else output.print(importText(name, imported, signals));
  const failed = report.rows.filter(({ passed }) => !passed);
  for (const { check, found } of failed) output.note(`FAILED ${check}: ${found}`);
  if (!report.passed) output.exitCode = exitCode.failure;
}

/** Made-up bins that an imported model is checked on. */
const checkBins = 2000;

function importText(name: string, { written, models, score }: ImportedModel, signals: string | undefined): string {
  const lines = models.map(
    ({ name: file, kind, trees, featureCount, from, sessions }) =>
      `  ${file}: ${kind}, ${trees === 0 ? '' : `${plural(trees, 'tree')}, `}${plural(featureCount, 'feature')}; trained on ` +
      `${plural(sessions.length, 'session')}${from === null ? '' : `, asked from ${from} on`}`,
  );
  const where = signals === undefined ? '' : ` --signals ${signals}`;
  return [
    `Imported ${name} (score: ${score}) and checked it:`,
    ...lines,
    `Wrote ${written.join(', ')}.`,
    `Name it in a serving, \`signal: { name: ${name} }\`, and judge it: npx spymaster run EXPERIMENT${where}`,
  ].join('\n');
}
