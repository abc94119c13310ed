import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import type { ProductType } from '../config/index.ts';
import { SpymasterError } from '../errors.ts';
import { readError, writeFileAtomic } from '../files/index.ts';
import type { Lake } from '../lake/index.ts';

const entrySchema = z.strictObject({
  version: z.literal(1),
  /** The contract most traded on the day before, by session date. */
  contracts: z.record(z.string(), z.string()),
});

/** Contracts by session date YYYY-MM-DD. */
export type ContractsByDate = ReadonlyMap<string, string>;

/** Where the vendor's answers lie, beside the raw files of the root: `previous_volume.json`. */
function pathOf(lake: Lake, productType: ProductType, symbol: string): string {
  return join(dirname(lake.rawFolder(productType, symbol)), 'previous_volume.json');
}

/**
 * The vendor's own answers to which contract of a root was most traded on the day before, as downloads kept them: they compare
 * all contracts, of which the lake may hold one. Throws FILE_UNREADABLE for a file of another shape.
 */
export async function readVendorContracts(
  lake: Lake,
  productType: ProductType,
  symbol: string,
): Promise<ContractsByDate> {
  const path = pathOf(lake, productType, symbol);
  const text = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return null;
    throw readError(path, cause);
  });
  if (text === null) return new Map();
  try {
    return new Map(Object.entries(entrySchema.parse(JSON.parse(text)).contracts));
  } catch (cause) {
    throw new SpymasterError(
      'FILE_UNREADABLE',
      `Cannot read the contracts in ${path}: expected {version: 1, contracts: {date: symbol}}; delete the file, and the next ` +
        'download asks again.',
      { path },
      cause,
    );
  }
}

/** Adds answers of the vendor to those that are kept. Throws LAKE_NOT_WRITABLE, and what `readVendorContracts` does. */
export async function keepVendorContracts(
  lake: Lake,
  productType: ProductType,
  symbol: string,
  found: ContractsByDate,
): Promise<void> {
  if (found.size === 0) return;
  const all = new Map([...(await readVendorContracts(lake, productType, symbol)), ...found]);
  const contracts = Object.fromEntries([...all].sort(([a], [b]) => (a < b ? -1 : 1)));
  await writeFileAtomic(pathOf(lake, productType, symbol), `${JSON.stringify({ version: 1, contracts }, null, 2)}\n`);
}
