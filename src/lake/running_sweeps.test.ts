import { deepEqual, equal, match, rejects } from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryFolder } from '../../test/helpers/temporary_folder.ts';
import { startProcess } from '../worker.ts';
import { cancelSweep, Lake, readRunningSweeps, readSweepEnds, SweepProgressFile } from './index.ts';
import { sweepFiles } from './sweep_progress.ts';

const folder = temporaryFolder('running-sweeps');
const identity = (sweep_id: string) => ({ sweep_id, experiment_name: 'e', signal_name: 'ads' });
const now = () => new Date();
const stateOf = async (lake: Lake, nowMs = Date.now()) =>
  (await readRunningSweeps(lake, nowMs)).map(({ state }) => state);

test('a sweep is seen while it goes on, and how it ended afterwards', async () => {
  const lake = new Lake(join(folder, 'seen'));
  const file = await SweepProgressFile.start(lake, identity('s'), { now });
  deepEqual(await stateOf(lake), ['running']);
  deepEqual(await stateOf(lake, Date.now() + 60_000), ['silent'], 'its lock is held');
  file.begin({ phase: 'cells', total: 4, skipped: 2, dataset_id: 'd' });
  await file.end({ outcome: 'failed', ran: 3, skipped: 2, failed: 1, message: 'Cannot.' });
  deepEqual(await readRunningSweeps(lake, Date.now()), []);
  deepEqual(
    (await readSweepEnds(lake)).map(({ sweep_id, outcome, ran, message }) => [sweep_id, outcome, ran, message]),
    [['s', 'failed', 3, 'Cannot.']],
  );
  await rejects(cancelSweep(lake, 's', Date.now()), { code: 'RUN_UNKNOWN', message: /it does not run/ });
});

test('a request to cancel reaches the start of the sweep that it is for, and no later one', async () => {
  const lake = new Lake(join(folder, 'cancelled'));
  const first = Promise.withResolvers<void>();
  const file = await SweepProgressFile.start(lake, identity('s'), { now, onCancel: () => first.resolve() });
  equal(await cancelSweep(lake, 's', Date.now()), 'cancelling');
  deepEqual(await stateOf(lake), ['cancelling']);
  await first.promise;
  await file.end({ outcome: 'interrupted', ran: 0, skipped: 0, failed: 0, message: '' });
  equal(existsSync(sweepFiles(lake, 's').cancel), false);
  const again = await SweepProgressFile.start(lake, identity('s'), { now, onCancel: () => {} });
  deepEqual(await stateOf(lake), ['running']);
  await again.end({ outcome: 'done', ran: 0, skipped: 0, failed: 0, message: '' });
  const deaf = await SweepProgressFile.start(lake, identity('t'), { now });
  await rejects(cancelSweep(lake, 't', Date.now()), { code: 'USAGE', message: /press Ctrl-C where it was started/ });
  await deaf.end({ outcome: 'done', ran: 0, skipped: 0, failed: 0, message: '' });
});

test('a sweep whose process was killed is told from one that lives, and its files are removed on request', async () => {
  const lake = new Lake(join(folder, 'killed'));
  const child = startProcess(import.meta.url, '../../test/helpers/told_sweep', {
    execArgv: [],
    env: { ...process.env, LAKE: lake.root },
  });
  await once(child, 'message');
  deepEqual(await stateOf(lake), ['running']);
  // A second process that runs the same sweep tells nothing, and takes nothing away when it ends.
  const second = await SweepProgressFile.start(lake, identity('told'), { now });
  await second.end({ outcome: 'done', ran: 0, skipped: 0, failed: 0, message: '' });
  deepEqual(await stateOf(lake), ['running']);
  child.kill('SIGKILL');
  await once(child, 'exit');
  const [killed] = await readRunningSweeps(lake, Date.now());
  equal(killed?.state, 'killed');
  match(String(killed?.pid), /^\d+$/);
  equal(await cancelSweep(lake, 'told', Date.now()), 'removed');
  deepEqual(await readRunningSweeps(lake, Date.now()), []);
});
