import { deepEqual, equal, ok } from 'node:assert/strict';
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { defaultRuntimeConfig, resolveDay } from '../../src/config/index.ts';
import { Lake, ResultsStore, readManifest, SpecFiles } from '../../src/lake/index.ts';
import { generateDataset } from '../../src/replay/index.ts';
import { resolveSessions } from '../../src/sessions/index.ts';
import { runExperiment } from '../../src/sweep/index.ts';
import { storedRows } from '../helpers/stored_rows.ts';
import { temporaryFolder } from '../helpers/temporary_folder.ts';
import { createTwoDaysLake, twoDaysExperiment } from '../helpers/two_days_lake.ts';

const instrument = { ...defaultRuntimeConfig, n_absolute_ticks: 1024, grid_radius_ticks: 26 };
const fixture = await createTwoDaysLake();
after(() => fixture.remove());
const lake = new Lake(join(temporaryFolder('more-columns'), 'lake'));

async function load() {
  const specs = new SpecFiles(lake, instrument);
  const experiment = await specs.anyExperiment(join(lake.specs('experiments'), `${twoDaysExperiment}.yaml`));
  if (experiment.sessions === null) throw new Error('the experiment has sessions');
  return experiment;
}

/** Makes the datasets of both days with these columns; gives their ids. */
async function generate(columns: 'all' | string[]): Promise<string[]> {
  const experiment = await load();
  const { pipeline } = experiment.serving;
  const spec = { ...pipeline.spec, pipeline: { ...pipeline.spec.pipeline, columns } };
  const ids: string[] = [];
  for (const session of (await resolveSessions(lake, experiment)).sessions) {
    const { capture } = session.pipeline.spec;
    const day = { ...resolveDay({ ...pipeline, spec }, capture, pipeline.origin), path: pipeline.path };
    ids.push((await generateDataset({ lake, pipeline: day, codeVersion: 'test' })).manifest.dataset_id);
  }
  return ids;
}

const run = async () =>
  runExperiment({
    ...{ lake, experiment: await load(), defaultWorkers: 2, memoryBytes: 4e9, keepGoing: false, force: false },
    ...{ codeVersion: 'test', now: () => new Date(), notice: () => {} },
  });

/** Units and runs as stored, but for times and the datasets that served. */
async function numbersOf(of: Lake) {
  using store = await ResultsStore.open(of);
  const units = await storedRows(store, 'units');
  const runs = await storedRows(store, 'runs');
  return {
    units: units.map(({ timestampUtc, datasetId, ...row }) => row),
    runs: runs.map(({ timestampUtc, ...row }) => row),
  };
}

test('a dataset with more columns serves, and the results are those of one with fewer', async () => {
  for (const part of ['raw', 'research/vp_harness/configs']) {
    cpSync(join(fixture.lake.root, part), join(lake.root, part), { recursive: true });
  }
  const [all] = [await generate('all')];
  const some = await generate(['state5_code', 'add_mass']);
  await generate(['add_mass']);
  const report = await run();
  deepEqual([report.madeDatasets, report.ran], [0, 4]);
  // Of those that have the states, the ones with the fewest bytes.
  deepEqual(
    report.sessions.map(({ datasetId }) => datasetId),
    some,
  );
  deepEqual(await numbersOf(lake), await numbersOf(fixture.lake));

  for (const id of some) rmSync(lake.datasets(id), { recursive: true });
  const again = await run();
  deepEqual([again.madeDatasets, again.ran, again.skipped], [0, 0, 4]);
  deepEqual(
    again.sessions.map(({ datasetId }) => datasetId),
    all,
  );
  deepEqual(await numbersOf(lake), await numbersOf(fixture.lake));
  ok(again.statistics !== null);

  for (const id of all) rmSync(lake.datasets(id), { recursive: true });
  const made = await run();
  deepEqual([made.madeDatasets, made.ran], [2, 0]);
  const [first] = made.sessions;
  equal((await readManifest(lake, first?.datasetId ?? '')).spec.pipeline.columns?.length, 1);
});
