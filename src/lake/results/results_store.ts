import { randomUUID } from 'node:crypto';
import { basename, dirname, join } from 'node:path';
import type { DuckDBConnection, DuckDBResult, DuckDBValue } from '@duckdb/node-api';
import { SpymasterError } from '../../errors.ts';
import {
  type Clock,
  DuckDatabase,
  duckdb,
  isMissing,
  lostError,
  systemClock,
  Workspace,
  writeError,
} from '../../files/light.ts';
import { systemCode } from '../../system_errors.ts';
import type { ResultColumns, ResultRow, ResultTable, RowOf } from '../../wire/index.ts';
import type { Lake } from '../lake.ts';
import { decodeColumns, type Portion } from './decode_columns.ts';
import { decodeRows } from './decode_rows.ts';
import { type PartManifest, partFormat, partManifestName, partName, type StoredParts } from './part_steps.ts';
import { type EndedDataset, type Merge, planEndedMerge, planMerges } from './plan_merges.ts';
import { ResultParts } from './result_parts.ts';
import { datasetRowsSql, findMissingColumn, heldParts } from './result_views.ts';
import { differingParts, mergedShares, type SharePart, sharePartName } from './share_parts.ts';
import { ShownRelations } from './shown_relations.ts';
import { type Query, type Sql, sql, tableSql } from './sql.ts';
import type { Compacted, StagedPart, StoreFolder, StoreOptions } from './store_folder.ts';
import { type StoreFolders, storeFolders, verifyFolders } from './store_folders.ts';
import { triedRow, untriedSql } from './tried_rows.ts';
import { copySql, type MadeRows, writeRows } from './write_rows.ts';

/** Tries of a query whose files a compaction took away while it read them. */
const maxAttempts = 4;
const interruptEveryMs = 20;

/**
 * Results of runs, in the tables of `resultTables`, and the ledger of what was tried and looked at, in `ledgerTables`. Each is
 * a folder of *parts*: a part is a folder of one Parquet file a table and a manifest with their SHA-256, and it never
 * changes. The ledger stands beside the results, so that deleting those does not make a search look smaller than it was.
 *
 * **Who may write.** Any number of processes of one machine may append, query and compact at once, without a lock: each
 * append makes a part of its own, under a name that no other writer makes. Two processes may evaluate the same run; readers
 * then see one of the evaluations, see *Consistency*.
 *
 * **Thread safety.** A store belongs to the thread that opened it. Its methods may be called at any time; they run one
 * after another, in the order of the calls.
 *
 * **Consistency.** A part appears whole or not at all, by the rename of its folder, so a reader sees all rows of an
 * append or none; of an append to both folders the ledger's rows come first, so that no result shows that it lacks. A query sees every part that was there when it began, including those of other processes: after an
 * awaited append its rows are seen by any process. Between two queries parts may come, so each answer is consistent
 * in itself, and two answers may differ. Of a run that was evaluated several times only the rows with the newest
 * `timestamp_utc` show, in all tables alike; of a sweep, only the newest statistics; of a unit, its newest evaluation. Equal rows show once.
 *
 * **Persistence.** Files and folders are synced before the rename: rows of an append that has returned survive a kill and a
 * loss of power. A kill earlier leaves a temporary folder and no row.
 *
 * **Ownership of parts in the making.** A temporary folder belongs to the process that holds its lock, which ends with the
 * process. The next append or sweep removes those of dead owners and never one of a living process.
 *
 * **Object storage.** There a part is published in the bucket before it appears here, and a query first brings the parts that count and
 * are not here, as of one second ago at most. They stay here until the store is closed.
 *
 * **Compaction.** `compact` and `compactDataset` write parts that name those they replace, read each back, and only then delete those; in a
 * bucket they are deleted a day later, by the next compaction. A merged part is named by what it merges, so that two that merge the same make
 * the same. Killed in between, both are there, and readers leave out what is replaced; rows that stand in two parts count once. A query
 * or a compaction whose files vanish while it reads begins again, up to three times.
 *
 * **Raises.** Queries and compactions: CHECKSUM_MISMATCH for a part that is damaged or of another format, RESULT_INVALID for
 * one that lacks a column or has one of another type. Appends: RESULT_INVALID for rows that do not fit their table. Appends
 * and compactions: LAKE_NOT_WRITABLE. No error leaves a part that is not whole.
 */
export class ResultsStore {
  readonly folder: string;
  readonly #connection: DuckDBConnection;
  readonly #database: DuckDatabase;
  readonly #results: StoreFolder;
  readonly #ledger: StoreFolder;
  readonly #clock: Clock;
  readonly #shown: ShownRelations;
  readonly #lake: Lake;
  #last: Promise<unknown> = Promise.resolve();
  #interrupting: NodeJS.Timeout | null = null;

