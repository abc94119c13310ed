import type { Command } from 'commander';
import { exitCode, notNull, SpymasterError } from '../errors.ts';
import { formatBytes, formatCount, formatLatencyUs, plural } from '../format.ts';
import type { BookCacheEntry, Lake } from '../lake/index.ts';
import type { PassEntry } from '../sweep/index.ts';
import type { Cli } from './command.ts';
import { jsonOption, lakeRootOption, numberOption } from './options.ts';
import { formatTable } from './table.ts';

/** Help of the commands on the cache. */
export const cacheHelp = `
A checkpoint is the book of a session at the start of a capture's warm-up: a replay that finds one need not read the day up
to there. A pass is what became of orders in the real book of a session, kept by execute and by sweeps with eval.execution: it
spares reading the feed, and the pages show the trades of a run from it. All may be deleted at any time and are made anew; prune
never deletes a pass that a process works with.

Examples:
  $ npx spymaster warm-cache --from 2026-02-02 --to 2026-02-06 --start 09:30
  $ npx spymaster cache ls
  $ npx spymaster cache prune --max-gb 20`;

interface CacheCommandOptions {
  readonly lakeRoot: string;
  readonly json?: true;
  readonly all?: true;
  readonly maxGb?: number;
}

/** Adds `cache`: what the lake keeps to save time. */
export function addCacheCommand(command: Command, cli: Cli): void {
  const cache = command.addHelpText('after', cacheHelp);
  const add = (name: string, text: string, run: (options: CacheCommandOptions, cli: Cli) => Promise<void>): Command =>
    cache
      .command(name)
      .description(text)
      .option(...lakeRootOption)
      .option(...jsonOption)
      .action((options: CacheCommandOptions) => run(options, cli));
  add('ls', 'list checkpoints and passes, those used last first', list);
  add('verify', 'check all of them against their checksums; the exit code is 1 when one is damaged', verify);
  add('prune', 'delete those that nothing can use any more', prune)
    .option('--max-gb <gigabytes>', 'delete the least recently used too, until this much is left', numberOption(0, 1e6))
    .option('--all', 'delete all of them');
}

interface Cached {
  readonly lake: Lake;
  readonly entries: readonly BookCacheEntry[];
  readonly passes: readonly PassEntry[];
}

async function entriesOf(options: CacheCommandOptions): Promise<Cached> {
  const { BookCache, Lake } = await import('../lake/index.ts');
  const { passEntries } = await import('../sweep/index.ts');
  const lake = new Lake(options.lakeRoot);
  const entries = await new BookCache(lake, { notice: () => {} }).entries();
  return { lake, entries, passes: await passEntries(lake) };
}

const bytesOf = (entries: readonly { readonly sizeBytes: number }[]) =>
  entries.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);

async function list(options: CacheCommandOptions, { output }: Cli): Promise<void> {
  const { lake, entries, passes } = await entriesOf(options);
  if (options.json) {
    output.json({
      ...{ folder: lake.bookCache, bytes: bytesOf(entries), checkpoints: entries.map(entryJson) },
      ...{ passes_folder: lake.passes(), passes_bytes: bytesOf(passes), passes: passes.map(passJson) },
    });
    return;
  }
  if (entries.length === 0) {
    output.print(`No checkpoint in ${lake.bookCache} yet; replays and warm-cache make them.`);
  } else {
    const columns = [
      ...[{ title: 'symbol' }, { title: 'session' }, { title: 'warm-up from, New York time' }],
      ...[{ title: 'size', ...right }, { title: 'last used, UTC' }, { title: 'made from' }],
    ];
    const rows = entries.map(({ key, sizeBytes, usedMs, problem }) => [
      ...(key === null ? ['?', '?', '?'] : [key.symbol, key.date, newYorkClock(key.warmUpStartNs)]),
      ...[formatBytes(sizeBytes), utcMinute(usedMs)],
      problem === null ? notNull(key).file.name : `it ${problem.replace(/,$/, '')}`,
    ]);
    const total = `${plural(entries.length, 'checkpoint')}, ${formatBytes(bytesOf(entries))}.`;
    output.print(`${formatTable(columns, rows)}\n${total}`);
  }
  if (passes.length > 0) output.print(`\n${passTable(passes)}`);
}

const right = { align: 'right' } as const;

function passTable(passes: readonly PassEntry[]): string {
  const columns = [
    ...[{ title: 'symbol' }, { title: 'session from, UTC' }, { title: 'entry' }, { title: 'latency', ...right }],
    ...[{ title: 'contracts', ...right }, { title: 'size', ...right }, { title: 'last used, UTC' }, { title: '' }],
  ];
  const rows = passes.map(({ key, sizeBytes, usedMs, isInUse, problem }) => [
    ...(key === null
      ? ['?', '?', '?', '?', '?']
      : [
          ...[key.symbol, utcMinute(Number(BigInt(key.startNs) / 1_000_000n))],
          ...[`${key.entry}${key.met ? '' : ', without met'}`, formatLatencyUs(key.entryLatencyUs), String(key.size)],
        ]),
    ...[formatBytes(sizeBytes), utcMinute(usedMs)],
    problem === null ? (isInUse ? 'in use' : '') : `it ${problem}`,
  ]);
  const total = `${plural(passes.length, 'pass', 'passes')} of orders through the real book, ${formatBytes(bytesOf(passes))}.`;
  return `${formatTable(columns, rows)}\n${total}`;
}

