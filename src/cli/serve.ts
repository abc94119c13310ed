import { once } from 'node:events';
import { statSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Command, Option } from 'commander';
import { exitCode, SpymasterError } from '../errors.ts';
import { plural } from '../format.ts';
import type { Lake } from '../lake/index.ts';
import type { Server, TelemetryOptions } from '../server/index.ts';
import type { Cli } from './command.ts';
import { endWithin } from './interrupts.ts';
import { anyLakeOption, clockOption, integerOption, registryOption } from './options.ts';
import { liveOptions, liveRequest, type ServeLiveFlags } from './serve_live.ts';
import { formatTable } from './table.ts';
import { programVersion } from './version.ts';

/** Folder of the built pages, in a checkout and in a published package. */
export const pagesFolder = fileURLToPath(new URL('../../web/dist', import.meta.url));

const examples = `
Changes from the page (starting, cancelling, promoting) need the token that the server makes at each start and prints once, in the
address of the experiments page. With --allow-remote the server may listen on more than this machine; then it answers no request without the
token, the connection is not encrypted, and changes need --allow-remote-changes too. See docs/serving.md.

With --live the market itself is recorded into the lake, as \`spymaster record\` does, and streamed under the name of a published version while
it grows: the key is read from DATABENTO_API_KEY. Without a key, \`spymaster gateway\` plays a file, and --gateway points there. See docs/live.md.

Alerts are held against every live stream by the rules in research/vp_harness/configs/alerts.yaml of the lake, or in --alerts FILE, and go to
the webhooks named there; the page shows them too. See docs/alerts.md.

Telemetry appends one JSON line per bin that is handed to a client, with its latencies in microseconds; see docs/stream.md.

Examples:
  $ npx spymaster serve
  $ npx spymaster serve --port 9000 --lake-root /data/lake
  $ npx spymaster serve --host 192.168.1.7 --allow-remote
  $ npx spymaster serve --live --serving mnq
  $ npx spymaster serve --live --serving mnq --symbol MNQM6 --gateway 127.0.0.1:13000
  $ npx spymaster serve --alerts configs/alerts.yaml
  $ npx spymaster serve --perf-latency-jsonl latency.jsonl --perf-window-start-et 09:30 --perf-window-end-et 10:00`;

/** Log lines that may wait to be written. */
const maxLogBytes = 4 << 20;
/** A terminal shows addresses to a person; elsewhere a log is kept. */
const defaultLogLevel = () => (process.stderr.isTTY ? 'warn' : 'info');
const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'];

interface ServeOptions extends ServeLiveFlags {
  readonly port: number;
  readonly host: string;
  readonly allowRemote?: true;
  readonly allowRemoteChanges?: true;
  readonly configs?: string;
  readonly alerts?: string;
  readonly alertReplays?: true;
  readonly logLevel?: string;
  readonly lakeRoot: string;
  readonly registry?: string;
  readonly perfLatencyJsonl?: string;
  readonly perfWindowStartEt?: string;
  readonly perfWindowEndEt?: string;
  readonly perfSummaryEveryBins?: number;
}

