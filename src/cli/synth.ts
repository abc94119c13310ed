import { relative, resolve } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { SpymasterError } from '../errors.ts';
import { formatBytes, formatCount, formatDurationS, formatRate } from '../format.ts';
import {
  type BehaviourName,
  behaviourNames,
  defaultEdge,
  type EdgeOptions,
  maxEdgePerMinute,
  profileNames,
  syntheticInstrumentId,
} from '../synth/index.ts';
import type { Cli } from './command.ts';
import { clockOption, dateOption, integerOption, jsonOption, lakeRootOption, numberOption } from './options.ts';
import {
  importSyntheticSession,
  planSession,
  type SessionRequest,
  type WriteSessionOptions,
  writeSyntheticSession,
} from './session_file.ts';

const examples = `
Profiles:
  calm   a quiet afternoon: deep queues, few events
  busy   quiet and fast regimes in turn, bursts, sweeps
  open   thin before 09:30 New York time, a burst at the bell, heavy flow that decays
  null   no predictability: the mid is a martingale that no flow announces (for testing that signals find nothing)
  edge   null with a known edge: bids build while asks are withdrawn, or the reverse, and the price tends to follow

Examples:
  $ npx spymaster synth --out session.dbn.zst
  $ npx spymaster synth --lake --date 2026-02-09 --start 09:28 --minutes 25
  $ npx spymaster synth --out open.dbn.zst --profile open --start 09:25 --minutes 20 --seed 7
  $ npx spymaster synth --out null.dbn --profile null --minutes 60 --rate 500
  $ npx spymaster synth --out edge.dbn.zst --profile edge --edge-probability 0.6 --edge-ticks 6
  $ npx spymaster synth --out traders.dbn.zst --profile calm --behaviours all --truth traders.jsonl

Behaviours, each with lookalikes: stops (triggered by trades), pulls (large orders withdrawn within half a second), stacks (layers
withdrawn together), defences (a level refilled while it is hit), replacements (an iceberg made of new orders).
The truth has a line of JSON for everything that really happened: docs/synth.md has its keys.`;

type SynthOptions = Omit<SessionRequest, 'rate' | 'edge'> & {
  out?: string;
  truth?: string;
  lake?: true;
  lakeRoot: string;
  rate?: number;
  edgePerMinute?: number;
  edgeProbability?: number;
  edgeTicks?: number;
  json?: true;
};

/** Adds `synth`: writes a seeded synthetic session as a DBN file. */
export function addSynthCommand(command: Command, cli: Cli): void {
  command
    .option('--out <file>', 'where to write it; compressed when the name ends in .zst')
    .option('--lake', 'write it into the lake, where specs find it')
    .option(...lakeRootOption)
    .addOption(new Option('--profile <name>', 'kind of market').choices(profileNames).default('busy'))
    .option('--seed <number>', 'the same seed gives the same bytes', integerOption(0, Number.MAX_SAFE_INTEGER), 1)
    .option('--symbol <symbol>', 'raw symbol of the instrument', 'MNQH6')
    .option('--date <YYYY-MM-DD>', 'session date', dateOption, '2026-02-06')
    .option('--start <HH:MM>', 'New York time of the snapshot and of the first event', clockOption, '09:25')
    .option('--minutes <number>', 'length of the session', numberOption(0.01, 1440), 15)
    .option('--rate <number>', 'records per second on average (default: by profile)', numberOption(1, 100_000))
    .option(
      '--edge-per-minute <number>',
      `edge: events a minute (default: ${defaultEdge.perMinute})`,
      numberOption(0.01, maxEdgePerMinute),
    )
    .option(
      '--edge-probability <p>',
      `edge: probability that the price follows (default: ${defaultEdge.probability})`,
      numberOption(0, 1),
    )
    .option(
      '--edge-ticks <ticks>',
      `edge: ticks that the price moves (default: ${defaultEdge.ticks})`,
      integerOption(1, 100),
    )
    .option(
      '--behaviours <names>',
      `traders to plant, with commas between: ${behaviourNames.join(', ')}, or all`,
      parseNames,
    )
    .option('--truth <file>', 'where to write what really happened, as lines of JSON; with --out')
    .option(...jsonOption)
    .addHelpText('after', examples)
    .action((options: SynthOptions) => synth(options, cli));
}

