import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { type Command, Option } from 'commander';
import { openingBell, sessionTimeNs } from '../config/index.ts';
import { SpymasterError } from '../errors.ts';
import { Lake, ServingRegistry } from '../lake/index.ts';
import type { Server } from '../server/index.ts';
import type { Cli } from './command.ts';
import { type DemoSession, publishFile } from './demo_file.ts';
import { DemoSessions } from './demo_lake.ts';
import { openDemoMarket } from './demo_live.ts';
import { clockOption, dateOption, integerOption } from './options.ts';
import { pagesFolder, runCommand, specFolder } from './serve.ts';
import type { SessionRequest } from './session_file.ts';
import { programVersion } from './version.ts';

const alias = 'demo';
/** What the demo promotes a run of. */
const demoExperiment = 'sweep_derivative';
/** Bins that `--check` receives and compares. */
const checkedBins = 50;

const syntheticSession: SessionRequest = {
  seed: 1,
  profile: 'open',
  symbol: 'MNQH6',
  date: '2026-02-06',
  start: '09:25',
  minutes: 20,
  rate: null,
};

const examples = `
The lake stays: what the demo made is there for the next commands, and for the next demo. Nothing in it is written over.

Examples:
  $ npm run demo
  $ npm run demo -- --file glbx-mdp3-20260206.mbo.dbn.zst
  $ npm run demo -- --file esh4.mbo.dbn.zst --symbol ESH4 --date 2023-12-25 --start 18:00
  $ npm run demo -- --live                  # plays the session as a market that is open, records it and streams it live
  $ npm run demo -- --fleet                 # the same by two workers and a queue, as on many machines
  $ npm run demo -- --check                 # does all of it once in a temporary lake, verifies 50 streamed bins and ends`;

interface DemoOptions {
  file?: string;
  symbol?: string;
  date?: string;
  start?: string;
  end?: string;
  port?: number;
  lakeRoot?: string;
  check?: true;
  live?: true;
  fleet?: true;
}

/** Adds `demo`: a market session, a served version of it and the server, in one go. */
export function addDemoCommand(command: Command, cli: Cli): void {
  command
    .option('--file <file>', 'replay this DBN file instead of a synthetic session')
    .option('--symbol <symbol>', 'with --file: the instrument (default: the most traded)')
    .option('--date <YYYY-MM-DD>', 'with --file: the session date (default: the most traded)', dateOption)
    .option(
      '--start <HH:MM>',
      'with --file: New York time of the first bin (default: where trading starts)',
      clockOption,
    )
    .option('--end <HH:MM>', 'with --file: New York time of the end (default: the end of the file)', clockOption)
    .option('--port <number>', 'port of the server (default: 8002; any free one with --check)', integerOption(0, 65535))
    .option('--lake-root <folder>', 'the data lake (default: lake; a temporary one with --check)')
    .option('--live', 'play the session as a market that is open: a gateway, its recording, and the live page')
    .addOption(
      new Option(
        '--fleet',
        'run the experiment over five days by two workers and a queue: needs redis-server',
      ).conflicts(['live', 'file']),
    )
    .option('--check', 'verify the stream as a client and end')
    .addHelpText('after', examples)
    .action((options: DemoOptions) => demo(options, cli));
}

