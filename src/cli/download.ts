import { type Command, InvalidArgumentError, Option } from 'commander';
import type { ProductType } from '../config/index.ts';
import type { DatabentoApi, DownloadPlan, DownloadRequest, DownloadTiming } from '../databento/historical/index.ts';
import { exitCode, SpymasterError } from '../errors.ts';
import { plural } from '../format.ts';
import type { Cli } from './command.ts';
import { type Confirm, confirmAtTerminal } from './confirm.ts';
import { downloadStatus } from './download_status.ts';
import { dollars, planJson, planText, resultJson, resultText } from './download_text.ts';
import { dateOption, jsonOption, lakeRootOption } from './options.ts';
import { programVersion } from './version.ts';

const examples = `
The API key is read from DATABENTO_API_KEY; it is never printed or stored. The cost is shown, and must be confirmed, before
anything is ordered. Each order is recorded in the lake before it is placed, so that after an interruption or a kill the same
command continues where it stopped and pays for nothing twice. Sessions that are already paid for are fetched first. A session
that fails does not stop the others; it is listed at the end, and the exit code is 1. A day on which the venue
was closed, or that is not over or not licensed, is reported and does not affect the others. Databento's condition of a day
(such as degraded) is shown and stored beside its file.

Examples:
  $ npx spymaster download futures --symbol MNQ --from 2026-02-02 --to 2026-02-06 --dry-run
  $ npx spymaster download futures --symbol MNQ --from 2026-02-02 --to 2026-02-06
  $ npx spymaster download futures --for configs/experiments/derivative_q1.yaml --dry-run
  $ npx spymaster download equities --symbol AAPL --from 2026-02-06 --yes
  $ npx spymaster download status`;

interface DownloadCommandOptions {
  readonly symbol?: string;
  readonly from?: string;
  readonly for?: string;
  readonly to?: string;
  readonly schema: string;
  readonly dataset?: string;
  readonly frontMonth?: DownloadRequest['frontMonth'];
  readonly stream?: true;
  readonly dryRun?: true;
  readonly yes?: true;
  readonly json?: true;
  readonly lakeRoot: string;
}

/** Key, address, pace and prompt of a download; tests give their own. */
export interface DownloadDeps {
  readonly apiKey: string;
  readonly baseUrl?: string;
  readonly timing?: DownloadTiming;
  /** Asks the user to agree; null without a terminal. */
  readonly ask: Confirm;
}

/** Adds `download`: sessions from Databento into the lake. */
export function addDownloadCommand(command: Command, cli: Cli, givenDeps?: DownloadDeps): void {
  const download = command.addHelpText('after', examples);
  const deps = (): DownloadDeps => givenDeps ?? terminal(cli);
  for (const [name, productType, product] of [
    ['futures', 'future_mbo', 'a product (MNQ; its front month is resolved for each session) or a contract (MNQH6)'],
    ['equities', 'equity_mbo', 'symbol of the stock'],
  ] as const) {
    const command = download
      .command(name)
      .description(`download sessions of ${name}`)
      .option('--symbol <symbol>', product)
      .option('--from <date>', 'first session date', dateOption)
      .option('--to <date>', 'last session date (default: the first)', dateOption)
      .option('--for <spec>', 'the missing files of an experiment with sessions, in place of symbol and dates')
      .option('--schema <schema>', 'record schema; replays need mbo', 'mbo')
      .option('--dataset <code>', `Databento dataset (default: ${datasetOf(productType)})`, datasetOption);
    if (productType === 'future_mbo') {
      const rule = new Option(
        '--front-month <rule>',
        'volume: contract most traded the day before; parent: nearest expiry',
      );
      command.addOption(rule.choices(['volume', 'parent']).default('volume'));
    }
    command
      .option('--stream', 'stream at once instead of ordering batch jobs (up to 100 MB a session; cannot be resumed)')
      .option('--dry-run', 'show the plan and its cost; order nothing')
      .option('--yes', 'accept the cost without asking')
      .option(...lakeRootOption)
      .option(...jsonOption)
      .action((options: DownloadCommandOptions) => run(productType, options, cli, deps()));
  }
  download
    .command('status')
    .description('list orders with their cost and progress')
    .option(...lakeRootOption)
    .option(...jsonOption)
    .action((options: { readonly lakeRoot: string; readonly json?: true }) => downloadStatus(options, cli));
}

