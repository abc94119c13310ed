import type { Schema } from '../dbn/index.ts';

/** How to read the input; the same for every `dbn` command. */
export interface InputOptions {
  readonly fragment?: true;
  readonly tsOut?: true;
  readonly upgrade?: 2 | 3;
}

/** Which records to take. */
export interface SelectionOptions {
  readonly schema?: Schema;
  readonly symbols?: readonly string[];
  readonly instruments?: readonly number[];
  readonly start?: bigint;
  readonly end?: bigint;
  readonly limit?: number;
}

/** How prices stand in Parquet: exact decimals, doubles, or integers in units of 1e-9 as in DBN. */
export type PriceType = 'decimal' | 'float' | 'fixed';

/** Where the output goes. */
export interface OutputOptions {
  readonly output: string;
  readonly zstd?: true;
  readonly force?: true;
}

export type ReadOptions = InputOptions & SelectionOptions & OutputOptions;
export type TextOptions = ReadOptions & {
  readonly pretty?: true;
  readonly mapSymbols?: true;
  readonly priceType?: PriceType;
};
export type BookOptions = TextOptions & {
  readonly levels: '1' | '10';
  readonly as?: 'dbn' | 'csv' | 'json' | 'parquet';
};
export type SplitOptions = InputOptions & {
  readonly by: 'symbol' | 'schema' | 'day';
  readonly folder: string;
  readonly zstd?: true;
  readonly force?: true;
  readonly json?: true;
};
