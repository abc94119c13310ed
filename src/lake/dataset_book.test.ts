import { deepEqual } from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { randomMarket, writeMarket } from '../../test/helpers/lab_dataset.ts';
import { temporaryFolder } from '../../test/helpers/temporary_folder.ts';
import { datasetBookGaps } from './dataset_book.ts';
import { readManifest } from './datasets.ts';
import { Lake } from './lake.ts';

test('a book that is empty on one side, or not valid for long, is told; one that stands nearly throughout is not', async () => {
  const lake = new Lake(join(temporaryFolder('dataset-book'), 'lake'));
  const gapsOf = async (name: string, changes: object, widthMs = 100) => {
    await writeMarket(lake, name, { ...randomMarket(600, 5, 3), ...changes });
    const manifest = await readManifest(lake, name);
    const resolved_config = { ...manifest.resolved_config, cell_width_ms: widthMs };
    return datasetBookGaps(lake, { ...manifest, resolved_config });
  };
  const { midTicks, valid } = randomMarket(600, 5, 3);
  deepEqual(await gapsOf('sound', {}), []);
  deepEqual(await gapsOf('empty', { midTicks: midTicks.map(() => Number.NaN), valid: valid.map(() => 0) }), [
    'none of 600 bins has a mid, for one side of the book is empty: nothing can fire',
  ]);
  const half = { midTicks: midTicks.map(() => 1), valid: valid.map((_, bin) => (bin < 300 ? 0 : 1)) };
  deepEqual(await gapsOf('half', half), [
    'for 30 s of 1 min 0 s the book has no mid or is not valid, and nothing can fire',
  ]);
  // Of a long session a small share is many minutes.
  const some = { midTicks: midTicks.map(() => 1), valid: valid.map((_, bin) => (bin < 12 ? 0 : 1)) };
  deepEqual(await gapsOf('some', some), []);
  deepEqual(await gapsOf('long', some, 60_000), [
    'for 12 min 0 s of 10 h 0 min the book has no mid or is not valid, and nothing can fire',
  ]);
});