async function verify(options: CacheCommandOptions, { output }: Cli): Promise<void> {
  const { entries, passes } = await entriesOf(options);
  const isDamaged = ({ problem }: { readonly problem: string | null }) => problem !== null;
  const [damaged, damagedPasses] = [entries.filter(isDamaged), passes.filter(isDamaged)];
  const unusable = [...damaged, ...damagedPasses];
  if (options.json) {
    output.json({
      ...{ checkpoints: entries.length, damaged: damaged.map(entryJson) },
      ...{ passes: passes.length, damaged_passes: damagedPasses.map(passJson) },
    });
  } else {
    for (const { path, problem } of unusable) output.note(`${path} ${notNull(problem).replace(/,$/, '')}.`);
    const checked = `${plural(entries.length, 'checkpoint')}${passes.length === 0 ? '' : ` and ${plural(passes.length, 'pass', 'passes')}`}`;
    const remedy = unusable.length === 0 ? '' : ' `npx spymaster cache prune` deletes them; they are made anew.';
    output.print(`${checked} checked, ${formatCount(unusable.length)} unusable.${remedy}`);
  }
  if (unusable.length > 0) output.exitCode = exitCode.failure;
}

async function prune(options: CacheCommandOptions, { output }: Cli): Promise<void> {
  const { remove, removeStaleTemporaries } = await import('../files/index.ts');
  const { removePass } = await import('../sweep/index.ts');
  const { lake, entries, passes } = await entriesOf(options);
  const gone = new Set<BookCacheEntry | PassEntry>();
  for (const entry of entries) if (options.all === true || (await isUseless(lake, entry))) gone.add(entry);
  for (const pass of passes) {
    if (!pass.isInUse && (options.all === true || pass.problem !== null)) gone.add(pass);
  }
  const rest = [...entries, ...passes].filter((entry) => !gone.has(entry));
  let left = bytesOf(rest);
  for (const entry of rest.sort((a, b) => a.usedMs - b.usedMs)) {
    if (options.maxGb === undefined || left <= options.maxGb * 1e9) break;
    if ('isInUse' in entry && entry.isInUse) continue;
    gone.add(entry);
    left -= entry.sizeBytes;
  }
  const goneEntries = entries.filter((entry) => gone.has(entry));
  const gonePasses = passes.filter((entry) => gone.has(entry));
  for (const { path } of goneEntries) await remove(path);
  for (const pass of gonePasses) await removePass(pass);
  const leftovers = await removeStaleTemporaries(lake.bookCache);
  if (options.json) {
    output.json({
      ...{ deleted: goneEntries.map(entryJson), deleted_passes: gonePasses.map(passJson) },
      ...{ bytes: bytesOf([...gone]), leftovers: leftovers.length },
    });
    return;
  }
  const some = (count: number, words: string) => (count === 0 ? '' : ` and ${words}`);
  const passWords = some(
    gonePasses.length,
    `${plural(gonePasses.length, 'pass', 'passes')} (${formatBytes(bytesOf(gonePasses))})`,
  );
  const leftWords = some(leftovers.length, `${plural(leftovers.length, 'leftover')} of interrupted work`);
  output.print(
    `Deleted ${plural(goneEntries.length, 'checkpoint')} (${formatBytes(bytesOf(goneEntries))})${passWords}${leftWords}; ` +
      `${formatCount(entries.length + passes.length - gone.size)} kept.`,
  );
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

function passJson({ path, key, sizeBytes, usedMs, isInUse, problem }: PassEntry): object {
  const { symbol = null, startNs = null, entry = null, entryLatencyUs = null, size = null, met = null } = key ?? {};
  return {
    ...{ path, symbol, start_ns: startNs, entry, entry_latency_us: entryLatencyUs, size, met },
    ...{ bytes: sizeBytes, used_at_utc: utc(usedMs), in_use: isInUse, problem },
  };
}

const utcMinute = (unixMs: number) => utc(unixMs).slice(0, 16).replace('T', ' ');

function utc(unixMs: number): string {
  return Temporal.Instant.fromEpochMilliseconds(Math.floor(unixMs)).toString({ smallestUnit: 'second' });
}

function newYorkClock(unixNs: bigint): string {
  const at = Temporal.Instant.fromEpochNanoseconds(unixNs).toZonedDateTimeISO('America/New_York');
  return at.toPlainTime().toString({ smallestUnit: 'minute' });
}
