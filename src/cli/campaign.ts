import { availableParallelism } from 'node:os';
import type { Command } from 'commander';
import type { CampaignPlan, CampaignReport } from '../campaign/index.ts';
import type { CampaignSpec, CampaignVariant } from '../config/index.ts';
import { exitCode, present, SpymasterError } from '../errors.ts';
import type { Lake } from '../lake/index.ts';
import type { Measured } from '../replay/index.ts';
import { type CampaignEstimate, formatCampaignPlan, formatCampaignReport } from './campaign_text.ts';
import type { Cli } from './command.ts';
import { defaultMemoryGb, integerOption, jsonOption, lakeRootOption, numberOption } from './options.ts';
import { warningLines } from './output.ts';
import { stepProgress } from './step_progress.ts';
import { programVersion } from './version.ts';

const examples = `
Datasets that are there are not made again; killed at any moment, the same command goes on where it was. Specs of every variant
are written to the lake, for experiments to name.

Examples:
  $ npx spymaster campaign run configs/gold_campaigns/mnq_demo_taus.yaml --dry-run   what would be made, how long it would take
  $ npx spymaster campaign run configs/gold_campaigns/mnq_demo_taus.yaml
  $ npx spymaster campaign run campaign.yaml --max-workers 4 --memory-gb 8 --keep-going`;

interface CampaignCommandOptions {
  readonly lakeRoot: string;
  readonly dryRun?: true;
  readonly keepGoing?: true;
  readonly maxWorkers: number;
  readonly memoryGb: number;
  readonly json?: true;
}

/** Adds `campaign run`: a CampaignSpec becomes datasets, specs and bundles. */
export function addCampaignCommand(command: Command, cli: Cli): void {
  const campaign = command.addHelpText('after', examples);
  campaign
    .command('run')
    .description('make what a campaign spec asks for and the lake does not have')
    .argument('<file>', 'a CampaignSpec')
    .option('--dry-run', 'show the plan with measured time and size, and make nothing')
    .option('--keep-going', 'go on when a dataset fails')
    .option('--max-workers <count>', 'processes at most', integerOption(1, 256), availableParallelism())
    .option('--memory-gb <size>', 'memory of all processes together', numberOption(0.1, 1e6), defaultMemoryGb())
    .option(...lakeRootOption)
    .option(...jsonOption)
    .addHelpText('after', examples)
    .action((file: string, options: CampaignCommandOptions) => run(file, options, cli));
}

/** Reads a campaign for the instrument of this environment and lays out its variants, each checked as a spec of its own is. */
export async function loadCampaign(file: string): Promise<{ spec: CampaignSpec; variants: CampaignVariant[] }> {
  const { defaultSignal } = await import('../signals/index.ts');
  const { campaignVariants, locatedIn, nearest, parseCampaignSpec } = await import('../config/index.ts');
  const { datasetColumns, instrumentPath, parseOrAdvise, readInstrument, readYamlFile } = await import(
    '../lake/index.ts'
  );
  const { servingParameters } = await import('../sweep/index.ts');
  const { value, origin } = await readYamlFile(file);
  const spec = parseOrAdvise(file, value, () => parseCampaignSpec(value, origin));
  const variants = campaignVariants(
    spec,
    await readInstrument(instrumentPath(process.env, file)),
    origin,
    defaultSignal.name,
  );
  for (const { serving, servingOrigin } of variants) servingParameters({ ...serving, origin: servingOrigin });
  const known = [...new Set(Object.values(datasetColumns).flat())];
  for (const [i, column] of (spec.publish?.columns ?? []).entries()) {
    if (known.includes(column)) continue;
    const message = `publish.columns[${i}] is ${JSON.stringify(column)}; the nearest column of datasets is ${JSON.stringify(nearest(column, known))}.`;
    throw locatedIn(new SpymasterError('CONFIG_INVALID', message), origin, ['publish', 'columns', i]);
  }
  return { spec, variants };
}

async function run(file: string, options: CampaignCommandOptions, cli: Cli): Promise<void> {
  const { output } = cli;
  const { Lake, rawNotice } = await import('../lake/index.ts');
  const { planCampaign } = await import('../campaign/index.ts');
  const lake = new Lake(options.lakeRoot);
  const { spec, variants } = await loadCampaign(file);
  const signal = cli.interruptSignal();
  const steps = stepProgress(output);
  const plan = await planCampaign(lake, spec, variants, {
    signal,
    onProgress: (bytesRead, sizeBytes) => steps.show('Comparing raw files', 'bytes', sizeBytes).update(bytesRead),
  }).finally(() => steps.stop());
  for (const { datasetId, raw } of plan.datasets) {
    const rawText = raw?.state === 'differs' ? rawNotice(datasetId, raw) : null;
    if (rawText !== null) output.note(rawText);
  }
  const measured = await measure(lake, plan, options, signal);
  const estimate = await estimateOf(plan, measured, options);
  if (options.dryRun) {
    const { campaignWarnings } = await import('../sweep/index.ts');
    const warnings = campaignWarnings(spec);
    if (options.json) output.json({ ...(await planJson(plan)), estimate, warnings });
    else output.print([formatCampaignPlan(plan, estimate), ...warningLines(warnings)].join('\n'));
    return;
  }
  const startMs = performance.now();
  const report = await runWithProgress(lake, plan, measured, options, signal, cli);
  const wallS = (performance.now() - startMs) / 1000;
  if (options.json) output.json({ ...(await planJson(plan)), ...reportJson(report), wall_s: wallS });
  else output.print(formatCampaignReport(plan, report, wallS));
  if (report.interrupted) output.exitCode = exitCode.interrupted;
  else if (report.datasets.some(({ error }) => error !== null)) output.exitCode = exitCode.failure;
}

