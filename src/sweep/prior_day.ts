import { SpymasterError } from '../errors.ts';
import type { DatasetManifest } from '../lake/index.ts';
import { dependsOnPriorDay } from '../orders/index.ts';
import type { SignalDefinition } from '../signals/index.ts';

/**
 * Refuses with CONFIG_INVALID a run whose signal reads features that know the trading day before: a stream makes its features of its
 * own session alone, and would have other scores than the run.
 */
export function assertNoPriorDay(
  runId: string,
  { dataset_id: datasetId, prior_sources: prior = [] }: Pick<DatasetManifest, 'dataset_id' | 'prior_sources'>,
  { name, columns }: Pick<SignalDefinition, 'name' | 'columns'>,
): void {
  const read = columns.filter(dependsOnPriorDay);
  if (prior.length === 0 || read.length === 0) return;
  throw new SpymasterError(
    'CONFIG_INVALID',
    `Cannot stream the run ${runId}: its signal ${name} reads ${read.join(', ')}, and features of its dataset ${datasetId} know the ` +
      'trading day before (pipeline.prior_day), which those of a stream do not; evaluate it on datasets without prior_day.',
    { run: runId, dataset: datasetId },
  );
}