async function run(
  productType: ProductType,
  options: DownloadCommandOptions,
  cli: Cli,
  deps: DownloadDeps,
): Promise<void> {
  const { output } = cli;
  const { DatabentoApi, DatabentoHttp, defaultTiming, downloadSchemas, downloadSessions, JobLedger, planDownload } =
    await import('../databento/historical/index.ts');
  const { Lake } = await import('../lake/index.ts');
  const lake = new Lake(options.lakeRoot);
  const given = options.for === undefined ? requestOf(productType, options, downloadSchemas) : null;
  const notice = (text: string): void => output.note(text);
  const { apiKey, baseUrl, timing = defaultTiming } = deps;
  const userAgent = `spymaster/${programVersion()} node/${process.versions.node}`;
  const signal = cli.interruptSignal();
  const http = { apiKey, timing, notice, userAgent, signal, ...(baseUrl === undefined ? {} : { baseUrl }) };
  const api = new DatabentoApi(new DatabentoHttp(http));
  const request = given ?? (await missingOf(productType, options, api, cli));
  if (request === null) return;
  if (options.dryRun) {
    const plan = await planDownload(lake, api, null, request);
    if (options.json) output.json(planJson(plan));
    else output.print(planText(plan));
    return;
  }
  using ledger = new JobLedger(lake);
  const plan = await planDownload(lake, api, ledger, request);
  if (!options.json) output.print(planText(plan));
  const agreement = await agreed(plan, options, deps);
  // What is paid is fetched whatever becomes of the rest.
  const sessions = plan.sessions.filter(({ state }) => agreement === 'yes' || state !== 'to_buy');
  const total = sessions.filter(({ state }) => state === 'to_buy' || state === 'paid').length;
  const progress = output.progress({ label: 'Downloading', unit: 'bytes', total });
  const result = await downloadSessions({
    ...{ lake, api, ledger, sessions, stream: request.stream, notice },
    onProgress: ({ sessionsDone, bytesDone }) => progress.update(sessionsDone, bytesDone),
  }).finally(() => progress.stop());
  if (agreement === 'no terminal') {
    if (total > 0) output.note(resultText(result));
    throw nothingOrdered(plan);
  }
  if (agreement === 'no') output.note('Nothing was ordered.');
  if (options.json) output.json({ ...planJson(plan), ...resultJson(result) });
  else if (total > 0) output.print(resultText(result));
  if (result.failed.length > 0) output.exitCode = exitCode.failure;
}