  private constructor(
    lake: Lake,
    folders: StoreFolders,
    [database, connection]: readonly [DuckDatabase, DuckDBConnection],
    options: StoreOptions,
  ) {
    this.#lake = lake;
    this.folder = lake.results;
    this.#results = folders.results;
    this.#ledger = folders.ledger;
    this.#database = database;
    this.#connection = connection;
    this.#clock = options.clock ?? systemClock;
    this.#shown = new ShownRelations(connection, options.isInMemory === true ? 'TABLE' : 'VIEW');
  }

  /** Opens a lake's store. A store that does not exist yet is empty. */
  static async open(lake: Lake, options: StoreOptions = {}): Promise<ResultsStore> {
    const folders = storeFolders(lake);
    const verify = options.isReadAtOnce === true ? () => verifyFolders(folders) : undefined;
    const database = await DuckDatabase.open({ threads: options.threads ?? 2 }, verify);
    return new ResultsStore(lake, folders, [database, await database.connect()], options);
  }

  /** Fails running queries and all that follow: a thread must not end under a query (see ThreadQueue). */
  interrupt(): void {
    // Repeated: a query that is about to start forgets an earlier interrupt.
    this.#interrupting ??= setInterval(() => this.#connection.interrupt(), interruptEveryMs).unref();
    this.#connection.interrupt();
  }

  close(): void {
    if (this.#interrupting !== null) clearInterval(this.#interrupting);
    this.#database.close();
    this.#ledger.bucket?.close();
    this.#results.bucket?.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** Adds rows as one new part. Rows that do not fit their table are refused: nothing is written. */
  append(rows: MadeRows): Promise<void> {
    return this.#append(rows, null);
  }

  /**
   * Adds the rows of units of a share, whose times are all the same, as the part that `share` names. When that part is there
   * already nothing is added. Throws CHECKSUM_MISMATCH, with both hashes, when it is there with other bytes.
   */
  appendShare(units: readonly ResultRow<'units'>[], share: SharePart): Promise<void> {
    const place = (row: ResultRow<'units'>) => `${row.unitId} ${String(row.threshold).padStart(24)}`;
    return this.#append({ units: units.toSorted((a, b) => (place(a) < place(b) ? -1 : 1)) }, share);
  }

  async #append(rows: MadeRows, share: SharePart | null): Promise<void> {
    const [tried, units] = [[...(rows.tried ?? [])], [...(rows.units ?? [])]];
    const all: MadeRows = { ...rows, units, tried: [...tried, ...units.map(triedRow)] };
    const write = (folder: string, table: ResultTable) =>
      writeRows(this.#connection, join(folder, `${table}.parquet`), table, all[table] ?? []);
    const isGiven = (table: ResultTable) => {
      const given = all[table];
      return given !== undefined && !(Array.isArray(given) && given.length === 0);
    };
    const [name, isShare] = share === null ? [undefined, false] : [sharePartName(share), true];
    await this.#inTurn(async () => {
      const inLedger = this.#ledger.tables.filter(isGiven);
      const inResults = this.#results.tables.filter(isGiven);
      await using ledger = await this.#stage(this.#ledger, [], inLedger, write, { name });
      // A part without rows still says that nothing of its share is missing.
      await using results = await this.#stage(this.#results, [], inResults, write, { name, isEmpty: isShare });
      await this.#publish(ledger, isShare ? 'equal' : 'new');
      await this.#publish(results, isShare ? 'equal' : 'new');
    });
  }

  /** The rows of a query; see `sql.ts` for how to write one. */
  rows<C extends ResultColumns>(query: Query<C>): Promise<RowOf<C>[]> {
    return this.#query(() => this.#rows(query));
  }

  /** What `ask` makes of the rows of several queries, all of the same parts. It is asked again when parts vanish meanwhile. */
  rowsAtOnce<T>(
    ask: (rows: <C extends ResultColumns>(query: Query<C>) => Promise<RowOf<C>[]>) => Promise<T>,
  ): Promise<T> {
    return this.#query(() => ask((query) => this.#rows(query)));
  }

  async #rows<C extends ResultColumns>({ columns, sql: query }: Query<C>): Promise<RowOf<C>[]> {
    return decodeRows(await this.#run(query), columns, this.folder);
  }

