import type { CamelCase } from '../../name_case.ts';

/**
 * Types of record fields. `price` is an i64 in units of 1e-9, `timestamp` a u64 of UNIX nanoseconds, `char` one ASCII
 * byte, `cstr` text that is closed and padded by zeros.
 */
export type FieldType =
  | 'u8'
  | 'u16'
  | 'u32'
  | 'u64'
  | 'i8'
  | 'i16'
  | 'i32'
  | 'i64'
  | 'price'
  | 'timestamp'
  | 'char'
  | 'cstr';

/** A field: DBN's name, type, byte offset (in the record, or in its level), and for `cstr` the bytes of the field. */
export type FieldRow = readonly [name: string, type: FieldType, offset: number, bytes?: number];

/**
 * One record layout. `rows` stand in the order in which Databento prints them; the header's fields are the same for all
 * records and stand in `headerRows`.
 */
export interface LayoutSpec {
  readonly name: string;
  /** First DBN version that has this layout. */
  readonly version: 1 | 2 | 3;
  readonly rtypes: readonly number[];
  /** Bytes of a record without `ts_out`. */
  readonly recordBytes: number;
  readonly rows: readonly FieldRow[];
  /** Price levels: `count` groups of fields, `bytes` apart, from `offset`. */
  readonly levels?: {
    readonly offset: number;
    readonly bytes: number;
    readonly count: number;
    readonly rows: readonly FieldRow[];
  };
}

/** Fields of the header that every record starts with; the first byte is the length in 4-byte words. */
export const headerRows = [
  ['ts_event', 'timestamp', 8],
  ['rtype', 'u8', 1],
  ['publisher_id', 'u16', 2],
  ['instrument_id', 'u32', 4],
] as const satisfies readonly FieldRow[];

/** Bytes of every field type but `cstr`, whose rows say. */
export const fieldBytes = {
  u8: 1,
  u16: 2,
  u32: 4,
  u64: 8,
  i8: 1,
  i16: 2,
  i32: 4,
  i64: 8,
  price: 8,
  timestamp: 8,
  char: 1,
} as const satisfies Record<Exclude<FieldType, 'cstr'>, number>;

type Value<T extends FieldType> = T extends 'u64' | 'i64' | 'price' | 'timestamp'
  ? bigint
  : T extends 'char' | 'cstr'
    ? string
    : number;

type Fields<R extends readonly FieldRow[]> = {
  -readonly [Row in R[number] as CamelCase<Row[0]>]: Value<Row[1]>;
};

type Levels<S extends LayoutSpec> = S extends { levels: { rows: infer R extends readonly FieldRow[] } }
  ? { levels: Fields<R>[] }
  : unknown;

/**
 * A record as an object: 64-bit integers, prices (1e-9) and timestamps (UNIX ns) are exact bigints.
 *
 * `tsOut` is there when the stream has it; `reserved` holds the bytes that belong to no field, in order, and is there
 * only when one of them is not zero, so that encoding gives the same bytes again.
 */
export type RecordOf<S extends LayoutSpec> = { layout: S['name'] } & Fields<typeof headerRows> &
  Fields<S['rows']> &
  Levels<S> & { tsOut?: bigint; reserved?: Uint8Array };
