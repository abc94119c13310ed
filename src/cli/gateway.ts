import { once } from 'node:events';
import { type Command, InvalidArgumentError } from 'commander';
import type { SessionFaults } from '../databento/live/index.ts';
import type { Cli } from './command.ts';
import { integerOption, timeOption } from './options.ts';

const examples = `
A client of the live protocol, ours or the vendor's, connects as it would to the vendor's gateway, with any key: what it asks for
(symbols, start, snapshot, ts_out, zstd) it gets from the files, with the files' times. Files are played one after the other.
With --speed 1 the market goes on once the first client has started its session, with or without listeners; with --speed max it goes on as
fast as the client reads, stands still while none is there, and waits before each session's end for a recorder to open its next file.
See docs/live.md.

Examples:
  $ npx spymaster gateway --file session.dbn.zst
  $ npx spymaster gateway --file monday.dbn.zst --file tuesday.dbn.zst --speed max
  $ npx spymaster gateway --file session.dbn.zst --from 2026-02-06T14:25:00Z --drop-after 20000`;

interface GatewayCommandOptions {
  readonly file: readonly string[];
  readonly speed: number | 'max';
  readonly port: number;
  readonly from?: bigint;
  readonly dropAfter?: readonly number[];
  readonly skipAfter?: number;
  readonly ageOut?: true;
}

/** Records that are left out by --skip-after. */
const skippedRecords = 100;

/** Adds `gateway`: plays DBN files as the vendor's live gateway would send them. */
export function addGatewayCommand(command: Command, cli: Cli): void {
  command
    .requiredOption('--file <file>', 'DBN file, plain or zstd; give it several times for several', listed)
    .option('--speed <factor>', 'seconds of the file in a second, from 1 on, or max', speedOption, 1)
    .option(
      '--port <number>',
      'port to listen on, on this machine only; 0: a free one',
      integerOption(0, 65_535),
      13_000,
    )
    .option('--from <time>', 'where in the file the market is at first, ISO 8601 (default: its start)', timeOption)
    .option(
      '--drop-after <records>',
      'break the connection behind so many records; give it again for the next connection',
      numbers,
    )
    .option(
      '--skip-after <records>',
      'leave out 100 records of the first connection, and say so',
      integerOption(0, 1e12),
    )
    .option('--age-out', 'refuse every replay: its data has aged out')
    .addHelpText('after', examples)
    .action((options: GatewayCommandOptions) => gateway(options, cli));
}

async function gateway(options: GatewayCommandOptions, { output, interruptSignal }: Cli): Promise<void> {
  const interrupt = interruptSignal();
  const { startGateway } = await import('../databento/live/index.ts');
  const { file: files, speed, port, from } = options;
  await using server = await startGateway({
    ...{ files, speed, port, key: null },
    ...(from !== undefined && { fromNs: from }),
    faults: (connection) => faultsOf(options, connection),
    onEvent: (text) => output.note(text),
  });
  const pace = speed === 'max' ? 'as fast as clients read' : `at speed ${speed}`;
  const start = new Date(Number(server.nowNs / 1_000_000n)).toISOString();
  output.print(
    `Live gateway of ${server.dataset} on ${server.host}:${server.port}: ${files.join(', ')} from ${start} on, ${pace} (Ctrl-C ends it).`,
  );
  if (!interrupt.aborted) await once(interrupt, 'abort');
}

/** What the flags make go wrong in a connection. */
function faultsOf({ dropAfter, skipAfter, ageOut }: GatewayCommandOptions, connection: number): SessionFaults {
  const drop = dropAfter?.[connection];
  const skip = connection === 0 ? skipAfter : undefined;
  const at = [
    ...(drop === undefined ? [] : [{ after: drop, do: 'drop' } as const]),
    ...(skip === undefined
      ? []
      : [
          { after: skip, do: 'omit', records: skippedRecords } as const,
          { after: skip + skippedRecords, do: 'error', code: 7 } as const,
        ]),
  ];
  return { replayAgedOut: ageOut === true, at: at.sort((a, b) => a.after - b.after) };
}

function listed(file: string, before: readonly string[] = []): readonly string[] {
  return [...before, file];
}

function numbers(text: string, before: readonly number[] = []): readonly number[] {
  return [...before, integerOption(0, 1e12)(text)];
}

function speedOption(text: string): number | 'max' {
  if (text === 'max') return text;
  const speed = Number(text);
  if (text.trim() !== '' && Number.isFinite(speed) && speed >= 1) return speed;
  throw new InvalidArgumentError('Expected max, or a number from 1 on.');
}
