import { availableParallelism } from 'node:os';
import type { Command } from 'commander';
import { exitCode, present } from '../errors.ts';
import { formatDurationS, plural } from '../format.ts';
import type { Lake, LoadedExperiment } from '../lake/index.ts';
import type { CellFailure, ExperimentReport, SweepPlan } from '../sweep/index.ts';
import type { Cli } from './command.ts';
import { jsonOption, lakeRootOption } from './options.ts';
import { warningLines } from './output.ts';
import { familyText, oneSidedText, runTable, statisticsText } from './run_table.ts';
import { stepProgress } from './step_progress.ts';
import { formatTable } from './table.ts';
import { programVersion } from './version.ts';

const examples = `
What has a result is not run again; killed at any moment, the same command goes on where it was.

Examples:
  $ npx spymaster run configs/experiments/sweep_derivative.yaml --dry-run   what would be run
  $ npx spymaster run configs/experiments/sweep_derivative.yaml
  $ npx spymaster run configs/experiments/sweep_derivative.yaml --force     evaluate everything again`;

interface RunOptions {
  readonly lakeRoot: string;
  readonly dryRun?: true;
  readonly force?: true;
  readonly keepGoing?: true;
  readonly json?: true;
}

/** Adds `run`: an ExperimentSpec becomes results. */
export function addRunCommand(program: Command, cli: Cli): void {
  program
    .command('run')
    .description('run the sweep of an experiment spec, making its dataset when it is missing')
    .argument('<file>', 'an ExperimentSpec')
    .option(...lakeRootOption)
    .option('--dry-run', 'show the plan and run nothing')
    .option('--force', 'run cells again that have a result')
    .option('--keep-going', 'go on when a cell fails')
    .option(...jsonOption)
    .addHelpText('after', examples)
    .action((file: string, options: RunOptions) => run(file, options, cli));
}

/** Loads an experiment and the specs below it, for the instrument of this environment. */
export async function loadExperiment(lake: Lake, file: string): Promise<LoadedExperiment> {
  const { instrumentPath, readInstrument, SpecFiles } = await import('../lake/index.ts');
  const instrument = await readInstrument(instrumentPath(process.env));
  return new SpecFiles(lake, instrument).experiment(file);
}

async function run(file: string, options: RunOptions, cli: Cli): Promise<void> {
  const { Lake } = await import('../lake/index.ts');
  const { describeCell, planSweep, sweepRequest, sweepWarnings } = await import('../sweep/index.ts');
  const lake = new Lake(options.lakeRoot);
  const experiment = await loadExperiment(lake, file);
  if (options.dryRun) {
    const plan = await dryPlan(lake, experiment, cli);
    const warnings = sweepWarnings(plan);
    if (options.json) cli.output.json({ ...plan, warnings });
    else cli.output.print([planText(plan), ...warningLines(warnings)].join('\n'));
    return;
  }
  for (const line of warningLines(sweepWarnings(planSweep(sweepRequest(experiment))))) cli.output.note(line);
  const startMs = performance.now();
  const report = await runWithProgress(lake, experiment, options, cli);
  const wallS = (performance.now() - startMs) / 1000;
  if (options.json) cli.output.json(runReportJson(report, wallS));
  else cli.output.print(await reportText(lake, report, wallS, describeCell));
  if (report.interrupted) cli.output.exitCode = exitCode.interrupted;
  else if (report.failures.length > 0) cli.output.exitCode = exitCode.failure;
}

/** The plan of a run, on the dataset that it would take. */
async function dryPlan(lake: Lake, experiment: LoadedExperiment, { output, interruptSignal }: Cli): Promise<SweepPlan> {
  const { chooseDataset, rawNotice } = await import('../lake/index.ts');
  const { planSweep, sweepRequest } = await import('../sweep/index.ts');
  const request = sweepRequest(experiment);
  const plan = planSweep(request);
  const steps = stepProgress(output);
  const chosen = await chooseDataset(lake, plan.datasetId, {
    hash: true,
    signal: interruptSignal(),
    onProgress: (bytesRead, sizeBytes) => steps.show('Comparing the raw file', 'bytes', sizeBytes).update(bytesRead),
  }).finally(() => steps.stop());
  if (chosen === null) return plan;
  const { dataset_id: datasetId } = chosen.manifest;
  const rawText = rawNotice(datasetId, chosen.raw);
  if (rawText !== null) output.note(rawText);
  return datasetId === plan.datasetId ? plan : planSweep({ ...request, datasetId });
}

