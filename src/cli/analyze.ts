import { basename, resolve } from 'node:path';
import type { Command } from 'commander';
import type { AnalysisSubject, WrittenReport } from '../analysis/index.ts';
import { present, SpymasterError } from '../errors.ts';
import { formatBytes, formatDurationS, plural } from '../format.ts';
import type { Lake } from '../lake/index.ts';
import type { Cli } from './command.ts';
import { integerOption, jsonOption, lakeRootOption, numberOption } from './options.ts';
import { programVersion } from './version.ts';

const examples = `
Checks whether a session can be trusted: data quality, health of the spectrum, whether the projection beats persistence, and
in which regimes the derivative signal has an edge. Writes report.html, a single page that opens offline, and report.json with
the same numbers. Reports of datasets and pipelines go to the lake unless --out is given.

Examples:
  $ npx spymaster analyze mnqh6_20260206_0926_0930__mnq_demo__1a2b3c4d
  $ npx spymaster analyze --pipeline configs/pipelines/mnq_demo.yaml
  $ npx spymaster analyze --file session.dbn.zst --config configs/replay.json --out report`;

interface AnalyzeOptions {
  readonly pipeline?: string;
  readonly file?: string;
  readonly config?: string;
  readonly out?: string;
  readonly threshold: number;
  readonly tpTicks: number;
  readonly slTicks: number;
  readonly maxHoldBins: number;
  readonly cooldownBins: number;
  readonly lakeRoot: string;
  readonly json?: true;
}

/** Adds `analyze`: a dataset, a pipeline's session or a file becomes a report. */
export function addAnalyzeCommand(command: Command, cli: Cli): void {
  command
    .argument('[dataset_id]', 'a dataset in the lake; see list-datasets')
    .option('--pipeline <file>', 'a PipelineSpec; its session is replayed')
    .option('--file <file>', 'a DBN file of the schema mbo; needs --config and --out')
    .option('--config <file>', 'a replay configuration: runtime fields, date, start and end')
    .option('--threshold <score>', 'score at which the derivative signal fires', numberOption(0.001, 1), 0.3)
    .option('--tp-ticks <ticks>', 'take-profit of its trades', numberOption(0.5, 1e6), 4)
    .option('--sl-ticks <ticks>', 'stop-loss of its trades', numberOption(0.5, 1e6), 4)
    .option('--max-hold-bins <bins>', 'bins after which a trade ends', integerOption(1, 1e6), 300)
    .option('--cooldown-bins <bins>', 'bins from one firing to the next at least', integerOption(0, 1e6), 10)
    .option('--out <folder>', 'where report.html and report.json go')
    .option(...lakeRootOption)
    .option(...jsonOption)
    .addHelpText('after', examples)
    .action((datasetId: string | undefined, options: AnalyzeOptions) => run(datasetId, options, cli));
}

async function run(datasetId: string | undefined, options: AnalyzeOptions, cli: Cli): Promise<void> {
  const { output, interruptSignal } = cli;
  const { Lake } = await import('../lake/index.ts');
  const { analyze, toJson, writeReport } = await import('../analysis/index.ts');
  const lake = new Lake(options.lakeRoot);
  const subject = await subjectOf(datasetId, options, lake);
  const folder = options.out === undefined ? lake.analysis(subject.name) : resolve(options.out);
  const unit = subject.source === null ? 'bins' : 'events';
  const progress = output.progress({ label: 'Analysing', unit, total: 1 });
  const startMs = performance.now();
  const { threshold, tpTicks, slTicks, maxHoldBins, cooldownBins } = options;
  const rules = { threshold, tpTicks, slTicks, maxHoldBins, cooldownBins };
  const onProgress = (done: number, total: number, count: number) => progress.update(done / total, count);
  const written = await writeReport(folder, () =>
    analyze(subject, { codeVersion: programVersion(), rules }, { onProgress, signal: interruptSignal() }),
  ).finally(() => progress.stop());
  if (options.json) output.json(toJson(written.report) as object);
  else output.print(analysisText(written, (performance.now() - startMs) / 1000));
}

async function subjectOf(datasetId: string | undefined, options: AnalyzeOptions, lake: Lake): Promise<AnalysisSubject> {
  const { pipeline, file, config } = options;
  if ([datasetId, pipeline, file].filter((given) => given !== undefined).length !== 1) {
    throw new SpymasterError(
      'USAGE',
      'Cannot tell what to analyse: give a dataset id, --pipeline or --file, one of them.',
    );
  }
  if ((file === undefined) !== (config === undefined) || (file !== undefined && options.out === undefined)) {
    throw new SpymasterError(
      'USAGE',
      'Cannot analyse this: --file needs --config, which says what to make of it, and --out; --config belongs to --file.',
    );
  }
  if (datasetId !== undefined) {
    const { datasetSubject } = await import('../analysis/index.ts');
    return datasetSubject(lake, datasetId);
  }
  const { findRawFile, instrumentPath, readInstrument, readReplayConfig, SpecFiles } = await import('../lake/index.ts');
  const alone = { dataset: null, leftOut: null } as const;
  if (pipeline !== undefined) {
    const specs = new SpecFiles(lake, await readInstrument(instrumentPath(process.env, pipeline)));
    const { runtime, capture, spec, datasetId: name } = await specs.pipeline(pipeline);
    const { product_type, symbol, dt: date } = spec.capture;
    const path = await findRawFile(lake, product_type, symbol, date);
    return { name, kind: 'pipeline', runtime, date, capture, source: { path, sha256: null }, ...alone };
  }
  const { replayCapture } = await import('../config/index.ts');
  const settings = await readReplayConfig(present(config));
  const { runtime, stream_dt: date } = settings;
  const capture = replayCapture(settings);
  const source = { path: resolve(present(file)), sha256: null };
  return { name: basename(present(file)), kind: 'file', runtime, date, capture, source, ...alone };
}

function analysisText({ report, ...written }: WrittenReport, wallS: number): string {
  const levels = { bad: '✗', warning: '!', note: '·', good: '✓' } as const;
  return [
    `Analysed ${plural(report.book.bins, 'bin')} of ${report.subject.name} in ${formatDurationS(wallS)}.`,
    ...report.verdict.map(({ level, about, text }) => `  ${levels[level]} ${about.padEnd(10)}  ${text}`),
    `Wrote ${written.htmlPath} (${formatBytes(written.htmlBytes)}) and report.json (${formatBytes(written.jsonBytes)}).`,
  ].join('\n');
}