/** Adds `serve`: streams the published serving versions of a lake, and the pages that show them. */
export function addServeCommand(command: Command, cli: Cli): void {
  command
    .option('--port <number>', 'port to listen on', integerOption(0, 65_535), 8002)
    .option('--host <address>', 'address to listen on; 127.0.0.1 is reached from this machine only', '127.0.0.1')
    .option(
      '--allow-remote',
      'let --host be an address that others reach; requests then need the token that is printed',
    )
    .option('--allow-remote-changes', 'with --allow-remote: let those who have the token start, cancel and promote too')
    .option(...anyLakeOption)
    .option(...registryOption)
    .option('--configs <folder>', 'specs that the page edits (default: configs here, else the specs of the lake)')
    .option('--alerts <file>', 'rules of alerts (default: alerts.yaml among the specs of the lake, where it is there)')
    .option('--alert-replays', 'send alerts of replays to webhooks too, of all streams that clients follow')
    .option('--live', 'record the market and stream it under the name of --serving while it is open')
    .option('--serving <name>', 'with --live: the published version, by alias or id')
    .option('--symbol <symbol>', "with --live: another contract of the version's product (default: the version's own)")
    .option('--dataset <code>', 'with --live: Databento dataset (default: GLBX.MDP3 for futures)')
    .option('--gateway <host:port>', 'with --live: another gateway, such as that of `spymaster gateway`')
    .addOption(
      new Option('--start <when>', 'with --live: from the book as it is now, or all that the gateway has').choices([
        'now',
        'session',
      ]),
    )
    .addOption(
      new Option('--log-level <level>', 'what is logged to standard error (default: info; warn on a terminal)').choices(
        logLevels,
      ),
    )
    .option('--perf-latency-jsonl <file>', 'append the latencies of each bin to this file')
    .option('--perf-window-start-et <HH:MM>', 'measure bins from this New York time on', clockOption)
    .option('--perf-window-end-et <HH:MM>', 'measure bins before this New York time', clockOption)
    .option('--perf-summary-every-bins <number>', 'log p50, p95 and p99 every so many bins', integerOption(1, 1e9))
    .addHelpText('after', examples)
    .action((options: ServeOptions) => serve(options, cli));
}

