import { createInterface } from 'node:readline/promises';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { ProductType } from '../config/index.ts';
import { SpymasterError } from '../errors.ts';
import type {
  DownloadedSession,
  DownloadPlan,
  DownloadRequest,
  DownloadTiming,
  PlannedSession,
} from '../lake/index.ts';
import type { Cli } from './command.ts';
import { formatBytes, formatTable, plural } from './format.ts';
import { dateOption, jsonOption, lakeRootOption } from './options.ts';

const examples = `
The key of the account comes from DATABENTO_API_KEY alone and is never shown or stored. What it costs is shown and asked
for before anything is ordered. Whatever was ordered is noted in the lake first: after an interruption or a kill the same
command goes on where it stopped, and nothing is paid twice.

Examples:
  $ npx spymaster download futures --symbol MNQ --from 2026-02-02 --to 2026-02-06 --dry-run
  $ npx spymaster download futures --symbol MNQ --from 2026-02-02 --to 2026-02-06
  $ npx spymaster download equities --symbol AAPL --from 2026-02-06 --yes
  $ npx spymaster download status`;

interface DownloadCommandOptions {
  readonly symbol: string;
  readonly from: string;
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

/** What the world outside gives to a download; tests give other things. */
export interface DownloadSurroundings {
  readonly apiKey: string;
  readonly baseUrl?: string;
  readonly timing?: DownloadTiming;
  /** Asks the user to agree; null when nobody is there to ask. */
  readonly ask: ((question: string) => Promise<boolean>) | null;
}

/** Adds `download`: sessions from Databento into the lake. */
export function addDownloadCommand(program: Command, cli: Cli, surroundings?: DownloadSurroundings): void {
  const download = program
    .command('download')
    .description('buy sessions from Databento and put them into the lake')
    .addHelpText('after', examples);
  const around = (): DownloadSurroundings => surroundings ?? terminal(cli);
  for (const [name, productType, product] of [
    ['futures', 'future_mbo', 'product, whose front month is found for each session (MNQ), or a contract (MNQH6)'],
    ['equities', 'equity_mbo', 'symbol of the stock'],
  ] as const) {
    const command = download
      .command(name)
      .description(`download sessions of ${name}`)
      .requiredOption('--symbol <symbol>', product)
      .requiredOption('--from <date>', 'first session date', dateOption)
      .option('--to <date>', 'last session date (default: the first)', dateOption)
      .option('--schema <schema>', 'what records; replays need mbo', 'mbo')
      .option('--dataset <code>', `Databento dataset (default: ${datasetOf(productType)})`, datasetOption);
    if (productType === 'future_mbo') {
      const rule = new Option('--front-month <rule>', 'volume: most traded the day before; parent: delivered first');
      command.addOption(rule.choices(['volume', 'parent']).default('volume'));
    }
    command
      .option('--stream', 'stream at once instead of ordering batch jobs (up to 100 MB a session; cannot be resumed)')
      .option('--dry-run', 'show what would be done and what it costs; order nothing')
      .option('--yes', 'agree to the cost without being asked')
      .option(...lakeRootOption)
      .option(...jsonOption)
      .action((options: DownloadCommandOptions) => run(productType, options, cli, around()));
  }
  download
    .command('status')
    .description('show what was ordered, what it cost and how far it is')
    .option(...lakeRootOption)
    .option(...jsonOption)
    .action((options: { readonly lakeRoot: string; readonly json?: true }) => status(options, cli));
}

async function run(
  productType: ProductType,
  options: DownloadCommandOptions,
  cli: Cli,
  around: DownloadSurroundings,
): Promise<void> {
  const { output } = cli;
  const lakeRoom = await import('../lake/index.ts');
  const lake = new lakeRoom.Lake(options.lakeRoot);
  const request = requestOf(productType, options, lakeRoom.downloadSchemas);
  const { apiKey, baseUrl } = around;
  const notice = (text: string): void => output.note(text);
  const timing = around.timing ?? lakeRoom.defaultTiming;
  const http = { apiKey, timing, notice, signal: cli.interruptSignal(), ...(baseUrl === undefined ? {} : { baseUrl }) };
  const api = new lakeRoom.DatabentoApi(new lakeRoom.DatabentoHttp(http));
  if (options.dryRun) {
    const plan = await lakeRoom.planDownload(lake, api, null, request);
    if (options.json) output.json(planJson(plan));
    else output.print(planText(plan));
    return;
  }
  using ledger = new lakeRoom.JobLedger(lake);
  const plan = await lakeRoom.planDownload(lake, api, ledger, request);
  if (!options.json) output.print(planText(plan));
  if (!(await agreed(plan, options, around))) {
    output.note('Nothing was ordered.');
    return;
  }
  const todo = plan.sessions.filter(({ state }) => state === 'buy' || state === 'paid');
  const progress = output.progress({ label: 'Downloading', unit: 'bytes', total: todo.length });
  const done = await lakeRoom
    .downloadSessions({
      lake,
      api,
      ledger,
      sessions: plan.sessions,
      stream: request.stream,
      notice,
      onProgress: ({ sessionsDone, bytesDone }) => progress.update(sessionsDone, bytesDone),
    })
    .finally(() => progress.stop());
  if (options.json) output.json({ ...planJson(plan), downloaded: done });
  else if (todo.length > 0) output.print(doneText(done));
}

function requestOf(
  productType: ProductType,
  options: DownloadCommandOptions,
  schemas: readonly string[],
): DownloadRequest {
  const { symbol, from, schema, stream } = options;
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

/** Whether the cost was agreed to; throws USAGE when it must be and nobody can be asked. */
async function agreed(
  plan: DownloadPlan,
  options: DownloadCommandOptions,
  around: DownloadSurroundings,
): Promise<boolean> {
  const count = plan.sessions.filter(({ state }) => state === 'buy').length;
  if (count === 0 || options.yes) return true;
  const cost = dollars(plan.costUsd);
  if (around.ask === null || options.json) {
    throw new SpymasterError(
      'USAGE',
      `Ordered nothing: ${plural(count, 'session')} would cost ${cost}, and nobody is here to agree to it; add --yes to ` +
        'agree, or --dry-run to look only.',
      { costUsd: plan.costUsd },
    );
  }
  return around.ask(`Buy ${plural(count, 'session')} for ${cost}? [y/N] `);
}

/** The key from the environment, and a user at a terminal to ask, if there is one. */
function terminal(cli: Cli): DownloadSurroundings {
  const ask = async (question: string): Promise<boolean> => {
    const lines = createInterface({ input: process.stdin, output: process.stderr });
    try {
      const answer = await lines.question(question, { signal: cli.interruptSignal() });
      return /^y(es)?$/i.test(answer.trim());
    } finally {
      lines.close();
    }
  };
  return { apiKey: process.env.DATABENTO_API_KEY ?? '', ask: process.stdin.isTTY ? ask : null };
}

function planJson({ sessions, costUsd, billableBytes }: DownloadPlan): object {
  const row = ({ date, request, state, path, costUsd: cost, billableBytes: bytes, note }: PlannedSession) => {
    return { date, symbol: request.symbol, state, path, cost_usd: cost, billable_bytes: bytes, note };
  };
  return { cost_usd: costUsd, billable_bytes: billableBytes, sessions: sessions.map(row) };
}

const labels: Readonly<Record<PlannedSession['state'], string>> = {
  buy: 'to buy',
  paid: 'paid, to fetch',
  present: 'in the lake',
  'no data': 'no data',
  unsettled: 'not clear',
};

function planText({ sessions, costUsd, billableBytes }: DownloadPlan): string {
  if (sessions.length === 0) return 'No session: these days are all weekends.';
  const table = formatTable(
    [
      { title: 'session' },
      { title: 'symbol' },
      { title: 'state' },
      { title: 'size', align: 'right' },
      { title: 'cost', align: 'right' },
      { title: 'note' },
    ],
    sessions.map(({ date, request, state, costUsd: cost, billableBytes: bytes, note }) => [
      date,
      request.symbol,
      labels[state],
      bytes === 0 ? '' : formatBytes(bytes),
      state === 'buy' ? dollars(cost) : '',
      note,
    ]),
  );
  const count = sessions.filter(({ state }) => state === 'buy').length;
  const total =
    count === 0
      ? 'Nothing to buy.'
      : `To buy: ${plural(count, 'session')}, ${formatBytes(billableBytes)} ` + `uncompressed, ${dollars(costUsd)}.`;
  return `${table}\n${total}`;
}

function doneText(done: readonly DownloadedSession[]): string {
  const placed = done.filter(({ state }) => state === 'placed');
  const bytes = placed.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const lines = placed.map(({ path }) => `  ${path}`);
  return [`Downloaded and verified ${plural(placed.length, 'session')}, ${formatBytes(bytes)}:`, ...lines].join('\n');
}

async function status(
  { lakeRoot, json }: { readonly lakeRoot: string; readonly json?: true },
  { output }: Cli,
): Promise<void> {
  const { Lake, partBytes, readLedger } = await import('../lake/index.ts');
  const lake = new Lake(lakeRoot);
  const orders = await Promise.all(
    readLedger(lake).map(async (order) => {
      const fetched = order.jobId === null ? 0 : (order.sizeBytes ?? (await partBytes(lake, order.jobId)));
      return { ...order, fetchedBytes: order.sizeBytes ?? fetched };
    }),
  );
  const costUsd = orders.reduce((sum, { costUsd: cost }) => sum + cost, 0);
  if (json) {
    const rows = orders.map(({ date, request, state, jobId, costUsd: cost, fetchedBytes, path, orderedAtUtc }) => {
      const { dataset, schema, symbol } = request;
      const about = { date, dataset, schema, symbol, state, job_id: jobId, cost_usd: cost };
      return { ...about, fetched_bytes: fetchedBytes, path, ordered_at_utc: orderedAtUtc };
    });
    output.json({ cost_usd: costUsd, orders: rows });
    return;
  }
  if (orders.length === 0) {
    output.print(`Nothing was ever ordered for the lake ${lake.root}.`);
    return;
  }
  const text = {
    intent: 'not clear yet',
    submitted: 'ordered',
    placed: 'in the lake',
    streaming: 'stream was cut',
  } as const;
  const rows = orders.map(({ date, request, state, jobId, costUsd: cost, fetchedBytes }) => [
    ...[date, request.symbol, request.schema, state in text ? text[state as keyof typeof text] : state],
    ...[fetchedBytes === 0 ? '' : formatBytes(fetchedBytes), dollars(cost), jobId ?? ''],
  ]);
  const right = { align: 'right' } as const;
  output.print(
    formatTable(
      [
        ...[{ title: 'session' }, { title: 'symbol' }, { title: 'schema' }, { title: 'state' }],
        ...[{ title: 'fetched', ...right }, { title: 'agreed cost', ...right }, { title: 'job' }],
      ],
      rows,
    ),
  );
  output.print(
    `${plural(orders.length, 'order')}, ${dollars(costUsd)}. Run the same download again to go on with what is open.`,
  );
}

function dollars(amount: number): string {
  return `$${amount.toFixed(amount < 0.1 ? 4 : 2)}`;
}

function datasetOf(productType: ProductType): string {
  return productType === 'future_mbo' ? 'GLBX.MDP3' : 'XNAS.ITCH';
}

function datasetOption(text: string): string {
  if (/^[A-Z0-9]+\.[A-Z0-9]+$/.test(text)) return text;
  throw new InvalidArgumentError('Expected a dataset code such as GLBX.MDP3.');
}
