import { constants } from 'node:fs';
import { copyFile, link, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import type { Command } from 'commander';
import {
  captureWindow,
  configVersion,
  type PublishedServingSpec,
  pickRuntime,
  type RuntimeConfig,
} from '../config/index.ts';
import { resolveInstrument } from '../dbn/index.ts';
import { SpymasterError } from '../errors.ts';
import { makeFolder, openRecords } from '../files/index.ts';
import { Lake, ServingRegistry } from '../lake/index.ts';
import { defaultSignal } from '../signals/index.ts';
import type { Cli } from './command.ts';
import { runtimeOf } from './instrument.ts';
import { clockOption, dateOption, integerOption } from './options.ts';
import { pagesFolder } from './serve.ts';
import { planSession, type SessionRequest, writeSyntheticSession } from './session_file.ts';
import { programVersion } from './version.ts';

const alias = 'demo';
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
Examples:
  $ npm run demo
  $ npm run demo -- --file esh4.mbo.dbn.zst --symbol ESH4 --date 2023-12-25 --start 17:55
  $ npm run demo -- --check                 # does all of it once, verifies 50 streamed bins and ends`;

interface DemoOptions {
  file?: string;
  symbol?: string;
  date?: string;
  start?: string;
  end?: string;
  port?: number;
  check?: true;
}

/** What the demo replays. */
interface DemoSession {
  readonly path: string;
  readonly symbol: string;
  readonly date: string;
  readonly start: string;
  readonly end: string | undefined;
}

/** Adds `demo`: a market session, a served version of it and the server, in one go. */
export function addDemoCommand(program: Command, cli: Cli): void {
  program
    .command('demo')
    .description('make a market session, serve it and show where to look; Ctrl-C ends it')
    .option('--file <file>', 'replay this DBN file instead of a synthetic session')
    .option('--symbol <symbol>', 'with --file: the instrument, as the file spells it')
    .option('--date <YYYY-MM-DD>', 'with --file: the session date', dateOption)
    .option('--start <HH:MM>', 'with --file: New York time of the first bin', clockOption)
    .option('--end <HH:MM>', 'with --file: New York time of the end (default: the end of the file)', clockOption)
    .option('--port <number>', 'port of the server (default: 8002; any free one with --check)', integerOption(0, 65535))
    .option('--check', 'verify the stream as a client and end')
    .addHelpText('after', examples)
    .action((options: DemoOptions) => demo(options, cli));
}

async function demo(options: DemoOptions, cli: Cli): Promise<void> {
  const { output } = cli;
  const interrupted = cli.interruptSignal();
  const root = await mkdtemp(join(tmpdir(), 'spymaster-demo-'));
  const lake = new Lake(root);
  try {
    const session = options.file === undefined ? await makeSession(lake, cli) : await takeFile(options, lake);
    if (options.file === undefined) {
      const { findEdge, promoteBest } = await import('./demo_experiment.ts');
      await promoteBest(lake, alias, cli);
      await findEdge(lake, session.symbol, (date) => rawPath(lake, session.symbol, date, '.dbn.zst'), cli);
    } else {
      await publishFile(lake, session);
    }
    using registry = new ServingRegistry(lake);
    const serving = registry.resolve(alias);
    const port = options.port ?? (options.check ? 0 : 8002);
    const { startServer, streamPath } = await import('../server/index.ts');
    const { pino } = await import('pino');
    // What goes wrong is told; what goes well is seen on the page.
    const logger = pino({ name: 'spymaster', level: 'error' }, pino.destination(2));
    const version = programVersion();
    const server = await startServer({ lake, host: '127.0.0.1', port, webRoot: pagesFolder, logger, version });
    try {
      if (options.check) {
        const streamUrl = `${server.address.replace('http', 'ws')}${streamPath}?serving=${alias}`;
        const { checkStream } = await import('./demo_check.ts');
        await checkStream(streamUrl, session.path, serving, checkedBins);
        output.print(`Checked ${checkedBins} bins of ${session.symbol}: the stream and a replay agree to the byte.`);
        return;
      }
      output.print(
        `Serving ${session.symbol} of ${session.date} from ${serving.spec.runtime_snapshot.stream_start_time} ` +
          `New York time as "${alias}" (${serving.servingId}).\n\n` +
          `  ${server.address}/vacuum-pressure.html?serving=${alias}\n\n` +
          `The lake is ${root}; it is removed at the end. Ctrl-C ends the demo.`,
      );
      if (!interrupted.aborted) await new Promise((ended) => interrupted.addEventListener('abort', ended));
    } finally {
      await server.close();
    }
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

async function makeSession(lake: Lake, { output, interruptSignal }: Cli): Promise<DemoSession> {
  const { symbol, date, minutes } = syntheticSession;
  const path = rawPath(lake, symbol, date, '.dbn.zst');
  const plan = planSession(syntheticSession);
  const progress = output.progress({
    label: `Making ${minutes} minutes of a synthetic market`,
    unit: 'records',
    total: Math.ceil(plan.durationS),
  });
  await writeSyntheticSession(path, plan, {
    onProgress: (timeS, records) => progress.update(timeS, records),
    signal: interruptSignal(),
  }).finally(() => progress.stop());
  return { path, symbol, date, start: syntheticSession.start, end: undefined };
}

/** Puts the user's file into the lake: linked where the file system can, copied elsewhere. */
async function takeFile({ file, symbol, date, start, end }: DemoOptions, lake: Lake): Promise<DemoSession> {
  if (file === undefined || symbol === undefined || date === undefined || start === undefined) {
    throw new SpymasterError(
      'USAGE',
      'Cannot tell what of the file to replay: give --symbol, --date and --start with --file; ' +
        '`npx spymaster inspect FILE` shows what it holds.',
    );
  }
  const source = resolve(file);
  const { close } = await openRecords(source);
  await close();
  const extension = /(?:\.dbz|\.zst)$/.exec(basename(source))?.[0];
  const path = rawPath(lake, symbol, date, extension === '.dbz' ? '.dbz' : `.dbn${extension ?? ''}`);
  await link(source, path).catch(() => copyFile(source, path, constants.COPYFILE_FICLONE));
  return { path, symbol, date, start, end };
}

function rawPath(lake: Lake, symbol: string, date: string, extension: string): string {
  const folder = lake.rawFolder('future_mbo', symbol);
  makeFolder(folder);
  return join(folder, `${symbol.toLowerCase()}-${date.replaceAll('-', '')}.mbo${extension}`);
}

/** Serves the user's file with the derivative signal of the runtime fields. */
async function publishFile(lake: Lake, session: DemoSession): Promise<void> {
  const runtime = await runtimeOf(session.symbol);
  await assertReplayable(session, runtime);
  using registry = new ServingRegistry(lake);
  registry.publish(demoServing(session, runtime), { now: () => new Date().toISOString(), alias });
}

/** Refuses a symbol that the file does not map, and a start outside its session, before anything is published. */
async function assertReplayable(
  { path, symbol, date, start, end }: DemoSession,
  runtime: RuntimeConfig,
): Promise<void> {
  captureWindow(runtime.product_type, date, start, end);
  const source = await openRecords(path);
  try {
    resolveInstrument(source.metadata, symbol, date);
  } finally {
    await source.close();
  }
}

function demoServing(session: DemoSession, runtime: RuntimeConfig): PublishedServingSpec {
  const configHash = configVersion(runtime);
  return {
    serving_id: `srv_demo_00000000_${configHash.slice(0, 8)}`,
    description: `Demo: ${session.symbol} of ${session.date}`,
    runtime_snapshot: {
      ...pickRuntime(runtime),
      stream_dt: session.date,
      stream_start_time: session.start,
      ...(session.end !== undefined && { end_time: session.end }),
    },
    source: {
      run_id: 'demo',
      experiment_name: 'demo',
      config_hash: configHash,
      promoted_at_utc: new Date().toISOString(),
      serving_spec_name: 'demo',
      signal_name: defaultSignal.name,
    },
  };
}