async function serve(options: ServeOptions, { output, interruptSignal }: Cli): Promise<void> {
  const telemetry = telemetryOptions(options);
  const request = liveRequest(options);
  const interrupt = interruptSignal();
  const { openLake, readAlerts } = await import('../lake/index.ts');
  const { startServer } = await import('../server/index.ts');
  const { pino } = await import('pino');
  const lake = await openLake(options.lakeRoot, options.registry);
  if (request !== null && lake.storage !== null) {
    throw new SpymasterError('USAGE', `Cannot record into ${lake.storage.url}: --live needs a lake in a folder.`, {
      key: 'live',
    });
  }
  const alerts = await readAlerts(lake, options.alerts, process.env);
  const live = request === null ? null : await liveOptions(lake, request, output);
  const servings = await publishedServings(lake);
  // A reader that is stuck must not hold up streams: lines wait for it in bounded memory and are then left out.
  const lines = pino.destination({ dest: 2, sync: false, maxLength: maxLogBytes });
  const logger = pino({ name: 'spymaster', level: options.logLevel ?? defaultLogLevel() }, lines);
  const server = await startServer({
    lake,
    host: options.host,
    port: options.port,
    allowRemote: options.allowRemote === true,
    allowRemoteChanges: options.allowRemoteChanges === true,
    webRoot: pagesFolder,
    specFolder: specFolder(lake, options.configs),
    runCommand,
    logger,
    version: programVersion(),
    ...(telemetry === null ? {} : { telemetry }),
    ...(live === null ? {} : { live: live.options }),
    ...(alerts === null ? {} : { alerts: { ...alerts, sendsReplays: options.alertReplays === true } }),
  });
  endWellOnDefects(server, (error, kind) => {
    logger.fatal({ err: error, kind }, 'a defect ends the server');
    lines.flushSync();
  });
  const address = reachedAt(server.address);
  output.print(`Serving ${lake.storage?.url ?? lake.root} on ${address} (Ctrl-C ends it).`);
  if (server.token !== null) {
    output.note(
      `Warning: others reach this address, and the connection is not encrypted; everyone who has the token sees everything${server.changeToken === null ? '' : ', and may start sweeps and promote runs'}.`,
    );
  }
  const fragment = server.token === null ? '' : `#token=${server.token}`;
  output.print(servings.length === 0 ? nothingPublished : servingTable(address, servings, fragment));
  const token = server.token ?? server.changeToken;
  output.print(`Experiments: ${address}/experiments.html${token === null ? '' : `#token=${token}`}`);
  if (alerts !== null) output.print(`Alerts: ${plural(alerts.spec.alerts.length, 'rule')} of ${alerts.path}`);
  if (request !== null)
    output.print(`Live: ${address}/vacuum-pressure.html?serving=${encodeURIComponent(request.serving)}${fragment}`);
  try {
    if (!interrupt.aborted) await Promise.race([once(interrupt, 'abort'), ...(live === null ? [] : [live.failed])]);
  } finally {
    await server.close();
  }
}

/** How a sweep is started: this program, on this runtime. */
export const runCommand: readonly string[] = [
  process.execPath,
  fileURLToPath(new URL('../../bin/spymaster.js', import.meta.url)),
];

/** The folder of the experiment specs that the page shows. @throws USAGE for a folder that is not there */
export function specFolder(lake: Lake, given?: string): string {
  const folder = given ?? 'configs';
  const isThere = statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true;
  if (isThere) return join(folder, 'experiments');
  if (given === undefined) return lake.specs('experiments');
  throw new SpymasterError(
    'USAGE',
    `Cannot use --configs ${given}: there is no such folder; give the one above experiments/.`,
  );
}

/** An uncaught error is logged, clients are told that the server goes, and the process ends as for any defect. */
function endWellOnDefects(server: Server, log: (error: unknown, kind: string) => void): void {
  const end = (error: unknown, kind: string) => {
    log(error, kind);
    if (process.exitCode === exitCode.unexpected) return;
    process.exitCode = exitCode.unexpected;
    endWithin(3000);
    void server.close().finally(() => process.exit(exitCode.unexpected));
  };
  process.on('uncaughtException', (error) => end(error, 'uncaughtException'));
  process.on('unhandledRejection', (reason) => end(reason, 'unhandledRejection'));
}

/** The address as others type it: a wildcard is no address, so the first of this machine stands for it. */
function reachedAt(address: string): string {
  const url = new URL(address);
  if (url.hostname !== '0.0.0.0' && url.hostname !== '[::]') return address;
  const all = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  const own = all.find(({ internal, family }) => !internal && family === 'IPv4')?.address ?? '127.0.0.1';
  return `http://${own}:${url.port}`;
}

const nothingPublished =
  'No serving version is published in this lake yet: `npm run demo` makes one, `npx spymaster promote` publishes a run.';

/** The latency telemetry that the flags ask for; throws USAGE for a window without a file. */
export function telemetryOptions(options: ServeOptions): TelemetryOptions | null {
  const { perfLatencyJsonl: path, perfWindowStartEt, perfWindowEndEt, perfSummaryEveryBins } = options;
  if (path !== undefined) {
    return {
      path,
      ...(perfWindowStartEt === undefined ? {} : { windowStartEt: perfWindowStartEt }),
      ...(perfWindowEndEt === undefined ? {} : { windowEndEt: perfWindowEndEt }),
      ...(perfSummaryEveryBins === undefined ? {} : { summaryEveryBins: perfSummaryEveryBins }),
    };
  }
  const flags = {
    '--perf-window-start-et': perfWindowStartEt,
    '--perf-window-end-et': perfWindowEndEt,
    '--perf-summary-every-bins': perfSummaryEveryBins,
  };
  const given = Object.entries(flags).find(([, value]) => value !== undefined)?.[0];
  if (given === undefined) return null;
  throw new SpymasterError(
    'USAGE',
    `${given} needs a file to measure into: add --perf-latency-jsonl <file>, or leave it out.`,
    { key: given },
  );
}

interface Published {
  readonly name: string;
  readonly servingId: string;
}

/** Aliases first, then the versions that no alias names. */
async function publishedServings(lake: Lake): Promise<Published[]> {
  const { openServingRegistry } = await import('../lake/index.ts');
  using registry = await openServingRegistry(lake);
  const versions = registry.versions();
  return versions
    .flatMap(({ servingId, aliases }) =>
      (aliases.length > 0 ? aliases : [servingId]).map((name) => ({ name, servingId })),
    )
    .sort((a, b) => Number(a.name === a.servingId) - Number(b.name === b.servingId));
}

function servingTable(address: string, servings: readonly Published[], fragment: string): string {
  const rows = servings.map(({ name, servingId }) => [
    name,
    servingId,
    `${address}/vacuum-pressure.html?serving=${encodeURIComponent(name)}${fragment}`,
  ]);
  return formatTable([{ title: 'Serving' }, { title: 'Version' }, { title: 'Page' }], rows);
}
