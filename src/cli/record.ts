import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import type { LiveSubscription, RecordedFile, RecorderState, RecordingStart } from '../databento/live/index.ts';
import { SpymasterError } from '../errors.ts';
import { formatBytes, formatCount, formatNewYork, formatRate, plural } from '../format.ts';
import type { Cli } from './command.ts';
import { liveAccess } from './live_access.ts';
import { jsonOption, lakeRootOption, timeOption } from './options.ts';

const examples = `
The key is read from DATABENTO_API_KEY; it is never printed or stored. The recording is a plain DBN file in the lake that grows,
one for each session, where every command finds it by symbol and date; when the session ends it is compressed. A lost connection is
opened again for as long as it takes, and what was missed is fetched; what cannot be fetched is marked in the file as a gap. Ctrl-C ends
it with the file whole; the same command goes on with it. See docs/live.md.

  --start now      the book as it is, then every change (default)
  --start session  all that the gateway has: of GLBX.MDP3 the whole week so far, of others 24 hours
  --start <time>   the changes since an ISO 8601 time, without the orders that rested before it; needs --partial

Examples:
  $ npx spymaster record --dataset GLBX.MDP3 --symbol MNQH6
  $ npx spymaster record --dataset GLBX.MDP3 --symbol MNQ.c.0 --stype-in continuous --until 2026-02-06T21:00:00Z
  $ npx spymaster record --dataset GLBX.MDP3 --symbol MNQH6 --gateway 127.0.0.1:13000 --out practice.dbn`;

interface RecordCommandOptions {
  readonly dataset: string;
  readonly symbol: string;
  readonly stypeIn: LiveSubscription['stypeIn'];
  readonly start: 'now' | 'session' | bigint;
  readonly partial?: true;
  readonly until?: bigint;
  readonly gateway?: string;
  readonly out?: string;
  readonly lakeRoot: string;
  readonly json?: true;
}

/** Adds `record`: a live feed into files. */
export function addRecordCommand(command: Command, cli: Cli): void {
  const stypes = ['raw_symbol', 'instrument_id', 'continuous', 'parent'];
  command
    .requiredOption('--dataset <code>', 'Databento dataset, such as GLBX.MDP3')
    .requiredOption('--symbol <symbol>', 'what to record: MNQH6')
    .addOption(new Option('--stype-in <type>', 'what the symbol is').choices(stypes).default('raw_symbol'))
    .option('--start <when>', 'now, session, or an ISO 8601 time', startOption, 'now')
    .option('--partial', 'accept a book without the orders that rested before the start')
    .option('--until <time>', 'end at this time of the feed, ISO 8601 (default: go on)', timeOption)
    .option('--gateway <host:port>', 'another gateway, such as that of `spymaster gateway`')
    .option(
      '--out <file>',
      'one file instead of the lake, for all sessions; with .zst compressed once --until is reached',
    )
    .option(...lakeRootOption)
    .option(...jsonOption)
    .addHelpText('after', examples)
    .action((options: RecordCommandOptions) => run(options, cli));
}

async function run(options: RecordCommandOptions, { output, interruptSignal }: Cli): Promise<void> {
  const { dataset, symbol, stypeIn, until, out } = options;
  const start = startOf(options);
  const { record } = await import('../databento/live/index.ts');
  const { Lake } = await import('../lake/index.ts');
  const access = await liveAccess(dataset, options.gateway);
  if (start === 'session') {
    output.note(
      dataset === 'GLBX.MDP3'
        ? 'Asking for the whole week so far, which may be gigabytes; the book is whole from its first record on.'
        : 'Asking for the last 24 hours; the book is whole from the first clear in them on.',
    );
  }
  const line = output.statusLine();
  const rate = new Rate();
  const { files } = await record({
    target: out === undefined ? { lake: new Lake(options.lakeRoot) } : { file: resolve(out) },
    ...{ symbol, stypeIn, start, untilNs: until ?? null },
    access,
    signal: interruptSignal(),
    onProgress: (state) => line.update(state.connection, stateText(state, rate.of(state.records))),
    onRecording: ({ path }) => line.note(`Recording to ${path}.`),
    notice: (text) => line.note(text),
  }).finally(() => line.stop());
  if (options.json) output.json({ files: files.map(fileJson) });
  else output.print(files.length === 0 ? 'Nothing was recorded.' : files.map(fileText).join('\n'));
}

function startOf({ start, partial }: RecordCommandOptions): RecordingStart {
  if (start === 'now') return 'snapshot';
  if (start === 'session' || partial) return start;
  throw new SpymasterError(
    'USAGE',
    'Cannot record from a time on: the orders that rested before it would be missing from the book; use --start now or --start session, ' +
      'or accept that with --partial.',
  );
}

/** Records a second, over the last seconds. */
class Rate {
  readonly #samples: { readonly ms: number; readonly records: number }[] = [];

  of(records: number): number {
    const ms = performance.now();
    this.#samples.push({ ms, records });
    while (this.#samples.length > 2 && ms - (this.#samples[0]?.ms ?? ms) > 5000) this.#samples.shift();
    const [first] = this.#samples;
    return first === undefined || ms === first.ms ? 0 : ((records - first.records) / (ms - first.ms)) * 1000;
  }
}

/** A day in milliseconds: a feed that is older is one of a file. */
const dayMs = 86_400_000;

/** The progress line. */
export function stateText(state: RecorderState, recordsPerS: number): string {
  const { connection, symbol, date, records, bytes, delayMs, retryInMs, gaps } = state;
  const doing = {
    connecting: 'connecting',
    live: 'live',
    retrying: `connection lost, trying again in ${((retryInMs ?? 0) / 1000).toFixed(0)} s`,
    closed_market: 'market closed',
    ended: 'ended',
  }[connection];
  const parts = [`${symbol}${date === null ? '' : ` ${date}`}: ${doing}`];
  if (records > 0) {
    parts.push(`${formatCount(records)} records (${formatBytes(bytes)})`, `${formatRate(Math.max(0, recordsPerS))}/s`);
    if (delayMs !== null) parts.push(Math.abs(delayMs) < dayMs ? `delay ${delayMs.toFixed(0)} ms` : 'times of a file');
    parts.push(gaps.length === 0 ? 'no gaps' : plural(gaps.length, 'gap'));
  }
  return parts.join('  ');
}

function fileText({ path, symbol, date, records, bytes, gaps }: RecordedFile): string {
  const marked = gaps.map(
    ({ fromNs, toNs, cause }) =>
      `\n  gap from ${formatNewYork(fromNs)} to ${formatNewYork(toNs)}: ${cause.replaceAll('_', ' ')}`,
  );
  return `Recorded ${path}: ${plural(records, 'record')} of ${symbol} on ${date} (${formatBytes(bytes)} of DBN), ${
    gaps.length === 0 ? 'no gaps' : plural(gaps.length, 'gap')
  }.${marked.join('')}`;
}

function fileJson({ path, symbol, date, records, bytes, isFinished, gaps }: RecordedFile) {
  return {
    ...{ path, symbol, date, records, bytes, finished: isFinished },
    gaps: gaps.map(({ fromNs, toNs, cause }) => ({ from_ns: fromNs, to_ns: toNs, cause })),
  };
}

function startOption(text: string): RecordCommandOptions['start'] {
  return text === 'now' || text === 'session' ? text : timeOption(text);
}
