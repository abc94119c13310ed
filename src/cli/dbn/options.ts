import { type Command, InvalidArgumentError, Option } from 'commander';
import { schemas } from '../../dbn/index.ts';
import { integerOption } from '../options.ts';

/** Help of the argument that every reading command has. */
export const inputArgument = ['[file]', 'DBN or DBZ file, plain or zstd; - is standard input', '-'] as const;

export function addInputOptions(command: Command, upgrades = true): Command {
  command
    .option('--fragment', 'the input is records without metadata')
    .option('--ts-out', 'with --fragment: each record ends in the send time');
  if (!upgrades) return command;
  return command.addOption(
    new Option('--upgrade <version>', 'give records and metadata the form of a newer DBN version')
      .choices(['2', '3'])
      .argParser(upgradeVersion),
  );
}

export function addSelectionOptions(command: Command): Command {
  return command
    .addOption(new Option('--schema <schema>', 'only records of one schema').choices(schemas))
    .option('--symbols <list>', 'only these symbols, separated by commas', list)
    .option('--instruments <list>', 'only these instrument ids, separated by commas', instrumentIds)
    .option(
      '--start <time>',
      'first time (ts_recv, or ts_event): 2024-05-08 or 2024-05-08T13:30:00.5, both UTC; 2024-05-08T09:30-04:00; UNIX ns',
      time,
    )
    .option('--end <time>', 'end of time, exclusive', time)
    .option('-n, --limit <count>', 'at most this many records', integerOption(0, Number.MAX_SAFE_INTEGER));
}

export function addOutputOptions(command: Command): Command {
  return command
    .option('-o, --output <file>', 'where to write; - is standard output', '-')
    .option('-z, --zstd', 'compress, as a name that ends in .zst does')
    .option('-f, --force', 'replace a file that is there');
}

/** `--price-type` of what writes Parquet. */
export function priceTypeOption(): Option {
  return new Option('--price-type <type>', 'prices in Parquet: exact decimals, doubles, or integers of 1e-9')
    .choices(['decimal', 'float', 'fixed'])
    .default('decimal');
}

export function upgradeVersion(text: string): 2 | 3 {
  if (text === '2' || text === '3') return Number(text) as 2 | 3;
  throw new InvalidArgumentError('Expected 2 or 3.');
}

function list(text: string): string[] {
  const items = text.split(',').filter((item) => item !== '');
  if (items.length > 0) return items;
  throw new InvalidArgumentError('Expected names separated by commas.');
}

function instrumentIds(text: string): number[] {
  return list(text).map(integerOption(0, 0xffff_ffff));
}

/** A time in UTC: a day, an ISO 8601 time (UTC unless it says otherwise), or UNIX nanoseconds. */
export function time(text: string): bigint {
  if (/^\d{1,20}$/.test(text)) return BigInt(text);
  const zoned = /^\d{4}-\d\d-\d\d$/.test(text)
    ? `${text}T00:00Z`
    : /(?:Z|[+-]\d\d:?\d\d)$/i.test(text)
      ? text
      : `${text}Z`;
  try {
    return Temporal.Instant.from(zoned).epochNanoseconds;
  } catch {
    throw new InvalidArgumentError('Expected a time such as 2024-05-08, 2024-05-08T13:30:00.5Z or UNIX nanoseconds.');
  }
}
