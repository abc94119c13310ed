import type { ResultTable } from '../../wire/index.ts';
import type { Lake } from '../lake.ts';
import { BucketParts } from './bucket_parts.ts';
import { ResultParts } from './result_parts.ts';
import { type DatasetTable, ledgerTableNames, resultTableNames } from './result_views.ts';
import type { StoreFolder } from './store_folder.ts';

/** The folders of a store. */
export interface StoreFolders {
  readonly results: StoreFolder;
  readonly ledger: StoreFolder;
}

/** Those of a lake, or of its bucket. */
export function storeFolders(lake: Lake): StoreFolders {
  const { storage } = lake;
  const storeFolder = (folder: string, tables: readonly ResultTable[], datasetTable: DatasetTable): StoreFolder => {
    const bucket = storage === null ? null : new BucketParts(storage, lake.relative(folder));
    return { folder, parts: new ResultParts(folder), bucket, tables, datasetTable };
  };
  return {
    results: storeFolder(lake.results, resultTableNames, 'units'),
    ledger: storeFolder(lake.ledger, ledgerTableNames, 'tried'),
  };
}

/** Verifies the parts that there are, which the first query then finds done. What is wrong with them is said by that query. */
export function verifyFolders({ results, ledger }: StoreFolders): void {
  for (const { parts, bucket } of [ledger, results]) {
    // What is in a bucket has to come first.
    if (bucket !== null) continue;
    try {
      parts.stored();
    } catch {}
  }
}
