import { deepEqual, equal, rejects } from 'node:assert/strict';
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { randomMarket, writeMarket } from '../../test/helpers/lab_dataset.ts';
import { runCommand } from '../../test/helpers/run_command.ts';
import { temporaryFolder } from '../../test/helpers/temporary_folder.ts';
import { readManifest, verifyDataset } from './datasets.ts';
import { Lake } from './lake.ts';
import { ResultsStore } from './results/results_store.ts';
import { sweepSummaries } from './results/sweep_queries.ts';

const lake = new Lake(join(temporaryFolder('foreign'), 'lake'));
const id = 'mnqh6_20260206_0925_0927_perm_v1';

test('a dataset of another program is named as such, left as it is, and not to be deleted', async () => {
  await writeMarket(lake, id, randomMarket(60, 3, 1));
  const folder = lake.datasets(id);
  const message = /another program made it \(its manifest\.json has no manifest_version\).*left as it is/;
  writeFileSync(join(folder, 'manifest.json'), '{"dataset_id": "x", "spec": {}}');
  // A changed manifest of ours is damaged.
  await rejects(readManifest(lake, id), { code: 'CHECKSUM_MISMATCH' });
  rmSync(join(folder, 'checksums.json'));
  const names = readdirSync(folder);
  for (const open of [readManifest, verifyDataset]) await rejects(open(lake, id), { code: 'DATASET_INVALID', message });
  const { out } = await runCommand('list-datasets', '--lake-root', lake.root, '--json');
  const { damaged } = JSON.parse(out) as { damaged: { dataset_id: string; foreign?: boolean }[] };
  deepEqual(
    damaged.map(({ dataset_id, foreign }) => [dataset_id, foreign]),
    [[id, true]],
  );
  rmSync(join(folder, 'manifest.json'));
  await rejects(readManifest(lake, id), { message: /another program made it \(it has no manifest\.json\)/ });
  deepEqual(
    readdirSync(folder),
    names.filter((name) => name !== 'manifest.json'),
  );
});

test('results of another program beside the parts are refused in a sentence', async () => {
  mkdirSync(lake.results, { recursive: true });
  writeFileSync(join(lake.results, 'runs.parquet'), 'PAR1');
  using store = await ResultsStore.open(lake);
  await rejects(sweepSummaries(store, {}), {
    code: 'RESULT_INVALID',
    message: /runs\.parquet is no part of them but of another program/,
  });
  rmSync(join(lake.results, 'runs.parquet'));
  equal((await sweepSummaries(store, {})).length, 0);
});
