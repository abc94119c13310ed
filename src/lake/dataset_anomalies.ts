import { type AnomalyCounters, describeAnomalies } from '../engine/index.ts';
import { camelCase } from '../name_case.ts';
import { conditionSentence } from './condition.ts';
import { type DatasetManifest, describeDatasetCoverage } from './datasets.ts';

/**
 * What is wrong with the records that a dataset was made from, in sentences without a full stop; empty for a clean feed.
 * Manifests of the first releases say less.
 */
export function datasetAnomalies(manifest: DatasetManifest): string[] {
  const { counters = {}, starts_whole: startsWhole = false }: Partial<DatasetManifest> = manifest;
  const condition = conditionSentence(manifest.condition, manifest.spec.capture.dt);
  const byName = Object.entries(counters).map(([name, count]) => [camelCase(name), count]);
  return [
    ...(condition === null ? [] : [condition.replace(/\.$/, '')]),
    ...describeAnomalies(Object.fromEntries(byName) as AnomalyCounters, startsWhole),
    ...describeDatasetCoverage(manifest),
  ];
}