/** What an experiment's sessions lack; null, and it is said, where nothing is left to ask for. */
async function missingOf(
  productType: ProductType,
  options: DownloadCommandOptions,
  api: DatabentoApi,
  { output, interruptSignal }: Cli,
): Promise<DownloadRequest | null> {
  const { planMissingSessions } = await import('../databento/historical/index.ts');
  const { openSessions } = await import('./sessions.ts');
  const { for: file = '', symbol, from, to, schema } = options;
  if (symbol !== undefined || from !== undefined || to !== undefined || schema !== 'mbo') {
    throw new SpymasterError(
      'USAGE',
      'Cannot download: with --for, the experiment gives symbol, dates and schema; leave them out.',
    );
  }
  const { lake, experiment } = await openSessions(file, options.lakeRoot);
  const { product_type } = experiment.serving.pipeline.spec.capture;
  if (product_type !== productType) {
    const command = product_type === 'future_mbo' ? 'futures' : 'equities';
    throw new SpymasterError('USAGE', `Cannot download: ${file} is of ${product_type}; use \`download ${command}\`.`, {
      path: file,
    });
  }
  const dataset = options.dataset ?? datasetOf(productType);
  const keep = options.dryRun === undefined;
  const { plan, request } = await planMissingSessions({
    lake,
    experiment,
    api,
    dataset,
    keep,
    signal: interruptSignal(),
  });
  for (const { date, symbol: contract, reason } of plan.missing) {
    if (contract === null) output.note(`${date} cannot be downloaded: ${reason}.`);
  }
  if (request.days?.length !== 0) return { ...request, stream: options.stream === true };
  if (options.json)
    output.json({ cost_usd: 0, billable_bytes: 0, sessions: [], conditions_unknown: null, downloaded: [], failed: [] });
  else
    output.print(
      `Nothing to download: ${plural(plan.sessions.length, 'session')} of ${plan.experiment} have their files.`,
    );
  return null;
}

function requestOf(
  productType: ProductType,
  options: DownloadCommandOptions,
  schemas: readonly string[],
): DownloadRequest {
  const { symbol, from, schema, stream } = options;
  if (symbol === undefined || from === undefined) {
    const missing = symbol === undefined ? '--symbol <symbol>' : '--from <date>';
    throw new SpymasterError(
      'USAGE',
      `Cannot download: ${missing} is missing; give --symbol and --from, or --for and an experiment with sessions.`,
    );
  }
  const to = options.to ?? from;
  if (to < from) {
    throw new SpymasterError(
      'USAGE',
      `Cannot download from ${from} to ${to}: give a last date that is not before the first.`,
    );
  }
  if (!schemas.includes(schema)) {
    throw new SpymasterError('USAGE', `Cannot download the schema ${schema}: expected one of ${schemas.join(', ')}.`, {
      schema,
    });
  }
  return {
    productType,
    symbol,
    fromDate: from,
    toDate: to,
    schema,
    dataset: options.dataset ?? datasetOf(productType),
    frontMonth: options.frontMonth ?? 'volume',
    stream: stream === true,
  };
}

/** Whether the cost is agreed to; a plan that costs nothing needs no agreement. */
async function agreed(
  plan: DownloadPlan,
  options: DownloadCommandOptions,
  { ask }: DownloadDeps,
): Promise<'yes' | 'no' | 'no terminal'> {
  const count = plan.sessions.filter(({ state }) => state === 'to_buy').length;
  if (count === 0 || options.yes) return 'yes';
  if (ask === null || options.json) return 'no terminal';
  return (await ask(`Buy ${plural(count, 'session')} for ${dollars(plan.costUsd)}? [y/N] `)) ? 'yes' : 'no';
}

function nothingOrdered({ sessions, costUsd }: DownloadPlan): SpymasterError {
  const count = sessions.filter(({ state }) => state === 'to_buy').length;
  return new SpymasterError(
    'USAGE',
    `Nothing ordered: ${plural(count, 'session')} would cost ${dollars(costUsd)}, and there is no terminal to confirm on; ` +
      'pass --yes, or --dry-run to preview.',
    { costUsd },
  );
}

/** The key from the environment, and a user at a terminal to ask, if there is one. */
function terminal(cli: Cli): DownloadDeps {
  return { apiKey: process.env.DATABENTO_API_KEY ?? '', ask: confirmAtTerminal(cli) };
}

/** The dataset in which Databento has the products of a type. */
export function datasetOf(productType: ProductType): string {
  return productType === 'future_mbo' ? 'GLBX.MDP3' : 'XNAS.ITCH';
}

function datasetOption(text: string): string {
  if (/^[A-Z0-9]+\.[A-Z0-9]+$/.test(text)) return text;
  throw new InvalidArgumentError('Expected a dataset code such as GLBX.MDP3.');
}