/** What the first bins of the first missing dataset cost; null when nothing is to be made, or one thing that is made at once. */
async function measure(
  lake: Lake,
  plan: CampaignPlan,
  { dryRun, maxWorkers }: CampaignCommandOptions,
  signal: AbortSignal,
): Promise<Measured | null> {
  const missing = plan.datasets.filter(({ manifest }) => manifest === null);
  if (missing.length === 0 || (!dryRun && (missing.length === 1 || maxWorkers === 1))) return null;
  const { measureCampaign } = await import('../campaign/index.ts');
  return measureCampaign(lake, present(missing[0]), programVersion(), signal);
}

async function estimateOf(
  { datasets }: CampaignPlan,
  measured: Measured | null,
  { maxWorkers, memoryGb }: CampaignCommandOptions,
): Promise<CampaignEstimate | null> {
  if (measured === null) return null;
  const { fittingWorkers } = await import('../replay/index.ts');
  const missing = datasets.filter(({ manifest }) => manifest === null);
  const bins = missing.reduce((sum, { expectedBins }) => sum + expectedBins, 0);
  const workers = fittingWorkers(missing.length, maxWorkers, memoryGb * 1e9, expectedPeak(measured));
  const seconds =
    (missing.length * measured.leadInS + bins * measured.secondsPerBin) / Math.min(workers, availableParallelism());
  return { measured, workers, seconds, bytes: bins * measured.bytesPerBin };
}

/** A whole dataset takes more than its first bins did: a third to a half more in what was measured. */
function expectedPeak(measured: Measured | null): number {
  return 1.5 * (measured?.peakBytes ?? 0);
}

async function runWithProgress(
  lake: Lake,
  plan: CampaignPlan,
  measured: Measured | null,
  options: CampaignCommandOptions,
  signal: AbortSignal,
  { output }: Cli,
): Promise<CampaignReport> {
  const { runCampaign } = await import('../campaign/index.ts');
  const steps = stepProgress(output);
  const missing = plan.datasets.filter(({ manifest }) => manifest === null).length;
  try {
    return await runCampaign({
      lake,
      plan,
      maxWorkers: options.maxWorkers,
      memoryBytes: options.memoryGb * 1e9,
      expectedPeakBytes: Math.max(1, expectedPeak(measured)),
      keepGoing: options.keepGoing === true,
      codeVersion: programVersion(),
      signal,
      onProgress: (datasets, events) =>
        steps.show(`Making ${missing} datasets`, 'events', missing).update(datasets, events),
      onPublish: (datasetId, phase, rows, total) =>
        steps.show(`Publishing ${datasetId}, ${phase}`, 'rows', total).update(rows),
    });
  } finally {
    steps.stop();
  }
}

async function planJson({ spec, variants, datasets, specs }: CampaignPlan): Promise<object> {
  const { variantRow } = await import('../campaign/index.ts');
  return {
    campaign: spec.name,
    variants: variants.map(variantRow),
    raw_files: Object.fromEntries(datasets.flatMap(({ datasetId, raw }) => (raw === null ? [] : [[datasetId, raw]]))),
    datasets_there: datasets.filter(({ manifest }) => manifest !== null).map(({ datasetId }) => datasetId),
    datasets_to_make: datasets.filter(({ manifest }) => manifest === null).map(({ datasetId }) => datasetId),
    specs_to_write: specs.filter(({ exists }) => !exists).map(({ path }) => path),
  };
}

function reportJson({ datasets, indexPath, workers, peakBytes, interrupted }: CampaignReport): object {
  return {
    index: indexPath,
    datasets: datasets.map(({ datasetId, state, manifest, published, error }) => ({
      dataset_id: datasetId,
      state,
      bins: manifest?.bins ?? null,
      rows: manifest?.rows ?? null,
      published,
      error: error === null ? null : { code: error.code, message: error.message },
    })),
    workers,
    peak_bytes_per_worker: peakBytes,
    interrupted,
  };
}