  /** The rows of a query by columns, in portions. */
  portions<C extends ResultColumns>({ columns, sql: query }: Query<C>): Promise<Portion<C>[]> {
    return this.#query(async () => decodeColumns(await this.#run(query), columns, this.folder));
  }

  async #run({ text, values, relations }: Sql): Promise<DuckDBResult> {
    await this.#shown.make(relations);
    if (values.length === 0) return this.#connection.run(text);
    const { listValue } = duckdb();
    const bound: DuckDBValue[] = values.map((value) => (typeof value === 'object' ? listValue(value) : value));
    return this.#connection.run(text, bound);
  }

  #inTurn<T>(act: () => Promise<T>): Promise<T> {
    const done = this.#last.then(act);
    this.#last = done.catch(() => {});
    return done;
  }

  #query<T>(query: () => Promise<T>): Promise<T> {
    return this.#inTurn(() => this.#attempt(query));
  }

  async #attempt<T>(query: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        await this.#show();
        if (this.#interrupting !== null) throw new Error('the query was interrupted');
        return await query();
      } catch (cause) {
        // A part may be taken over by a compaction between the listing and the reading.
        if (attempt < maxAttempts && /No such file|No files found|IO Error/i.test(String(cause))) this.#shown.forget();
        else throw await this.#explained(cause);
      }
    }
  }

  /** The error that a part lacks a column, where that may be why rows could not be read; else the cause. */
  async #explained(cause: unknown): Promise<unknown> {
    const isPossible = cause instanceof SpymasterError ? cause.code === 'RESULT_INVALID' : /Binder/.test(String(cause));
    if (!isPossible) return cause;
    for (const { folder, parts } of [this.#ledger, this.#results]) {
      const error = await findMissingColumn(this.#connection, { folder, live: parts.stored().live });
      if (error !== null) return error;
    }
    return cause;
  }

  /**
   * Merges parts until there is one of each dataset and one of all that is of none, the ledger's too, and drops superseded rows; gives
   * the numbers of parts of results before and after. Units that a version without a ledger stored come into it.
   */
  compact(): Promise<Compacted> {
    return this.#inTurn(async () => {
      await this.#completeLedger();
      await this.#compact(this.#ledger, null);
      return this.#compact(this.#results, null);
    });
  }

  /** Merges the shares of a dataset, all of which are done, into one part; one that is merged already stays. */
  compactDataset(ended: EndedDataset): Promise<Compacted> {
    return this.#inTurn(async () => {
      await this.#compact(this.#ledger, ended);
      return this.#compact(this.#results, ended);
    });
  }

  /** Takes into the ledger what units it lacks: those of a version without one. */
  completeLedger(): Promise<void> {
    return this.#inTurn(() => this.#completeLedger());
  }

  async #completeLedger(): Promise<void> {
    const counted = sql`SELECT count(*)::INTEGER FROM (${untriedSql})`;
    const [[count] = []] = await this.#attempt(async () => (await this.#run(counted)).getRows());
    if (count === 0) return;
    await using staged = await this.#stage(this.#ledger, [], ['tried'], (folder, table) =>
      this.#copy(untriedSql, folder, table),
    );
    await this.#publish(staged);
  }

  async #compact(target: StoreFolder, ended: EndedDataset | null): Promise<Compacted> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#compactOnce(target, ended);
      } catch (cause) {
        // Another compaction took parts over while this one read them.
        const isTaken = isMissing(cause instanceof SpymasterError ? cause.cause : cause);
        if (attempt === maxAttempts || !isTaken) throw cause;
        this.#shown.forget();
      }
    }
  }

  async #compactOnce(target: StoreFolder, ended: EndedDataset | null): Promise<Compacted> {
    const { parts, bucket, datasetTable, folder } = target;
    await bucket?.pull(0);
    await bucket?.removeReplaced(this.#clock.nowMs());
    const { live, replaced } = parts.stored();
    // What is merged is read from these parts, also where another one has come since.
    this.#shown.show(target === this.#ledger ? 'ledger' : 'results', { folder, live });
    const left = new Set(bucket?.replaced ?? replaced);
    // What a killed compaction left.
    for (const [name, { replaces }] of live) {
      if (bucket === null && replaces.some((one) => left.has(one))) await parts.dropMerged(name);
    }
    const merges =
      ended === null
        ? planMerges(await heldParts(this.#connection, datasetTable, { folder, live }))
        : planEndedMerge(live, ended);
    let after = live.size;
    for (const merge of merges) {
      await this.#merge(target, live, merge, left);
      after += 1 - merge.replaces.length;
    }
    return { before: live.size, after };
  }

  async #merge(
    target: StoreFolder,
    live: StoredParts['live'],
    { name, dataset, from, replaces }: Merge,
    left: ReadonlySet<string>,
  ): Promise<void> {
    const { folder, datasetTable } = target;
    const pick = (names: readonly string[]) => new Map([...live].filter(([part]) => names.includes(part)));
    const [sources, taken] = [pick(from), pick(replaces)];
    const isStored = (table: ResultTable) => [...sources.values()].some(({ files }) => `${table}.parquet` in files);
    const tables = dataset === null ? target.tables.filter((table) => table !== datasetTable) : [datasetTable];
    const rows = (table: ResultTable) =>
      dataset === null
        ? sql`SELECT * FROM ${tableSql(table)} ORDER BY ALL`
        : datasetRowsSql(datasetTable, dataset, { folder, live: sources });
    // What those took over that is not removed yet stays taken over.
    const earlier = [...taken.values()].flatMap((part) => part.replaces.filter((one) => left.has(one)));
    const shares = mergedShares(taken);
    await using staged = await this.#stage(
      target,
      [...new Set([...earlier, ...replaces])],
      tables.filter(isStored),
      (path, table) => this.#copy(rows(table), path, table),
      { name, isEmpty: true, ...(shares.length > 0 && { shares }), ...(dataset !== null && { dataset }) },
    );
    // One of this name has merged the same parts.
    await this.#publish(staged, 'kept');
    await target.parts.dropMerged(name);
  }

  async #copy(query: Sql, folder: string, table: ResultTable): Promise<void> {
    await this.#run(copySql(sql`(${query})`, join(folder, `${table}.parquet`), table));
  }

  /** Writes a part with a file for each of these tables, not to be seen yet; null when there is nothing to write. */
  async #stage(
    { folder }: StoreFolder,
    replaces: readonly string[],
    tables: readonly ResultTable[],
    write: (folder: string, table: ResultTable) => Promise<void>,
    { name = partName(this.#clock.nowMs(), randomUUID().slice(0, 8)), isEmpty = false, ...told }: StagedPart = {},
  ): Promise<Workspace | null> {
    if (tables.length === 0 && !isEmpty) return null;
    let workspace: Workspace | null = null;
    try {
      workspace = await Workspace.create(join(folder, name));
      const files: Record<string, string> = {};
      for (const table of tables) {
        await write(workspace.path, table);
        const file = `${table}.parquet`;
        files[file] = (await workspace.adopt(file)).sha256;
      }
      const manifest: PartManifest = { format: partFormat, files, replaces, ...told };
      await workspace.write(partManifestName, `${JSON.stringify(manifest)}\n`);
      return workspace;
    } catch (cause) {
      await workspace?.[Symbol.asyncDispose]();
      // DuckDB tells the system's failures in words; anything else is a defect.
      throw systemCode(cause) === null ? cause : writeError(folder, cause);
    }
  }

  /** Makes a part appear. One of its name may be there: not if it is `new`, with `equal` bytes, or it is `kept` as it is. */
  async #publish(workspace: Workspace | null, state: 'new' | 'equal' | 'kept' = 'new'): Promise<void> {
    if (workspace === null) return;
    const { target } = workspace;
    const made = new Map(Array.from(workspace.files, ([file, { sha256 }]) => [file, sha256]));
    const { storage } = this.#lake;
    const path = this.#lake.relative(target);
    const isFirst = (await storage?.publish(path, workspace.path, [...made.keys()])) ?? true;
    const isPlaced = isFirst && (await workspace.publish());
    // What is in the bucket already may be brought here by another process of this machine.
    if (isPlaced || state === 'kept' || (isFirst && storage !== null)) return;
    if (state === 'new') throw lostError(target, 'another of that name was made');
    const there = isFirst
      ? Object.entries(new ResultParts(dirname(target)).verify(basename(target))?.files ?? {})
      : ((await storage?.entry(path))?.files ?? []).map(({ name, sha256 }) => [name, sha256] as const);
    for (const [file, sha256] of there) {
      if (made.get(file) !== sha256) throw differingParts(target, file, sha256, made.get(file) ?? 'none');
    }
  }

  /** Points the tables at the parts that there are now. */
  async #show(): Promise<void> {
    // A writer publishes the ledger's rows first: what is listed last has those of all results.
    await this.#results.bucket?.pull();
    await this.#ledger.bucket?.pull();
    for (const name of ['ledger', 'results'] as const) {
      const { folder, parts } = name === 'ledger' ? this.#ledger : this.#results;
      this.#shown.show(name, { folder, live: parts.stored().live });
    }
  }
}
