import type { DuckDBConnection } from '@duckdb/node-api';
import {
  type FolderParts,
  isNewestRun,
  ledgerTableNames,
  relationSql,
  runKeys,
  runKeysSql,
  storedKeysSql,
} from './result_views.ts';
import { type Relation, rawSql, type Sql, sql } from './sql.ts';

/** Where the tables are that a comparison reads: in memory, or read from the files by each query, only the columns that it asks for. */
export type Kept = 'TABLE' | 'VIEW';

/** The long and seldom read ones always stay in files. */
const keptTables: readonly Relation[] = ['runs_meta', 'runs', 'sweeps', 'looks', 'look_trials', 'walk_forwards'];

const ledgerRelations: readonly Relation[] = [...ledgerTableNames, 'stored_tried'];

/** Which of a run's rows count is known once its keys are. */
const ofRuns: readonly Relation[] = ['runs_meta', 'runs', 'trials', 'resolved'];

interface ShownFolder {
  parts: FolderParts | null;
  /** What was made of them. */
  readonly made: Set<Relation>;
}

/** The relations of a connection, each made of the parts that are shown when a query first reads it. */
export class ShownRelations {
  readonly #connection: DuckDBConnection;
  readonly #kept: Kept;
  readonly #ledger: ShownFolder = { parts: null, made: new Set() };
  readonly #results: ShownFolder = { parts: null, made: new Set() };
  #isSuperseded = false;

  constructor(connection: DuckDBConnection, kept: Kept) {
    this.#connection = connection;
    this.#kept = kept;
  }

  /** Shows these parts from now on. What was made of others is made anew. */
  show(name: 'ledger' | 'results', parts: FolderParts): void {
    const shown = name === 'ledger' ? this.#ledger : this.#results;
    const names = ({ live }: FolderParts) => [...live.keys()].join();
    if (shown.parts === null || names(shown.parts) !== names(parts)) shown.made.clear();
    shown.parts = parts;
  }

  /** Makes everything anew when it is next read. */
  forget(): void {
    for (const { made } of [this.#ledger, this.#results]) made.clear();
  }

  /** Makes those of these relations that are not there yet. */
  async make(relations: readonly Relation[]): Promise<void> {
    const wanted = new Map<Relation, Sql>();
    for (const relation of relations) await this.#want(relation, wanted);
    if (wanted.size === 0) return;
    await this.#connection.run(Array.from(wanted.values(), ({ text }) => text).join(';\n'));
    for (const relation of wanted.keys()) this.#folderOf(relation).made.add(relation);
  }

  async #want(relation: Relation, wanted: Map<Relation, Sql>): Promise<void> {
    const { parts, made } = this.#folderOf(relation);
    if (parts === null || made.has(relation) || wanted.has(relation)) return;
    if (ofRuns.includes(relation)) await this.#makeKeys();
    if (relation === 'run_keys') return this.#makeKeys();
    const query = relationSql(relation, parts, this.#isSuperseded);
    for (const one of query.relations) await this.#want(one, wanted);
    const kind = rawSql(keptTables.includes(relation) ? this.#kept : 'VIEW');
    wanted.set(relation, sql`CREATE OR REPLACE TEMP ${kind} ${rawSql(relation)} AS ${query}`);
  }

  async #makeKeys(): Promise<void> {
    const { parts, made } = this.#results;
    if (parts === null || made.has('run_keys')) return;
    const create = sql`CREATE OR REPLACE TEMP TABLE run_keys AS`;
    const isSuperseded = sql`SELECT count(*) > count(DISTINCT ${runKeys.run_id}) FROM ${runKeysSql}`;
    const counted = await this.#connection.runAndReadAll(
      `${create.text} ${storedKeysSql(parts).text};\n${isSuperseded.text}`,
    );
    this.#isSuperseded = counted.getRows()[0]?.[0] === true;
    if (this.#isSuperseded) {
      await this.#connection.run(sql`${create} SELECT * FROM ${runKeysSql} QUALIFY ${isNewestRun}`.text);
    }
    made.add('run_keys');
  }

  #folderOf(relation: Relation): ShownFolder {
    return ledgerRelations.includes(relation) ? this.#ledger : this.#results;
  }
}
