import type { ColumnName } from '../../../src/engine/index.ts';
import type { ChunkBytes } from './cell_chunk.ts';

/** Where cells lie that are not at hand: the chunks of all columns by page, `chunkBins` bins each. */
export interface CellArchive {
  /** Puts a page aside, in place of what it held; rejects where there is no room. */
  write(page: number, chunks: ReadonlyMap<ColumnName, ChunkBytes>): Promise<void>;
  /** Columns of a page that was put aside. */
  readPage(page: number, names: readonly ColumnName[]): Promise<ReadonlyMap<ColumnName, ChunkBytes>>;
  /** A column in all pages. */
  readColumn(name: ColumnName): Promise<ReadonlyMap<number, ChunkBytes>>;
  /** Gives everything up. */
  close(): void;
}
