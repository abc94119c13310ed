import { datasetSource, type Lake, readManifest } from '../lake/index.ts';
import { flowColumns } from '../replay/index.ts';
import { type SignalColumn, type SignalColumns, type SignalContext, signalContext } from '../signals/index.ts';
import { flowColumnNames, loadDataset } from './dataset.ts';

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
  const { binCount, firstBinSeq, columns } = await loadDataset(lake, datasetId, context.radius, names);
  const readsFlow = names.some((name) => flowColumnNames.includes(name));
  const flow = readsFlow ? await flowColumns(await datasetSource(lake, datasetId), runtime, binCount, firstBinSeq) : {};
  return { columns: { ...columns, ...flow }, context, binCount: Math.min(binCount, mostBins) };
}
