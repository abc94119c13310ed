import { availableParallelism } from 'node:os';
import { type Command, Option } from 'commander';
import { exitCode, present, SpymasterError } from '../errors.ts';
import { formatCount, formatDurationS, plural } from '../format.ts';
import type { Lake, LoadedExperiment } from '../lake/index.ts';
import type {
  AnyExperiment,
  Cell,
  Comparison,
  ComparisonLooks,
  ExperimentReport,
  SweepPlan,
  UnitFailure,
} from '../sweep/index.ts';
import { sweepColumns, wireRowOf } from '../wire/index.ts';
import type { Cli } from './command.ts';
import { anyLakeOption, defaultMemoryGb, integerOption, jsonOption, signalsOption } from './options.ts';
import { warningLines } from './output.ts';
import { emitShards, runShardOf, type ShardOptions, shardOption, shardsRange } from './run_shard.ts';
import { familyText, oneSidedText, runTable, sweepText } from './run_table.ts';
import { stepProgress } from './step_progress.ts';
import { formatTable } from './table.ts';
import { programVersion } from './version.ts';

const examples = `
What has a result is not run again; killed at any moment, the same command goes on where it was. At the end the ten best runs are
shown, in the order of \`npx spymaster compare\`.

Examples:
  $ npx spymaster run configs/experiments/sweep_derivative.yaml --dry-run   what would be run
  $ npx spymaster run configs/experiments/sweep_derivative.yaml
  $ npx spymaster run configs/experiments/sweep_derivative.yaml --force     evaluate everything again

On several machines that see one lake (docs/fleet.md), each shard runs what falls into it; then the plain command judges:
  $ npx spymaster run configs/experiments/sweep_derivative.yaml --shard 3/16
  $ npx spymaster run configs/experiments/sweep_derivative.yaml --emit slurm --shards 64 > job.sh`;

interface RunOptions extends ShardOptions {
  readonly dryRun?: true;
  readonly force?: true;
  readonly openHoldout?: true;
  readonly keepGoing?: true;
  readonly inSample?: true;
  readonly signals?: string;
}

/** Adds `run`: an ExperimentSpec becomes results. */
export function addRunCommand(command: Command, cli: Cli): void {
  command
    .argument('<file>', 'an ExperimentSpec')
    .option(...anyLakeOption)
    .option('--dry-run', 'show the plan and run nothing')
    .option('--force', 'run cells again that have a result')
    .option('--open-holdout', 'evaluate the locked sessions of the holdout too; each opening is counted and shown')
    .option('--keep-going', 'go on when a cell fails')
    .option('--in-sample', 'judge a model on sessions that it was trained on too, and mark its results as in sample')
    .addOption(
      new Option('--shard <i/n>', 'run the shares that fall into one of n shards, from 1, and judge nothing')
        .argParser(shardOption)
        .conflicts(['dryRun', 'force', 'openHoldout']),
    )
    .addOption(
      new Option('--emit <scheduler>', 'print the array job that runs --shards N shards, and run nothing')
        .choices(['slurm', 'k8s'])
        .conflicts(['dryRun', 'force', 'openHoldout', 'shard']),
    )
    .option('--shards <n>', 'number of shards of --emit', integerOption(...shardsRange))
    .option(...signalsOption)
    .option(...jsonOption)
    .addHelpText('after', examples)
    .action((file: string, options: RunOptions) => run(file, options, cli));
}

/** Makes the user's signals known that a spec may name; of those that cannot be loaded it says why. */
export async function useUserSignals(
  lake: Lake,
  spec: string,
  folder: string | undefined,
  { output }: Cli,
): Promise<void> {
  const { registerUserSignals } = await import('../user_signals/index.ts');
  const failures = await registerUserSignals({ lake, spec, folder });
  for (const [name, error] of failures) output.note(`Left out your signal ${name}. ${error.message}`);
}

