import type { Command } from 'commander';
import { SpymasterError } from '../errors.ts';
import type { Lake, LoadedSessionsExperiment } from '../lake/index.ts';
import type { SessionPlan } from '../sessions/index.ts';
import type { Cli } from './command.ts';
import { type DownloadDeps, datasetOf } from './download.ts';
import { anyLakeOption, jsonOption } from './options.ts';
import { type MissingCost, sessionsJson, sessionsPlanJson, sessionsPlanText, sessionsText } from './sessions_text.ts';
import { stepProgress } from './step_progress.ts';
import { programVersion } from './version.ts';

const examples = `
\`ls\` shows the days of an experiment's sessions, the contract of each, and whether its raw file and dataset are in the lake.
\`plan\` also shows the days that are left out and why, rolls, half days, missing files, the size of the datasets to be made
and, with a key in DATABENTO_API_KEY, the price of the missing files. Neither makes, orders or changes anything but the cache of
traded volumes.

Examples:
  $ npx spymaster sessions ls configs/experiments/derivative_q1.yaml
  $ npx spymaster sessions plan configs/experiments/derivative_q1.yaml
  $ npx spymaster download futures --for configs/experiments/derivative_q1.yaml --dry-run`;

interface SessionsOptions {
  readonly lakeRoot: string;
  readonly json?: true;
}

/** Adds `sessions`: which days an experiment is asked of. */
export function addSessionsCommand(command: Command, cli: Cli, givenDeps?: Omit<DownloadDeps, 'ask'>): void {
  const sessions = command.addHelpText('after', examples);
  const deps = () => givenDeps ?? { apiKey: process.env.DATABENTO_API_KEY ?? '' };
  sessions
    .command('ls')
    .description('list the sessions')
    .argument('<spec>', 'an ExperimentSpec with sessions')
    .option(...anyLakeOption)
    .option(...jsonOption)
    .action(async (file: string, options: SessionsOptions) => {
      const { lake, experiment } = await openSessions(file, options.lakeRoot);
      const plan = await resolved(lake, experiment, cli);
      if (options.json) cli.output.json(sessionsJson(plan));
      else cli.output.print(sessionsText(plan));
    });
  sessions
    .command('plan')
    .description('show the sessions, what is missing, and what it takes')
    .argument('<spec>', 'an ExperimentSpec with sessions')
    .option(...anyLakeOption)
    .option(...jsonOption)
    .action((file: string, options: SessionsOptions) => showPlan(file, options, cli, deps()));
}

/** The lake, and the experiment with sessions in a file. Throws CONFIG_INVALID for an experiment without. */
export async function openSessions(
  file: string,
  lakeRoot: string,
): Promise<{ readonly lake: Lake; readonly experiment: LoadedSessionsExperiment }> {
  const { instrumentPath, readInstrument, SpecFiles, openLake } = await import('../lake/index.ts');
  const lake = await openLake(lakeRoot);
  const experiment = await new SpecFiles(lake, await readInstrument(instrumentPath(process.env, file))).anyExperiment(
    file,
  );
  if (experiment.sessions !== null) return { lake, experiment };
  throw new SpymasterError(
    'CONFIG_INVALID',
    `Cannot list the sessions of ${file}: expected an experiment with a block \`sessions\`, and this one is asked of its ` +
      "pipeline's day alone; add one, for example sessions: {from: 2026-01-05, to: 2026-03-31}.",
    { path: file, key: 'sessions' },
  );
}

/** The plan that the lake alone gives. */
async function resolved(lake: Lake, experiment: LoadedSessionsExperiment, cli: Cli): Promise<SessionPlan> {
  const { resolveSessions } = await import('../sessions/index.ts');
  return await reading(cli, (options) => resolveSessions(lake, experiment, options));
}

/** Runs what reads traded volumes, with progress and Ctrl-C. */
async function reading<T>(
  { output, interruptSignal }: Cli,
  run: (options: {
    onProgress: (path: string, bytes: number, size: number) => void;
    signal: AbortSignal;
  }) => Promise<T>,
): Promise<T> {
  const steps = stepProgress(output);
  const onProgress = (path: string, bytesRead: number, sizeBytes: number) =>
    steps.show(`Reading volumes of ${path.slice(path.lastIndexOf('/') + 1)}`, 'bytes', sizeBytes).update(bytesRead);
  return await run({ onProgress, signal: interruptSignal() }).finally(() => steps.stop());
}

async function showPlan(
  file: string,
  options: SessionsOptions,
  cli: Cli,
  deps: Omit<DownloadDeps, 'ask'>,
): Promise<void> {
  const { estimateSizes } = await import('../sessions/index.ts');
  const { lake, experiment } = await openSessions(file, options.lakeRoot);
  const { plan, cost } = await withCost(lake, experiment, cli, deps);
  const sizes = await estimateSizes(lake, plan);
  if (options.json) cli.output.json(sessionsPlanJson(plan, sizes, cost));
  else cli.output.print(sessionsPlanText(plan, sizes, cost));
}

/** The plan, and what the missing files cost; with a key, Databento tells contracts that the lake cannot. */
async function withCost(
  lake: Lake,
  experiment: LoadedSessionsExperiment,
  cli: Cli,
  { apiKey, baseUrl, timing }: Omit<DownloadDeps, 'ask'>,
): Promise<{ readonly plan: SessionPlan; readonly cost: MissingCost }> {
  const { datesOfUncertainContract } = await import('../sessions/index.ts');
  const plan = await resolved(lake, experiment, cli);
  if (plan.missing.length === 0 && datesOfUncertainContract(plan).length === 0)
    return { plan, cost: { download: null, unknown: null } };
  const unknown = (reason: string) => ({ plan, cost: { download: null, unknown: reason } });
  if (apiKey === '') return unknown('no key in DATABENTO_API_KEY to ask with');
  const { DatabentoApi, DatabentoHttp, defaultTiming, planDownload, planMissingSessions } = await import(
    '../databento/historical/index.ts'
  );
  const http = {
    ...{ apiKey, timing: timing ?? defaultTiming, signal: cli.interruptSignal() },
    notice: (text: string) => cli.output.note(text),
    userAgent: `spymaster/${programVersion()} node/${process.versions.node}`,
    ...(baseUrl === undefined ? {} : { baseUrl }),
  };
  const api = new DatabentoApi(new DatabentoHttp(http));
  const dataset = datasetOf(experiment.serving.pipeline.spec.capture.product_type);
  try {
    const asked = await reading(cli, (options) =>
      planMissingSessions({ lake, experiment, api, dataset, keep: false, ...options }),
    );
    return { plan: asked.plan, cost: { download: await planDownload(lake, api, null, asked.request), unknown: null } };
  } catch (error) {
    if (error instanceof SpymasterError && error.code.startsWith('API_')) return unknown(error.message);
    throw error;
  }
}