function parseNames(text: string): readonly BehaviourName[] {
  if (text === 'all') return behaviourNames;
  const isKnown = (name: string): name is BehaviourName => behaviourNames.some((known) => known === name);
  const names = text.split(',').map((name) => name.trim());
  if (!names.every(isKnown)) {
    throw new InvalidArgumentError(`Expected all, or some of ${behaviourNames.join(', ')}, with commas between.`);
  }
  return names;
}

function edgeOf({ edgePerMinute, edgeProbability, edgeTicks }: SynthOptions): Partial<EdgeOptions> {
  return {
    ...(edgePerMinute !== undefined && { perMinute: edgePerMinute }),
    ...(edgeProbability !== undefined && { probability: edgeProbability }),
    ...(edgeTicks !== undefined && { ticks: edgeTicks }),
  };
}

async function synth(options: SynthOptions, { output, interruptSignal }: Cli): Promise<void> {
  if ((options.out === undefined) === (options.lake === undefined)) {
    throw new SpymasterError(
      'USAGE',
      'Cannot tell where to write the session: give either --out and a file, or --lake.',
    );
  }
  const truthPath = options.truth === undefined ? undefined : resolve(options.truth);
  if (truthPath !== undefined && options.out === undefined) {
    throw new SpymasterError(
      'USAGE',
      'Cannot write the truth beside a session of the lake: give --out and a file with --truth.',
    );
  }
  if (truthPath !== undefined && truthPath === resolve(options.out ?? '')) {
    throw new SpymasterError(
      'USAGE',
      `Cannot write session and truth to one file, ${options.truth}: give --truth another name.`,
    );
  }
  const plan = planSession({ ...options, rate: options.rate ?? null, edge: edgeOf(options) });
  const progress = output.progress({ label: 'Making', unit: 'records', total: Math.ceil(plan.durationS) });
  const startMs = performance.now();
  const { path, records, bytes, truthEvents, isNew } = await written(options, plan, {
    truthPath,
    onProgress: (timeS, count) => progress.update(timeS, count),
    signal: interruptSignal(),
  }).finally(() => progress.stop());
  const wallS = (performance.now() - startMs) / 1000;
  if (options.json) {
    output.json({
      path,
      is_new: isNew,
      records,
      bytes,
      profile: options.profile,
      seed: options.seed,
      symbol: options.symbol,
      instrument_id: syntheticInstrumentId(options.symbol),
      date: options.date,
      start_ns: plan.startNs,
      end_ns: plan.startNs + BigInt(Math.round(plan.durationS * 1e9)),
      behaviours: options.behaviours ?? [],
      ...(truthPath !== undefined && { truth_path: truthPath, truth_events: truthEvents }),
      wall_s: wallS,
    });
    return;
  }
  const shown = options.out ?? relative('.', path);
  output.print(
    `${isNew ? 'Wrote' : 'The lake has'} ${shown}: ${formatCount(records)} records (${formatBytes(bytes)}) of ${options.symbol} on ${options.date}, ` +
      `${options.minutes} minutes from ${options.start} New York time, profile ${options.profile}, seed ${options.seed}.\n` +
      (truthPath === undefined
        ? ''
        : `Wrote ${options.truth}: ${formatCount(truthEvents)} events that really happened, or seemed to.\n`) +
      `Took ${formatDurationS(wallS)} (${formatRate(records / wallS)} records/s). ` +
      `See what is in it: npx spymaster inspect ${shown}`,
  );
}

/** Writes the session to a file, in place of one that is there, or into the lake, where nothing is written over. */
async function written(options: SynthOptions, plan: ReturnType<typeof planSession>, how: WriteSessionOptions) {
  if (options.out !== undefined) {
    const path = resolve(options.out);
    return { path, isNew: true, ...(await writeSyntheticSession(path, plan, how)) };
  }
  const { Lake } = await import('../lake/index.ts');
  const { session, records, bytes } = await importSyntheticSession(new Lake(options.lakeRoot), plan, how);
  return { path: session.path, isNew: session.state === 'imported', records, bytes, truthEvents: 0 };
}
