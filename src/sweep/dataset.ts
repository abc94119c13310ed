import { type FeatureSignalColumn, tickSizeInt } from '../config/index.ts';
import { DatasetReader, type Lake, readManifest, verifyDataset } from '../lake/index.ts';
import {
  type BinSignalColumn,
  isBinColumn,
  isFeatureColumn,
  type SignalColumn,
  type SignalColumns,
} from '../signals/index.ts';
import type { BinSeries } from './cell_runner.ts';

/** A dataset in memory that worker threads share: what a sweep reads of it. */
export interface SharedDataset {
  readonly datasetId: string;
  readonly binCount: number;
  /** `bin_seq` of the first bin. */
  readonly firstBinSeq: number;
  readonly series: BinSeries;
  /** The columns asked for: 2·radius + 1 rows a bin, zero where the dataset leaves a row out. */
  readonly columns: SignalColumns;
}

/** Columns of a dataset's grid that signals read and that are int8; the others are float64. */
const int8Columns: readonly string[] = ['state5_code', 'flow_state_code'];

/** Columns that datasets do not hold, since they belong to the model: see `flowColumns`. */
export const flowColumnNames: readonly SignalColumn[] = ['flow_score', 'flow_state_code'];

/**
 * Loads the bins, and the columns `names` of the grid, the mid and the features, of a dataset into shared memory. Rejects soon when `signal` aborts.
 * @throws DATASET_UNKNOWN, CHECKSUM_MISMATCH, and DATASET_INVALID for a file or column that is missing or rows that cannot be
 */
export async function loadDataset(
  lake: Lake,
  datasetId: string,
  radius: number,
  names: readonly SignalColumn[],
  signal?: AbortSignal,
): Promise<SharedDataset> {
  // Hashing the files goes on while they are read; what was read counts only if they are as they were made.
  const verified = verifyDataset(lake, datasetId);
  verified.catch(() => {});
  const manifest = await readManifest(lake, datasetId);
  try {
    using reader = await DatasetReader.open(lake, manifest, { threads: 2, signal });
    const bins = await loadBins(reader);
    const stored = names.filter((name) => !flowColumnNames.includes(name) && !isBinColumn(name));
    const grid = await loadGrid(reader, bins, radius, stored);
    const tickInt = tickSizeInt(manifest.resolved_config);
    const ofBins = await loadBinColumns(reader, bins, names.filter(isBinColumn), tickInt);
    const columns = { ...grid, ...inAllRows(ofBins, 2 * radius + 1) };
    await verified;
    return { datasetId, ...bins, columns };
  } catch (error) {
    signal?.throwIfAborted();
    // That a file changed says more than how its reading went wrong.
    await verified;
    throw error;
  }
}

type Bins = Pick<SharedDataset, 'binCount' | 'firstBinSeq' | 'series'>;

/** Every bin of a dataset. @throws DATASET_INVALID for bins that are missing, and what `DatasetReader.mids` throws */
export async function loadBins(reader: DatasetReader): Promise<Bins> {
  const { first, last, count } = await reader.binRange();
  if (last - first + 1 !== count) {
    throw reader.invalid('bins', `expected ${last - first + 1} bins from ${first} to ${last}, got ${count}`);
  }
  const mids = new Float64Array(new SharedArrayBuffer(count * 8));
  const tradable = new Uint8Array(new SharedArrayBuffer(count));
  const spreads = new Float64Array(new SharedArrayBuffer(count * 8));
  for await (const { count: rows, bin, midInt, isTradable, spreadInt } of reader.mids()) {
    for (let row = 0; row < rows; row++) {
      const at = bin[row]! - first;
      mids[at] = midInt[row]!;
      tradable[at] = isTradable[row]!;
      spreads[at] = spreadInt[row]!;
    }
  }
  return { binCount: count, firstBinSeq: first, series: { mids, tradable, spreads } };
}

/**
 * Numbers of every bin, NaN where one is not known; `tickInt` is a tick of the grid in 1e-9 price units.
 * @throws what `DatasetReader.features` throws
 */
export async function loadBinColumns(
  reader: DatasetReader,
  bins: Bins,
  names: readonly BinSignalColumn[],
  tickInt: number,
): Promise<Map<BinSignalColumn, Float64Array>> {
  const columns = new Map<BinSignalColumn, Float64Array>(
    await loadFeatures(reader, bins, names.filter(isFeatureColumn)),
  );
  if (names.includes('mid'))
    columns.set(
      'mid',
      bins.series.mids.map((mid) => mid / tickInt),
    );
  return columns;
}

async function loadFeatures(
  reader: DatasetReader,
  { binCount, firstBinSeq }: Pick<Bins, 'binCount' | 'firstBinSeq'>,
  names: readonly FeatureSignalColumn[],
): Promise<Map<FeatureSignalColumn, Float64Array>> {
  const columns = names.map((name) => [name, new Float64Array(binCount).fill(Number.NaN)] as const);
  if (names.length > 0) {
    let rows = 0;
    for await (const { count, bin, values } of reader.features(names)) {
      rows += count;
      for (const [index, [, column]] of columns.entries()) {
        for (let row = 0; row < count; row++) column[bin[row]! - firstBinSeq] = values[index]![row]!;
      }
    }
    if (rows !== binCount) throw reader.invalid('features', `expected ${binCount} bins, got ${rows}`);
  }
  return new Map(columns);
}

/** Values of bins in shared memory, repeated for each of a bin's rows. */
function inAllRows(numbers: ReadonlyMap<BinSignalColumn, Float64Array>, rows: number): Partial<SignalColumns> {
  return Object.fromEntries(
    [...numbers].map(([name, values]) => {
      const column = new Float64Array(new SharedArrayBuffer(values.length * rows * 8));
      for (const [bin, value] of values.entries()) column.fill(value, bin * rows, (bin + 1) * rows);
      return [name, column];
    }),
  );
}

async function loadGrid(
  reader: DatasetReader,
  { binCount, firstBinSeq }: Bins,
  radius: number,
  names: readonly SignalColumn[],
): Promise<SignalColumns> {
  const rowsPerBin = 2 * radius + 1;
  const size = binCount * rowsPerBin;
  const columns = names.map((name) =>
    int8Columns.includes(name)
      ? new Int8Array(new SharedArrayBuffer(size))
      : new Float64Array(new SharedArrayBuffer(size * 8)),
  );
  if (names.length > 0) {
    for await (const { count, bin, k, values } of reader.grid(names)) {
      const targets = new Int32Array(count);
      for (let row = 0; row < count; row++) {
        const target = (bin[row]! - firstBinSeq) * rowsPerBin + k[row]! + radius;
        if (Math.abs(k[row]!) > radius || target < 0 || target >= size) {
          throw reader.invalid('grid', `a row lies outside its bins or outside ±${radius} ticks`);
        }
        targets[row] = target;
      }
      for (let index = 0; index < names.length; index++) {
        const source = values[index]!;
        const column = columns[index]!;
        for (let row = 0; row < count; row++) column[targets[row]!] = source[row]!;
      }
    }
  }
  return Object.fromEntries(names.map((name, index) => [name, columns[index]])) as unknown as SignalColumns;
}
