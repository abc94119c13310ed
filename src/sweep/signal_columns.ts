import { datasetSource, type Lake, readManifest } from '../lake/index.ts';
import { flowColumns } from '../replay/index.ts';
import { type SignalColumn, type SignalColumns, type SignalContext, signalContext } from '../signals/index.ts';
import { flowColumnNames, loadDataset, type SharedDataset } from './dataset.ts';

/**
 * The columns `names` of a dataset, in shared memory, and where a signal runs on them; `mostBins` bins from the first on. The flow score
 * is that of the dataset's own scoring, of a replay of its raw file.
 * @throws what `loadDataset`, `datasetSource` and `flowColumns` throw
 */
export async function signalColumns(
  lake: Lake,
  datasetId: string,
  names: readonly SignalColumn[],
  mostBins: number,
): Promise<{ readonly columns: SignalColumns; readonly context: SignalContext; readonly binCount: number }> {
  const { resolved_config: runtime } = await readManifest(lake, datasetId);
  const context = signalContext(runtime);
  const { dataset, columns } = await signalSession(lake, datasetId, context, names);
  return { columns, context, binCount: Math.min(dataset.binCount, mostBins) };
}

/** The bins of a dataset and the columns `names`, those of the flow score included, as `signalColumns` gives them. */
export async function signalSession(
  lake: Lake,
  datasetId: string,
  { radius }: SignalContext,
  names: readonly SignalColumn[],
  signal?: AbortSignal,
): Promise<{ readonly dataset: SharedDataset; readonly columns: SignalColumns }> {
  const dataset = await loadDataset(lake, datasetId, radius, names, signal);
  if (!names.some((name) => flowColumnNames.includes(name))) return { dataset, columns: dataset.columns };
  const { resolved_config: runtime } = await readManifest(lake, datasetId);
  const source = await datasetSource(lake, datasetId);
  const flow = await flowColumns(source, runtime, dataset.binCount, dataset.firstBinSeq);
  return { dataset, columns: { ...dataset.columns, ...flow } };
}
