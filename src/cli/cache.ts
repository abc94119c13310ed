import type { Command } from 'commander';
import { exitCode, notNull, SpymasterError } from '../errors.ts';
import { formatBytes, formatCount, plural } from '../format.ts';
import type { BookCacheEntry, Lake } from '../lake/index.ts';
import type { Cli } from './command.ts';
import { jsonOption, lakeRootOption } from './options.ts';
import { formatTable } from './table.ts';

/** Help of the commands on book checkpoints. */
export const cacheHelp = `
A checkpoint is the book of a session at the start of a capture's warm-up: a replay that finds one need not read the day up
to there. All of them may be deleted at any time.

Examples:
  $ npx spymaster warm-cache --from 2026-02-02 --to 2026-02-06 --start 09:30
  $ npx spymaster cache ls
  $ npx spymaster cache prune`;

interface CacheCommandOptions {
  readonly lakeRoot: string;
  readonly json?: true;
  readonly all?: true;
}

/** Adds `cache`: what the cache of book checkpoints holds. */
export function addCacheCommand(command: Command, cli: Cli): void {
  const cache = command.addHelpText('after', cacheHelp);
  const add = (name: string, text: string, run: (options: CacheCommandOptions, cli: Cli) => Promise<void>): Command =>
    cache
      .command(name)
      .description(text)
      .option(...lakeRootOption)
      .option(...jsonOption)
      .action((options: CacheCommandOptions) => run(options, cli));
  add('ls', 'list the checkpoints, the one used last first', list);
  add('verify', 'check every checkpoint against its checksum; the exit code is 1 when one is damaged', verify);
  add('prune', 'delete checkpoints that no replay can use any more', prune).option('--all', 'delete all of them');
}

async function entriesOf(options: CacheCommandOptions): Promise<{ lake: Lake; entries: BookCacheEntry[] }> {
  const { BookCache, Lake } = await import('../lake/index.ts');
  const lake = new Lake(options.lakeRoot);
  return { lake, entries: await new BookCache(lake, { notice: () => {} }).entries() };
}

async function list(options: CacheCommandOptions, { output }: Cli): Promise<void> {
  const { lake, entries } = await entriesOf(options);
  const bytes = entries.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  if (options.json) {
    output.json({ folder: lake.bookCache, bytes, checkpoints: entries.map(entryJson) });
    return;
  }
  if (entries.length === 0) {
    output.print(`No checkpoint in ${lake.bookCache} yet; replays and warm-cache make them.`);
    return;
  }
  const right = { align: 'right' } as const;
  const columns = [
    ...[{ title: 'symbol' }, { title: 'session' }, { title: 'warm-up from, New York time' }],
    ...[{ title: 'size', ...right }, { title: 'last used, UTC' }, { title: 'made from' }],
  ];
  const rows = entries.map(({ key, sizeBytes, usedMs, problem }) => [
    ...(key === null ? ['?', '?', '?'] : [key.symbol, key.date, newYorkClock(key.warmUpStartNs)]),
    ...[formatBytes(sizeBytes), utc(usedMs).slice(0, 16).replace('T', ' ')],
    problem === null ? notNull(key).file.name : `it ${problem.replace(/,$/, '')}`,
  ]);
  output.print(`${formatTable(columns, rows)}\n${plural(entries.length, 'checkpoint')}, ${formatBytes(bytes)}.`);
}

async function verify(options: CacheCommandOptions, { output }: Cli): Promise<void> {
  const { entries } = await entriesOf(options);
  const damaged = entries.filter(({ problem }) => problem !== null);
  if (options.json) output.json({ checkpoints: entries.length, damaged: damaged.map(entryJson) });
  else {
    for (const { path, problem } of damaged) output.note(`${path} ${notNull(problem).replace(/,$/, '')}.`);
    const remedy = damaged.length === 0 ? '' : ' `npx spymaster cache prune` deletes them; replays make them anew.';
    output.print(`${plural(entries.length, 'checkpoint')} checked, ${formatCount(damaged.length)} unusable.${remedy}`);
  }
  if (damaged.length > 0) output.exitCode = exitCode.failure;
}

async function prune(options: CacheCommandOptions, { output }: Cli): Promise<void> {
  const { remove, removeStaleTemporaries } = await import('../files/index.ts');
  const { lake, entries } = await entriesOf(options);
  const gone: BookCacheEntry[] = [];
  for (const entry of entries) {
    if (options.all !== true && !(await isUseless(lake, entry))) continue;
    await remove(entry.path);
    gone.push(entry);
  }
  const leftovers = await removeStaleTemporaries(lake.bookCache);
  const bytes = gone.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  if (options.json) output.json({ deleted: gone.map(entryJson), bytes, leftovers: leftovers.length });
  else {
    const rest = leftovers.length === 0 ? '' : ` and ${plural(leftovers.length, 'leftover')} of interrupted work`;
    output.print(
      `Deleted ${plural(gone.length, 'checkpoint')} (${formatBytes(bytes)})${rest}; ${formatCount(entries.length - gone.length)} kept.`,
    );
  }
}

/** Whether a checkpoint can never be loaded again: it is damaged, or its recording is gone or changed. */
async function isUseless(lake: Lake, { key }: BookCacheEntry): Promise<boolean> {
  if (key === null) return true;
  const { fileIdentity, findRawFile } = await import('../lake/index.ts');
  try {
    const now = await fileIdentity(await findRawFile(lake, key.productType, key.symbol, key.date));
    const then = key.file;
    return now.name !== then.name || now.modifiedNs !== then.modifiedNs || now.ends !== then.ends;
  } catch (error) {
    if (error instanceof SpymasterError && error.code === 'FILE_NOT_FOUND') return true;
    throw error;
  }
}

function entryJson({ path, key, sizeBytes, usedMs, problem }: BookCacheEntry): object {
  const { productType = null, symbol = null, date = null, warmUpStartNs = null, file = null } = key ?? {};
  const about = {
    product_type: productType,
    symbol,
    date,
    warm_up_start_ns: warmUpStartNs,
    file_name: file?.name ?? null,
  };
  return { path, ...about, bytes: sizeBytes, used_at_utc: utc(usedMs), problem: problem?.replace(/,$/, '') ?? null };
}

function utc(unixMs: number): string {
  return Temporal.Instant.fromEpochMilliseconds(Math.floor(unixMs)).toString({ smallestUnit: 'second' });
}

function newYorkClock(unixNs: bigint): string {
  const at = Temporal.Instant.fromEpochNanoseconds(unixNs).toZonedDateTimeISO('America/New_York');
  return at.toPlainTime().toString({ smallestUnit: 'minute' });
}