async function demo(options: DemoOptions, cli: Cli): Promise<void> {
  assertLiveAlone(options);
  const folder = await mkdtemp(join(tmpdir(), 'spymaster-demo-'));
  const root = options.lakeRoot ?? (options.check === true ? folder : 'lake');
  try {
    await demoIn(new Lake(root), folder, options, cli);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function demoIn(lake: Lake, folder: string, options: DemoOptions, cli: Cli): Promise<void> {
  const { output } = cli;
  const interrupted = endsWithParent(cli.interruptSignal());
  const session = await prepare(lake, options, cli);
  using registry = new ServingRegistry(lake);
  const serving = registry.resolve(session.alias);
  const port = options.port ?? (options.check ? 0 : 8002);
  const { startServer, streamPath } = await import('../server/index.ts');
  const { pino } = await import('pino');
  // What goes wrong is told; what goes well is seen on the page.
  const logger = pino({ name: 'spymaster', level: 'error' }, pino.destination(2));
  const version = programVersion();
  await using market = options.live === true ? await openDemoMarket(lake, session.alias, session, folder, cli) : null;
  const server = await startServer({
    ...{ lake, host: '127.0.0.1', port, webRoot: pagesFolder, logger, version },
    ...{ specFolder: specFolder(lake), runCommand },
    ...(market !== null && { live: market.live }),
  });
  try {
    if (options.check) {
      const streamUrl = `${server.address.replace('http', 'ws')}${streamPath}?serving=${session.alias}`;
      const { checkStream } = await import('./demo_check.ts');
      await checkStream(streamUrl, session.path, serving, checkedBins);
      output.print(`Checked ${checkedBins} bins of ${session.symbol}: the stream and a replay agree to the byte.`);
      return;
    }
    output.print(market === null ? servedText(server, session, lake) : liveText(server, session, market.gateway));
    const ended = new Promise((resolve) => interrupted.addEventListener('abort', resolve));
    if (!interrupted.aborted) await Promise.race([ended, ...(market === null ? [] : [market.failed])]);
  } finally {
    await server.close();
  }
}

/** Puts session and serving version into the lake. */
async function prepare(lake: Lake, options: DemoOptions, cli: Cli): Promise<DemoSession> {
  const { file, symbol, date, start, end } = options;
  if (file !== undefined) {
    return publishFile(
      lake,
      { file, ...(symbol && { symbol }), ...(date && { date }), ...(start && { start }), ...(end && { end }) },
      cli,
    );
  }
  const given = Object.entries({ symbol, date, start, end }).find(([, value]) => value !== undefined)?.[0];
  if (given !== undefined) {
    throw new SpymasterError(
      'USAGE',
      `--${given} says what of a file to replay: give --file with it, or leave it out.`,
    );
  }
  assertOwnAlias(lake);
  const sessions = await DemoSessions.open(lake);
  const path = await makeSession(sessions, cli);
  const { findEdge, makeDatasets, makeEdgeDays, promoteBest } = await import('./demo_experiment.ts');
  // A live demo shows the market, not the research: the version that it is shown with is all that it needs.
  if (options.live !== true) {
    await makeEdgeDays(syntheticSession.symbol, sessions, cli);
    await makeDatasets(lake, cli);
  }
  await promoteBest(lake, alias, cli);
  if (options.live !== true) await findEdge(lake, cli, options.fleet === true);
  return { ...syntheticSession, alias, path };
}

async function makeSession(sessions: DemoSessions, { output, interruptSignal }: Cli): Promise<string> {
  const { minutes, date, symbol } = syntheticSession;
  const progress = output.progress({
    label: `Making ${minutes} minutes of a synthetic market`,
    unit: 'records',
    total: minutes * 60,
  });
  const { path, isNew } = await sessions
    .file(syntheticSession, {
      onProgress: (timeS, records) => progress.update(timeS, records),
      signal: interruptSignal(),
    })
    .finally(() => progress.stop());
  if (!isNew)
    output.print(
      `The lake has the synthetic session of ${symbol} on ${date} from an earlier demo, unchanged: it is used again.`,
    );
  return path;
}

/** Refuses to point an alias of the user's elsewhere. */
function assertOwnAlias(lake: Lake): void {
  using registry = new ServingRegistry(lake);
  const servingId = registry.aliases().find((each) => each.alias === alias)?.servingId;
  if (servingId === undefined) return;
  const { experiment_name: experimentName } = registry.resolve(servingId).spec.source;
  if (experimentName === demoExperiment) return;
  throw new SpymasterError(
    'FILE_EXISTS',
    `Cannot run the demo in ${lake.root}: its alias "${alias}" points at ${servingId} of ${experimentName}, which the demo did not make; ` +
      'name another lake with --lake-root.',
    { servingId },
  );
}

/** How often a missing parent is looked for. */
const parentMs = 500;

/** Aborts with `signal`, and when the process that started this one ends: a closed task of an editor leaves no server behind. */
function endsWithParent(signal: AbortSignal): AbortSignal {
  const parent = process.ppid;
  const gone = new AbortController();
  const timer = setInterval(() => {
    if (process.ppid !== parent) gone.abort();
  }, parentMs);
  timer.unref();
  return AbortSignal.any([signal, gone.signal]);
}

/** @throws USAGE for what a live demo has no use for */
function assertLiveAlone({ live, file, check }: DemoOptions): void {
  const given = file !== undefined ? 'file' : 'check';
  if (live !== true || (file === undefined && check !== true)) return;
  throw new SpymasterError(
    'USAGE',
    `--${given} does not go with --live, which plays the synthetic session; for a file of yours run \`spymaster gateway\` and ` +
      '`spymaster serve --live --gateway`.',
    { key: given },
  );
}

function liveText(
  { address }: Pick<Server, 'address'>,
  { alias: name, symbol, date }: DemoSession,
  gateway: string,
): string {
  return [
    `A market that is open: a gateway on ${gateway} plays ${symbol} of ${date} from a minute before ${openingBell} New York time,`,
    `it is recorded, and streamed live as "${name}" while the recording grows.`,
    '',
    `  ${address}/vacuum-pressure.html?serving=${name}`,
    '',
    'Ctrl-C ends the demo.',
  ].join('\n');
}

function servedText(
  { address, changeToken }: Pick<Server, 'address' | 'changeToken'>,
  { alias: name, symbol, date, start }: DemoSession,
  { root }: Lake,
): string {
  const isSynthetic = name === alias;
  // The bell is where the synthetic market wakes up; the page shows the bins before it too.
  const moment = isSynthetic ? `#t=${sessionTimeNs('future_mbo', date, openingBell)}` : '';
  const lake = relative('.', root) || root;
  return [
    `Serving ${symbol} of ${date} from ${isSynthetic ? openingBell : start} New York time as "${name}".`,
    '',
    `  ${address}/vacuum-pressure.html?serving=${name}${moment}`,
    ...(isSynthetic ? [`  ${address}/experiments.html#token=${changeToken}`] : []),
    '',
    `The lake is ${lake}/ and stays: \`npx spymaster serve${lake === 'lake' ? '' : ` --lake-root ${lake}`}\` shows it again, and the next demo uses it.`,
    'Ctrl-C ends the demo.',
  ].join('\n');
}