async function runWithProgress(
  lake: Lake,
  experiment: LoadedExperiment,
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
      keepGoing: options.keepGoing === true,
      force: options.force === true,
      codeVersion: programVersion(),
      now: () => new Date(),
      signal: interruptSignal(),
      onGenerate: (bytesRead, sizeBytes, events) => show('Generating', 'events', sizeBytes).update(bytesRead, events),
      onCompare: (bytesRead, sizeBytes) => show('Comparing the raw file', 'bytes', sizeBytes).update(bytesRead),
      onProgress: (done, total) => show('Sweeping', 'cells', total).update(done),
      notice: (text) => output.note(text),
    });
  } finally {
    (progress as ReturnType<typeof output.progress> | null)?.stop();
  }
}

function planText(plan: SweepPlan): string {
  const { axes, cells, duplicates, thresholds } = plan;
  const trials = new Set(cells.map((cell) => cell.trialHash)).size;
  const kind = thresholds.kind === 'score' ? 'thresholds' : `percentiles of the past ${thresholds.windowBins} bins`;
  return [
    `${plan.experimentName}: ${plural(cells.length, 'cell')} of ${plan.signalName} on ${plan.datasetId}, each at ` +
      `${plural(thresholds.values.length, kind.replace(/s$/, ''), kind)} ${thresholds.values.join(', ')}.`,
    ...(duplicates === 0 ? [] : [`${plural(duplicates, 'point')} of the axes repeat others and are run once.`]),
    ...(trials === cells.length
      ? []
      : [`Only ${trials} of them differ in what ${plan.signalName} computes: it reads no flow score.`]),
    ...(axes.length === 0
      ? []
      : [
          formatTable(
            [{ title: 'axis' }, { title: 'values' }],
            axes.map(({ name, values }) => [name, values.map((value) => JSON.stringify(value)).join(', ')]),
          ),
        ]),
  ].join('\n');
}

function runReportJson(
  { plan, ran, skipped, failures, interrupted, statistics, madeDataset, raw }: ExperimentReport,
  wallS: number,
) {
  return {
    experiment_name: plan.experimentName,
    sweep_id: plan.sweepId,
    dataset_id: plan.datasetId,
    made_dataset: madeDataset,
    raw_file: raw,
    cells: plan.cells.length,
    ran,
    skipped,
    failures: failures.map(({ cell, ...failure }) => ({ run_id: present(plan.cells[cell]).runId, ...failure })),
    interrupted,
    statistics: statistics === null ? null : { ...statistics, best: bestOf(statistics.best) },
    wall_s: wallS,
  };
}

function bestOf(best: NonNullable<ExperimentReport['statistics']>['best']): object | null {
  if (best === null) return null;
  const { runId, threshold, signals, sharpe } = best.trial;
  return { run_id: runId, threshold, signals, sharpe, deflated_sharpe: best.deflatedSharpe };
}

async function reportText(
  lake: Lake,
  report: ExperimentReport,
  wallS: number,
  describeCell: (plan: SweepPlan, cell: SweepPlan['cells'][number]) => string,
): Promise<string> {
  const { plan, ran, skipped, failures, interrupted, statistics } = report;
  const rest = plan.cells.length - ran - skipped - failures.length;
  const failed = (failure: CellFailure) =>
    `  ${describeCell(plan, present(plan.cells[failure.cell]))}: ${failure.message}`;
  const lines = [
    `Ran ${plural(ran, 'cell')} of ${plan.experimentName} in ${formatDurationS(wallS)}` +
      `${skipped === 0 ? '' : `; ${skipped} had results already`}.`,
    ...(failures.length === 0 ? [] : [`${plural(failures.length, 'cell')} failed:`, ...failures.map(failed)]),
    ...(interrupted ? [`Interrupted with ${plural(rest, 'cell')} to go; the same command goes on from here.`] : []),
  ];
  const { ResultsStore } = await import('../lake/index.ts');
  const { compareRuns } = await import('../sweep/index.ts');
  using store = await ResultsStore.open(lake);
  const { runs, family } = await compareRuns(store, {
    experiment: plan.experimentName,
    datasetId: plan.datasetId,
    sort: 'mean_net_pnl_ticks',
    minSignals: plan.evaluation.minSignals,
    top: 10,
  });
  if (runs.length > 0) lines.push('', runTable(runs), '', `${oneSidedText(runs)}${familyText(family)}`);
  if (statistics !== null) lines.push(statisticsText(statistics));
  return lines.join('\n');
}
