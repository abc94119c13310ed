import type { Schema, SType } from './codes.ts';

/** DBN versions that this library reads and writes. */
export type DbnVersion = 1 | 2 | 3;

/** Meaning of a symbol during a half-open range of dates. */
export interface MappingInterval {
  /** First date, as the number YYYYMMDD. */
  readonly startDate: number;
  /** Date after the last one, as the number YYYYMMDD. */
  readonly endDate: number;
  /** The symbol in the output symbology; a decimal number when that is `instrument_id`. Empty: no mapping then. */
  readonly symbol: string;
}

/** The mappings of one symbol of the input symbology. */
export interface SymbolMapping {
  readonly rawSymbol: string;
  readonly intervals: readonly MappingInterval[];
}

/** The head of a DBN stream: what was asked for, and which symbol is which instrument. */
export interface Metadata {
  readonly version: DbnVersion;
  /** Dataset code, such as `GLBX.MDP3`. */
  readonly dataset: string;
  /** Null when the stream mixes schemas (a live recording). */
  readonly schema: Schema | null;
  /** Start of the request, UNIX nanoseconds. */
  readonly start: bigint;
  /** End of the request (exclusive), UNIX nanoseconds; null when open. */
  readonly end: bigint | null;
  /** Largest number of records that was asked for; null when there was no limit. */
  readonly limit: bigint | null;
  /** Number of records; only version 1 and DBZ have it, null when they do not say. */
  readonly recordCount: bigint | null;
  /** Null when the stream mixes input symbologies. */
  readonly stypeIn: SType | null;
  readonly stypeOut: SType;
  /** Whether each record ends in the gateway's send time (8 bytes). */
  readonly tsOut: boolean;
  /** Bytes of a symbol field, 22 in version 1, 71 since; a shorter symbol is followed by zeros. */
  readonly symbolCstrLen: number;
  readonly symbols: readonly string[];
  /** Symbols that resolved for a part of the dates only. */
  readonly partial: readonly string[];
  /** Symbols that did not resolve. */
  readonly notFound: readonly string[];
  readonly mappings: readonly SymbolMapping[];
}

/** Bytes before a metadata block's content: the magic, the version and the length. */
export const metadataPrefixBytes = 8;
/** Bytes of the fixed part of the content, from the dataset to the reserved bytes. */
export const metadataFixedBytes = 100;
export const datasetBytes = 16;
export const symbolCstrLenV1 = 22;
export const symbolCstrLenV2 = 71;
/** Number that stands for "no schema" and "no input symbology" in their fields. */
export const nullSchema = 0xffff;
export const nullSType = 0xff;