/** Loads an experiment and the specs below it, for the instrument of this environment. */
export async function loadExperiment(lake: Lake, file: string): Promise<AnyExperiment> {
  const { instrumentPath, readInstrument, SpecFiles } = await import('../lake/index.ts');
  const instrument = await readInstrument(instrumentPath(process.env, file));
  return new SpecFiles(lake, instrument).anyExperiment(file);
}

async function run(file: string, options: RunOptions, cli: Cli): Promise<void> {
  const { openLake } = await import('../lake/index.ts');
  const { describeCell, maxHashedCells, planExperiment, sweepWarnings } = await import('../sweep/index.ts');
  const lake = await openLake(options.lakeRoot);
  await useUserSignals(lake, file, options.signals, cli);
  const experiment = await loadExperiment(lake, file);
  if (options.emit !== undefined || options.shards !== undefined) return emitShards(file, experiment, options, cli);
  if (options.shard !== undefined) return runShardOf(experiment, options.shard, options, cli);
  if (options.dryRun) {
    const { plans, place, ...shown } = await dryPlan(lake, experiment, cli);
    const warnings = [...new Set(plans.flatMap((plan) => sweepWarnings(plan)))];
    // One plan stands for itself, as before there could be several.
    if (options.json) {
      const told = plans.map((plan) => planJson(plan, maxHashedCells));
      cli.output.json({ ...(told.length === 1 ? told[0] : { plans: told }), ...shown, warnings });
    } else cli.output.print([...plans.map((plan) => planText(plan, place)), ...warningLines(warnings)].join('\n'));
    return;
  }
  const planned = planExperiment(experiment).flatMap((plan) => sweepWarnings(plan));
  for (const line of warningLines([...new Set(planned)])) cli.output.note(line);
  const startMs = performance.now();
  const report = await runWithProgress(lake, experiment, options, cli);
  const wallS = (performance.now() - startMs) / 1000;
  const comparison = await comparisonOf(lake, report);
  if (options.json) cli.output.json(runReportJson(report, comparison, wallS));
  else cli.output.print(reportText(report, comparison, wallS, describeCell));
  if (report.interrupted) cli.output.exitCode = exitCode.interrupted;
  else if (report.failures.length > 0) cli.output.exitCode = exitCode.failure;
}

/** The plan of a run, and the dataset or the sessions that it would take. */
async function dryPlan(lake: Lake, experiment: AnyExperiment, cli: Cli) {
  if (experiment.sessions === null) {
    const { plans, datasetId } = await dryDataset(lake, experiment, cli);
    return { plans, place: datasetId, datasetId };
  }
  const { resolveSessions } = await import('../sessions/index.ts');
  const { planExperiment } = await import('../sweep/index.ts');
  const plans = planExperiment(experiment);
  const { sessions, missing, holdout } = await resolveSessions(lake, experiment);
  const used = sessions.filter(({ isHoldout }) => !isHoldout);
  const made = used.filter(({ isMade }) => isMade).length;
  const place =
    `${plural(used.length, 'session')} (${made} with a dataset, ${plural(missing.length, 'day')} missing, ` +
    `${holdout.length} held out; \`npx spymaster sessions plan\` lists them)`;
  return {
    plans,
    place,
    sessions: used.map(({ date, symbol, datasetId }) => ({ date, symbol, dataset_id: datasetId })),
  };
}

async function dryDataset(lake: Lake, experiment: LoadedExperiment, { output, interruptSignal }: Cli) {
  const { chooseDataset, locateRawFile, rawNotice } = await import('../lake/index.ts');
  const { planExperiment } = await import('../sweep/index.ts');
  const plans = planExperiment(experiment);
  const { datasetId } = experiment.serving.pipeline;
  const steps = stepProgress(output);
  const chosen = await chooseDataset(lake, datasetId, {
    hash: true,
    signal: interruptSignal(),
    onProgress: (bytesRead, sizeBytes) => steps.show('Comparing the raw file', 'bytes', sizeBytes).update(bytesRead),
  }).finally(() => steps.stop());
  if (chosen === null) {
    const { product_type, symbol, dt } = experiment.serving.pipeline.spec.capture;
    await locateRawFile(lake, product_type, symbol, dt).catch((error: unknown) => {
      if (!(error instanceof SpymasterError)) throw error;
      output.note(`Warning: the run would fail. ${error.message}`);
    });
    return { plans, datasetId };
  }
  const { dataset_id } = chosen.manifest;
  const rawText = rawNotice(dataset_id, chosen.raw);
  if (rawText !== null) output.note(rawText);
  return { plans, datasetId: dataset_id };
}

