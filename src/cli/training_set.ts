import { availableParallelism } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { type LabelKind, labelKinds } from '../evaluation/index.ts';
import { formatCount, plural } from '../format.ts';
import type { TrainingManifest } from '../training/index.ts';
import type { Cli } from './command.ts';
import { defaultMemoryGb, integerOption, jsonOption, lakeRootOption } from './options.ts';
import { loadExperiment } from './run.ts';
import { stepProgress } from './step_progress.ts';
import { formatTable } from './table.ts';
import { programVersion } from './version.ts';

const examples = `
The folder holds features.parquet, labels.parquet and folds.parquet, whose rows belong together, sessions.parquet, and manifest.json. Features
are those of configs/features/EXPERIMENT.yaml unless --features names another list. docs/models.md goes from here to a verdict.

Examples:
  $ npx spymaster training-set configs/experiments/mine.yaml --out set
  $ npx spymaster training-set configs/experiments/mine.yaml --features features.yaml --label first_touch --out set
  $ npx spymaster training-set configs/experiments/mine.yaml --split-sessions 500 --folds 4 --out set`;

interface TrainingSetCommandOptions {
  readonly lakeRoot: string;
  readonly out: string;
  readonly features?: string;
  readonly label: LabelKind;
  readonly folds: number;
  readonly splitSessions?: number;
  readonly purging: boolean;
  readonly json?: true;
}

/** Adds `training-set`: features, labels and folds of an experiment as Parquet. */
export function addTrainingSetCommand(command: Command, cli: Cli): void {
  command
    .argument('<file>', 'an ExperimentSpec: its sessions, take-profit, stop-loss and max_hold_bins')
    .requiredOption('--out <folder>', 'folder to make')
    .option(
      '--features <file>',
      'the feature list (default: features/EXPERIMENT.yaml beside the folder of the experiment)',
    )
    .addOption(
      new Option('--label <kind>', 'sign of the first move of min(tp, sl), or the first touch of tp and sl')
        .choices(labelKinds)
        .default('first_move'),
    )
    .option('--folds <count>', 'folds, where eval.split gives no stretches of sessions', integerOption(2, 100), 5)
    .option(
      '--split-sessions <bins>',
      'split sessions between train and test, in blocks of so many bins',
      integerOption(1, 1e7),
    )
    .option('--no-purging', 'leave rows in train whose labels reach into the test: shows what a leak would claim')
    .option(...lakeRootOption)
    .option(...jsonOption)
    .addHelpText('after', examples)
    .action((file: string, options: TrainingSetCommandOptions) => trainingSet(file, options, cli));
}

async function trainingSet(
  file: string,
  options: TrainingSetCommandOptions,
  { output, interruptSignal }: Cli,
): Promise<void> {
  const { Lake, readYamlFile } = await import('../lake/index.ts');
  const { parseFeatureListSpec } = await import('../config/index.ts');
  const { makeTrainingSet } = await import('../training/index.ts');
  const lake = new Lake(options.lakeRoot);
  const experiment = await loadExperiment(lake, file);
  const beside = join(dirname(dirname(resolve(file))), 'features', `${experiment.spec.name}.yaml`);
  const { value, origin } = await readYamlFile(options.features ?? beside);
  const { features } = parseFeatureListSpec(value, origin);
  const steps = stepProgress(output);
  const folder = resolve(options.out);
  try {
    const manifest = await makeTrainingSet(
      {
        lake,
        folder,
        features,
        label: options.label,
        folds: { folds: options.folds, splitBins: options.splitSessions, purges: options.purging },
        defaultWorkers: availableParallelism(),
        memoryBytes: defaultMemoryGb() * 1e9,
        codeVersion: programVersion(),
        signal: interruptSignal(),
        notice: (text) => output.note(text),
        onGenerate: (bytesRead, sizeBytes) => steps.show('Generating', 'bytes', sizeBytes).update(bytesRead),
        onGenerateMany: (datasets, total) => steps.show('Generating', 'datasets', total).update(datasets),
        onSession: (done, total) => steps.show('Writing', 'sessions', total).update(done),
      },
      experiment,
    );
    steps.stop();
    if (options.json) output.json({ path: folder, ...manifest });
    else output.print(setText(folder, manifest));
  } finally {
    steps.stop();
  }
}

function setText(
  folder: string,
  { feature_names, sessions, folds, label, purged, folds_by }: TrainingManifest,
): string {
  const [rows, labelled] = sessions.reduce(
    ([all, some], session) => [all + session.rows, some + session.labelled],
    [0, 0],
  );
  const columns = [
    { title: 'fold' },
    { title: 'train on', align: 'right' as const },
    { title: 'test on', align: 'right' as const },
    ...['rows to train', 'to test', 'purged', 'embargo'].map((title) => ({ title, align: 'right' as const })),
  ];
  const table = folds.map((fold) => [
    fold.name,
    plural(fold.train.length, 'session'),
    plural(fold.test.length, 'session'),
    ...[fold.rows.train, fold.rows.test, fold.rows.purged, fold.rows.embargo].map(formatCount),
  ]);
  const leak = purged
    ? []
    : ['Nothing is purged: figures on these tests are flattered, and no model of this set can be imported.'];
  const split = folds_by === 'blocks' ? ['Sessions are split between train and test.'] : [];
  return [
    `Wrote ${plural(feature_names.length, 'feature')} of ${plural(rows, 'row')} in ${plural(sessions.length, 'session')} to ${folder}; ` +
      `${formatCount(labelled)} rows have a label (${label.kind}).`,
    '',
    formatTable(columns, table),
    ...split,
    ...leak,
  ].join('\n');
}
