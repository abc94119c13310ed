import type { Clock } from '../../files/index.ts';
import type { ResultTable } from '../../wire/index.ts';
import type { BucketParts } from './bucket_parts.ts';
import type { ResultParts } from './result_parts.ts';
import type { DatasetTable } from './result_views.ts';

export interface StoreOptions {
  /** Threads of a query; 2 by default. */
  readonly threads?: number;
  readonly clock?: Clock;
  /** Verify the parts while the database starts: for what queries at once. */
  readonly isReadAtOnce?: boolean;
  /** Keep the tables in memory that are queried again and again: what asks a few questions waits longer for that than for the files. */
  readonly isInMemory?: boolean;
}

/** A folder of parts, and the tables that they hold. */
export interface StoreFolder {
  readonly folder: string;
  readonly parts: ResultParts;
  /** The same in the bucket behind the lake; null for a lake on disk. */
  readonly bucket: BucketParts | null;
  readonly tables: readonly ResultTable[];
  /** The one that has rows of datasets. */
  readonly datasetTable: DatasetTable;
}

/** Numbers of parts that count. */
export interface Compacted {
  readonly before: number;
  readonly after: number;
}

/** What a part that is written has beside its rows. */
export interface StagedPart {
  /** By default one that no other part has. */
  readonly name?: string | undefined;
  /** Write it without any table, too. */
  readonly isEmpty?: boolean;
  readonly shares?: readonly string[];
  readonly dataset?: string;
}