async function runWithProgress(
  lake: Lake,
  experiment: AnyExperiment,
  options: RunOptions,
  { output, interruptSignal }: Cli,
): Promise<ExperimentReport> {
  const { runExperiment } = await import('../sweep/index.ts');
  let progress: ReturnType<typeof output.progress> | null = null;
  let label = '';
  const show = (next: string, unit: string, total: number) => {
    if (label === next && progress !== null) return progress;
    progress?.stop();
    label = next;
    progress = output.progress({ label, unit, total });
    return progress;
  };
  try {
    return await runExperiment({
      lake,
      experiment,
      defaultWorkers: availableParallelism(),
      memoryBytes: defaultMemoryGb() * 1e9,
      keepGoing: options.keepGoing === true,
      force: options.force === true,
      opensHoldout: options.openHoldout === true,
      allowsInSample: options.inSample === true,
      codeVersion: programVersion(),
      now: () => new Date(),
      signal: interruptSignal(),
      // A request to cancel does what Ctrl-C does.
      onCancel: () => void process.emit('SIGINT'),
      onGenerate: (bytesRead, sizeBytes, events) => show('Generating', 'events', sizeBytes).update(bytesRead, events),
      onGenerateMany: (datasets, total, events) => show('Generating', 'events', total).update(datasets, events),
      onCompare: (bytesRead, sizeBytes) => show('Comparing the raw file', 'bytes', sizeBytes).update(bytesRead),
      onProgress: (done, total) =>
        show('Sweeping', experiment.sessions === null ? 'cells' : 'cells and sessions', total).update(done),
      notice: (text) => output.note(text),
    });
  } finally {
    (progress as ReturnType<typeof output.progress> | null)?.stop();
  }
}

/** A plan, with its cells where they are few: a million of them take minutes to hash. */
function planJson(plan: SweepPlan, most: number) {
  const { cells, ...rest } = plan;
  return { ...rest, cellCount: cells.length, ...(cells.length <= most ? { cells: [...cells] } : {}) };
}

/** Values of an axis in a table: all, or the first and the last of many. */
function valuesText(values: readonly unknown[]): string {
  const texts = (some: readonly unknown[]) => some.map((value) => JSON.stringify(value)).join(', ');
  if (values.length <= 20) return texts(values);
  return `${texts(values.slice(0, 10))}, … ${texts(values.slice(-1))} (${formatCount(values.length)} values)`;
}

function planText(plan: SweepPlan, place: string): string {
  const { axes, cells, duplicates, thresholds } = plan;
  const trials = cells.trialCount;
  const kind = thresholds.kind === 'score' ? 'thresholds' : `percentiles of the past ${thresholds.windowBins} bins`;
  return [
    `${plan.experimentName}: ${plural(cells.length, 'cell')} of ${plan.signalName} on ${place}, each at ` +
      `${plural(thresholds.values.length, kind.replace(/s$/, ''), kind)} ${thresholds.values.join(', ')}.`,
    ...(duplicates === 0 ? [] : [`${plural(duplicates, 'point')} of the axes repeat others and are run once.`]),
    ...(trials === cells.length
      ? []
      : [`Only ${formatCount(trials)} of them differ in what ${plan.signalName} computes: it reads no flow score.`]),
    ...(axes.length === 0
      ? []
      : [
          formatTable(
            [{ title: 'axis' }, { title: 'values' }],
            axes.map(({ name, values }) => [name, valuesText(values)]),
          ),
        ]),
  ].join('\n');
}

