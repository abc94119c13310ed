import { availableParallelism, cpus, totalmem } from 'node:os';
import { basename } from 'node:path';
import type { Command } from 'commander';
import { present } from '../errors.ts';
import { formatBytes, formatRate, plural } from '../format.ts';
import type { HashedReplay, Round, SessionOptions } from '../replay/index.ts';
import type { BenchRequest } from './bench_session.ts';
import type { Cli } from './command.ts';
import { clockOption, dateOption, integerOption, jsonOption, lakeRootOption } from './options.ts';
import { formatFields, formatTable } from './table.ts';
import { programVersion } from './version.ts';

/** Another round is begun while it is likely to end within this time; one always is. */
const budgetS = 25;
const maxRounds = 5;
/** The first stages are paid for every event, the others for every bin. */
const eventStages = 4;

const examples = `
Replays a window of your own data, then parts of that replay, each with one stage more, and says what each stage costs.
Nothing is written. The result hash is the same on every machine for the same file, window and configuration.

Examples:
  $ npx spymaster bench                                     the newest session of the instrument in the lake
  $ npx spymaster bench --date 2026-02-06 --start 10:00 --max-bins 6000
  $ npx spymaster bench --file session.dbn.zst --start 09:25 --json`;

type BenchOptions = BenchRequest & { readonly json?: true };

/** Adds `bench`: how fast this machine replays the user's own data, and where the time goes. */
export function addBenchCommand(command: Command, cli: Cli): void {
  command
    .option('--file <file>', "a DBN file of the schema mbo (default: the session's in the lake)")
    .option('--symbol <symbol>', "the instrument (default: the instrument lock's; with --file the only one in it)")
    .option('--date <YYYY-MM-DD>', 'the session (default: the newest in the lake; with --file its first)', dateOption)
    .option('--start <HH:MM>', 'New York time of the first bin', clockOption, '09:30')
    .option('--max-bins <count>', 'bins to replay at most', integerOption(1, 10_000_000), 3000)
    .option(...lakeRootOption)
    .option(...jsonOption)
    .addHelpText('after', examples)
    .action((options: BenchOptions) => bench(options, cli));
}

async function bench(options: BenchOptions, { output, interruptSignal }: Cli): Promise<void> {
  const { benchSession } = await import('./bench_session.ts');
  const { measureRound, replayHashed, stages } = await import('../replay/index.ts');
  const signal = interruptSignal();
  const session = await benchSession(options);
  const beganMs = performance.now();
  // How much of the file the window is shows at its end alone.
  const once = output.progress({ label: 'Replaying once', unit: 'events', total: null });
  const replay = await replayHashed(session, (events) => once.update(events), signal).finally(() => once.stop());
  const progress = output.progress({ label: 'Measuring each stage', unit: 'replays', total: null });
  const rounds: Round[] = [];
  try {
    for (let lastS = 0; rounds.length < maxRounds; ) {
      const roundMs = performance.now();
      if (rounds.length > 0 && (roundMs - beganMs) / 1000 + lastS > budgetS) break;
      rounds.push(
        await measureRound(session, replay, signal, (done) => progress.update(rounds.length * stages.length + done)),
      );
      lastS = (performance.now() - roundMs) / 1000;
    }
  } finally {
    progress.stop();
  }
  const report = reportOf(session, replay, rounds, stages);
  if (options.json) output.json(report);
  else output.print(benchText(report));
}

type Report = ReturnType<typeof reportOf>;

/** The best of the rounds: what else the machine did only ever adds. */
function reportOf(
  { path, runtime, date, capture }: SessionOptions,
  replay: HashedReplay,
  rounds: readonly Round[],
  stages: readonly string[],
) {
  const { events } = replay.counters;
  const wallS = Math.min(...rounds.map((round) => round.wallS));
  const binsWallS = Math.min(...rounds.map((round) => round.binsWallS));
  const binsPerS = replay.bins > 1 ? (replay.bins - 1) / binsWallS : replay.bins / wallS;
  let untilS = 0;
  const stageTimes = stages.map((name, i) => {
    // No stage gives time back: where noise says so, the ones before it are charged.
    const endS = Math.max(untilS, Math.min(...rounds.map(({ cpuS }) => present(cpuS[i]))));
    const cpuS = endS - untilS;
    untilS = endS;
    return { name, cpuS };
  });
  return {
    path,
    symbol: runtime.symbol,
    date,
    start_ns: capture.startNs,
    config_version: replay.configVersion,
    bins: replay.bins,
    events,
    rounds: rounds.length,
    wall_s: wallS,
    cpu_s: untilS,
    bins_per_s: binsPerS,
    events_per_s: events / wallS,
    times_real_time: (binsPerS * runtime.cell_width_ms) / 1000,
    peak_rss_bytes: replay.peakRssBytes,
    stages: stageTimes.map(({ name, cpuS }) => ({ name, cpu_s: cpuS, share: cpuS / untilS })),
    result_hash: replay.resultHash,
    machine: {
      cpu: cpus()[0]?.model.trim() ?? 'unknown',
      cores: availableParallelism(),
      memory_bytes: totalmem(),
      node: process.versions.node,
      platform: `${process.platform} ${process.arch}`,
      spymaster: programVersion(),
    },
  };
}

function benchText(report: Report): string {
  const { machine } = report;
  const right = { align: 'right' } as const;
  const columns = [{ title: 'stage' }, ...['CPU ms', 'share', 'cost'].map((title) => ({ title, ...right }))];
  const rows = report.stages.map(({ name, cpu_s: cpuS, share }, i) => [
    name,
    (cpuS * 1000).toFixed(0),
    `${(share * 100).toFixed(1)} %`,
    i < eventStages
      ? `${((cpuS * 1e9) / report.events).toFixed(0)} ns/event`
      : `${((cpuS * 1e6) / report.bins).toFixed(0)} µs/bin`,
  ]);
  const what = `${report.symbol} of ${report.date}, ${basename(report.path)}`;
  return [
    `${what}: ${plural(report.bins, 'bin')}, ${plural(report.events, 'event')}, best of ${plural(report.rounds, 'round')}.`,
    `${machine.cpu}, ${plural(machine.cores, 'core')}, ${formatBytes(machine.memory_bytes)}, ${machine.platform}, ` +
      `Node ${machine.node}, Spymaster ${machine.spymaster}.`,
    '',
    formatFields([
      ['Bins', `${formatRate(report.bins_per_s)}/s`],
      ['Events', `${formatRate(report.events_per_s)}/s`],
      ['Real time', `× ${formatRate(report.times_real_time)}`],
      ['Peak memory', formatBytes(report.peak_rss_bytes)],
      ['Result', `${report.result_hash}, configuration ${report.config_version}`],
    ]),
    '',
    formatTable(columns, rows),
    ...(report.wall_s > 1.3 * report.cpu_s
      ? ['', 'The machine had other work to do, or the disk was slow: a quieter one would show more.']
      : []),
  ].join('\n');
}
