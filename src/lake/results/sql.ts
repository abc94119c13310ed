import { quoted } from '../../files/light.ts';
import type { ResultColumn, ResultColumns, ResultTable } from '../../wire/index.ts';

/** Value of a query that is bound to it, not written into its text. */
export type SqlValue = string | number | readonly string[];

/**
 * What a query reads of the parts: a table of results as it counts, the keys of all runs, or every stored row of units and of what was
 * tried, superseded ones too.
 */
export type Relation = ResultTable | 'run_keys' | 'stored_units' | 'stored_tried';

/** A piece of SQL: `values[i]` belongs between `strings[i]` and `strings[i + 1]`. */
export class Sql {
  readonly strings: readonly string[];
  readonly values: readonly SqlValue[];
  /** What it reads, some perhaps several times. */
  readonly relations: readonly Relation[];

  constructor(strings: readonly string[], values: readonly SqlValue[], relations: readonly Relation[] = []) {
    this.strings = strings;
    this.values = values;
    this.relations = relations;
  }

  /** The text with its values as $1, $2, … */
  get text(): string {
    return this.strings.reduce((text, next, index) => `${text}$${index}${next}`);
  }
}

/**
 * Template tag for SQL. Columns are written as `table.name`, pieces of SQL as they are, and everything else is bound as a
 * value, so that no text of a user becomes SQL. Columns come from `resultTables`: one that has been renamed does not compile.
 */
export function sql(texts: TemplateStringsArray, ...inserted: readonly (Sql | ResultColumn | SqlValue)[]): Sql {
  const strings = [texts[0] ?? ''];
  const values: SqlValue[] = [];
  const relations: Relation[] = [];
  const append = (text: string) => strings.push((strings.pop() ?? '') + text);
  inserted.forEach((item, index) => {
    if (item instanceof Sql) {
      append(item.strings[0] ?? '');
      strings.push(...item.strings.slice(1));
      values.push(...item.values);
      relations.push(...item.relations);
    } else if (typeof item === 'object' && 'table' in item) append(`${item.table}.${item.name}`);
    else {
      strings.push('');
      values.push(item);
    }
    append(texts[index + 1] ?? '');
  });
  return new Sql(strings, values, relations);
}

export const emptySql = new Sql([''], []);

/** Text that is SQL already. */
export function rawSql(text: string): Sql {
  return new Sql([text], []);
}

/** The name of what a query reads. */
export function tableSql(relation: Relation): Sql {
  return new Sql([relation], [], [relation]);
}

/** Text in SQL's quotes, where no value can be bound. */
export function quotedSql(text: string): Sql {
  return rawSql(quoted(text));
}

export function joinSql(pieces: readonly Sql[], separator: string): Sql {
  return pieces.reduce(
    (all, piece, index) => (index === 0 ? piece : sql`${all}${rawSql(separator)}${piece}`),
    emptySql,
  );
}

/** A query whose rows have these columns. */
export interface Query<C extends ResultColumns> {
  readonly columns: C;
  readonly sql: Sql;
}

/** The query of these columns; `rest` begins with FROM. */
export function select<C extends ResultColumns>(columns: C, rest: Sql): Query<C> {
  return { columns, sql: sql`SELECT ${columnsSql(columns)} ${rest}` };
}

/** The columns as a list of SQL, each by the name that `columns` has for it. */
export function columnsSql(columns: ResultColumns): Sql {
  const items = Object.entries(columns).map(([name, column]) =>
    name === column.name ? sql`${column}` : sql`${column} AS ${rawSql(name)}`,
  );
  return joinSql(items, ', ');
}
