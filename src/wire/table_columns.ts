import type { CamelCase } from '../name_case.ts';

/** TypeScript types of the SQL types that result columns have. */
interface TypesOf {
  readonly VARCHAR: string;
  readonly INTEGER: number;
  readonly DOUBLE: number;
  readonly BOOLEAN: boolean;
  readonly 'INTEGER[]': readonly number[];
  readonly 'DOUBLE[]': readonly number[];
}

export type ResultColumnType = keyof TypesOf;

interface ColumnSpec {
  readonly type: ResultColumnType;
  readonly isNullable: boolean;
  /** Meaning and unit, as a phrase. */
  readonly about: string;
}

/** A column of a stored table. */
export interface ResultColumn extends ColumnSpec {
  readonly table: string;
  readonly name: string;
}

/** Columns by the names that their values have in SQL and on the wire. */
export type ResultColumns = Readonly<Record<string, ResultColumn>>;

type TableColumns<T extends string, C extends Readonly<Record<string, ColumnSpec>>> = {
  readonly [N in keyof C]: C[N] & { readonly table: T; readonly name: N };
};

type ValueOf<C extends ColumnSpec> = TypesOf[C['type']] | (C['isNullable'] extends true ? null : never);

/** Values of columns in TypeScript: by the column's name in camel case. */
export type RowOf<C extends ResultColumns> = { readonly [N in keyof C & string as CamelCase<N>]: ValueOf<C[N]> };

/** Values of columns in SQL, JSON and the REST interface: by the column's name. */
export type WireRow<C extends ResultColumns> = { readonly [N in keyof C]: ValueOf<C[N]> };

export const text = (about: string) => ({ type: 'VARCHAR', isNullable: false, about }) as const;
export const integer = (about: string) => ({ type: 'INTEGER', isNullable: false, about }) as const;
export const double = (about: string) => ({ type: 'DOUBLE', isNullable: false, about }) as const;
export const boolean = (about: string) => ({ type: 'BOOLEAN', isNullable: false, about }) as const;
export const integers = (about: string) => ({ type: 'INTEGER[]', isNullable: false, about }) as const;
export const doubles = (about: string) => ({ type: 'DOUBLE[]', isNullable: false, about }) as const;
export const orNull = <T extends ResultColumnType>({ type, about }: { readonly type: T; readonly about: string }) =>
  ({ type, isNullable: true, about }) as const;

export function table<T extends string, C extends Readonly<Record<string, ColumnSpec>>>(
  name: T,
  columns: C,
): TableColumns<T, C>;
export function table(name: string, columns: Readonly<Record<string, ColumnSpec>>): ResultColumns {
  return Object.fromEntries(Object.entries(columns).map(([key, spec]) => [key, { table: name, name: key, ...spec }]));
}