type LookedComparison = Comparison & { readonly looks: ComparisonLooks };

/** The experiment's best runs as they stand after a run, which shows them. */
async function comparisonOf(lake: Lake, { plans }: ExperimentReport): Promise<LookedComparison> {
  const { ResultsStore } = await import('../lake/index.ts');
  const { compareRuns, lookAtComparison } = await import('../sweep/index.ts');
  using store = await ResultsStore.open(lake);
  const { experimentName: experiment, judgement } = present(plans[0]);
  const { minSignals } = judgement;
  const comparison = await compareRuns(store, { experiment, sort: 'evidence', minSignals, top: 10 });
  const look = { shownBy: 'compare', timestampUtc: new Date().toISOString() } as const;
  return { ...comparison, looks: await lookAtComparison(store, comparison, look) };
}

const wireSweep = wireRowOf(sweepColumns);

function runReportJson(
  { plans, sessions, ran, skipped, failures, interrupted, madeDatasets, raw, leftOut }: ExperimentReport,
  { sweeps }: Comparison,
  wallS: number,
) {
  const { experimentName, sweepId } = present(plans[0]);
  const summary = sweeps.find((sweep) => sweep.sweepId === sweepId);
  return {
    experiment_name: experimentName,
    sweep_id: sweepId,
    dataset_id: present(sessions[0]).datasetId,
    made_dataset: madeDatasets > 0,
    made_datasets: madeDatasets,
    sessions: sessions.map(({ date, symbol, datasetId }) => ({ date, symbol, dataset_id: datasetId })),
    left_out: leftOut,
    raw_file: raw,
    cells: plans.reduce((sum, plan) => sum + plan.cells.length, 0),
    ran,
    skipped,
    failures: failures.map(({ cell, plan, session, ...failure }) => ({
      run_id: plan.cells.at(cell).runId,
      session: session.date,
      ...failure,
    })),
    interrupted,
    statistics: summary === undefined ? null : wireSweep(summary),
    wall_s: wallS,
  };
}

function reportText(
  report: ExperimentReport,
  { runs, family, sweeps, looks }: LookedComparison,
  wallS: number,
  describeCell: (plan: SweepPlan, cell: Cell) => string,
): string {
  const { plans, sessions, units, ran, skipped, failures, failed: failedUnits, leftOut, interrupted } = report;
  const { experimentName, sweepId } = present(plans[0]);
  const rest = units - ran - skipped - failedUnits;
  const unit = sessions.length === 1 ? 'cell' : 'cell and session';
  const count = (n: number) => plural(n, unit, sessions.length === 1 ? 'cells' : 'cells and sessions');
  const failed = (failure: UnitFailure) =>
    `  ${describeCell(failure.plan, failure.plan.cells.at(failure.cell))}${sessions.length === 1 ? '' : ` on ${failure.session.date}`}: ${failure.message}`;
  const lines = [
    `Ran ${count(ran)} of ${experimentName} in ${formatDurationS(wallS)}` +
      `${skipped === 0 ? '' : `; ${skipped} had results already`}.`,
    ...leftOut.map(({ date, reason }) => `Left out the session ${date}: ${reason}`),
    ...(failedUnits === 0 ? [] : [`${count(failedUnits)} failed:`, ...failures.map(failed)]),
    ...(failedUnits > failures.length ? [`  and ${formatCount(failedUnits - failures.length)} more`] : []),
    ...(interrupted ? [`Interrupted with ${count(rest)} to go; the same command goes on from here.`] : []),
  ];
  if (runs.length > 0) lines.push('', runTable(runs, looks), '', `${oneSidedText(runs)}${familyText(family, runs)}`);
  for (const sweep of sweeps) if (sweep.sweepId === sweepId) lines.push(sweepText(sweep, looks));
  if (looks.unkept !== null) lines.push(looks.unkept);
  return lines.join('\n');
}
