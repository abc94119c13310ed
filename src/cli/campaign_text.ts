import type { CampaignPlan, CampaignReport } from '../campaign/index.ts';
import type { CampaignVariant } from '../config/index.ts';
import { present } from '../errors.ts';
import { formatBytes, formatCount, formatDurationS, formatRate, plural } from '../format.ts';
import type { Measured } from '../replay/index.ts';
import { formatTable } from './table.ts';

/** What a campaign will cost, by a measured stretch. */
export interface CampaignEstimate {
  readonly measured: Measured;
  readonly workers: number;
  readonly seconds: number;
  readonly bytes: number;
}

/** Variants shown before the rest is counted. */
const maxShown = 40;

/** What a campaign would make, and what that would cost. */
export function formatCampaignPlan(plan: CampaignPlan, estimate: CampaignEstimate | null): string {
  const { spec, variants, datasets, specs } = plan;
  const there = new Set(datasets.filter(({ manifest }) => manifest !== null).map(({ datasetId }) => datasetId));
  const missing = datasets.length - there.size;
  const toWrite = specs.filter(({ exists }) => !exists).length;
  return [
    `${spec.name}: ${plural(variants.length, 'variant')} on ${plural(datasets.length, 'dataset')}, ` +
      `${there.size} there already, ${missing} to make; ${plural(toWrite, 'spec')} to write.`,
    '',
    tables(plan, (datasetId) => (there.has(datasetId) ? 'there' : 'to make')),
    '',
    estimateText(estimate, missing),
  ].join('\n');
}

function estimateText(estimate: CampaignEstimate | null, missing: number): string {
  if (estimate === null) return missing === 0 ? 'Nothing is to be made.' : '';
  const { measured, workers, seconds, bytes } = estimate;
  return (
    `About ${formatDurationS(seconds)} with ${plural(workers, 'worker')}, and ${formatBytes(bytes)}: measured by replaying ` +
    `${plural(measured.bins, 'bin')} of the first dataset that is missing, ${formatRate(1 / measured.secondsPerBin)} bins/s after ` +
    `${formatDurationS(measured.leadInS)} of reading and warming up, ${formatBytes(measured.bytesPerBin)} a bin, ` +
    `at most ${formatBytes(measured.peakBytes)} of memory a worker. Busier hours take longer.`
  );
}

/** What a campaign made. */
export function formatCampaignReport(plan: CampaignPlan, report: CampaignReport, wallS: number): string {
  const { datasets, interrupted, workers, peakBytes, indexPath } = report;
  const count = (state: string) => datasets.filter((dataset) => dataset.state === state).length;
  const failures = datasets.flatMap(({ datasetId, error }) => (error === null ? [] : [{ datasetId, error }]));
  const states = new Map(datasets.map(({ datasetId, state }) => [datasetId, state]));
  const published = datasets.filter((dataset) => dataset.published !== null).length;
  const how =
    workers === 0 || peakBytes === 0 ? '' : ` with ${plural(workers, 'worker')} of at most ${formatBytes(peakBytes)}`;
  return [
    tables(plan, (datasetId) => states.get(datasetId) ?? ''),
    '',
    `${plan.spec.name}: made ${plural(count('made'), 'dataset')} in ${formatDurationS(wallS)}${how}; ` +
      `${count('there')} were there already${published === 0 ? '' : `; ${plural(published, 'bundle')} published`}.`,
    ...(failures.length === 0 ? [] : [`${plural(failures.length, 'dataset')} failed:`]),
    ...failures.map(({ error }) => `  ${error.message}`),
    ...(interrupted || count('pending') > 0
      ? [`${formatCount(count('pending'))} are still to be made; the same command goes on from here.`]
      : []),
    indexPath,
  ].join('\n');
}

/** Variants with the number of their dataset, and the datasets by number. */
function tables({ variants, datasets }: CampaignPlan, stateOf: (datasetId: string) => string): string {
  const keys = [...new Set(variants.flatMap(({ settings }) => Object.keys(settings)))];
  const dates = new Set(variants.map(({ date }) => date)).size > 1;
  const bundles = variants.some(({ bundle }) => bundle !== null);
  const numbers = new Map(datasets.map(({ datasetId }, i) => [datasetId, String(i + 1)]));
  const row = ({ date, bundle, settings, serving, pipeline }: CampaignVariant) => [
    serving.spec.name,
    ...(dates ? [date] : []),
    ...(bundles ? [bundle ?? ''] : []),
    ...keys.map((key) => (settings[key] === undefined ? '' : JSON.stringify(settings[key]))),
    present(numbers.get(pipeline.datasetId)),
  ];
  const more = (count: number, what: string) =>
    count <= maxShown ? [] : [`… and ${plural(count - maxShown, `more ${what}`)}; --json lists them all.`];
  const variantColumns = ['serving', ...(dates ? ['session'] : []), ...(bundles ? ['bundle'] : []), ...keys];
  return [
    formatTable(
      [...variantColumns.map((title) => ({ title })), { title: 'dataset', align: 'right' }],
      variants.slice(0, maxShown).map(row),
    ),
    ...more(variants.length, 'variant'),
    '',
    formatTable(
      [{ title: '', align: 'right' }, { title: 'dataset' }, { title: 'bins', align: 'right' }, { title: 'state' }],
      datasets
        .slice(0, maxShown)
        .map(({ datasetId, expectedBins }) => [
          present(numbers.get(datasetId)),
          datasetId,
          formatCount(expectedBins),
          stateOf(datasetId),
        ]),
    ),
    ...more(datasets.length, 'dataset'),
  ].join('\n');
}
