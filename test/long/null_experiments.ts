import { deepEqual, equal, ok } from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { runGroup } from '../calibration/end_to_end.ts';
import { experimentTable } from '../calibration/experiment_table.ts';
import { sweptSignals } from '../calibration/null_lake.ts';
import { temporaryFolder } from '../helpers/temporary_folder.ts';

test('a day of the null market is swept by all signals and judged, with and without costs', async () => {
  const { experiments } = await runGroup(0, 1);
  deepEqual(
    experiments.map(({ sessions, costs }) => [sessions, costs]),
    [
      [1, 'half'],
      [1, 'none'],
    ],
  );
  const [costly, free] = experiments;
  // Costs are no axis: the same trials are tested, and a tick of costs only moves r.
  equal(costly!.tested, free!.tested);
  equal(costly!.coverage, free!.coverage);
  equal(costly!.p01, 0);
  ok(free!.tested > 60 && free!.overlapping > 0.1 && Object.keys(free!.bySignal).length >= sweptSignals.length - 1);
  ok(experiments.every(({ verdict }) => verdict !== 'holds'));
  const rows = experimentTable(experiments);
  ok(rows.every(({ value, families }) => Number.isFinite(value) && families === 1));
});

test('both commands start, and print what their file has', () => {
  const folder = temporaryFolder('calibration');
  for (const name of ['bare', 'end_to_end']) {
    const script = fileURLToPath(new URL(`../calibration/${name}.ts`, import.meta.url));
    const arguments_ = [script, '--budget', '0', '--out', join(folder, `${name}.jsonl`)];
    const { status, stdout, stderr } = spawnSync(process.execPath, arguments_, { encoding: 'utf8' });
    deepEqual([status, stderr], [0, '']);
    ok(/^0 (chunks|of 17 groups)/m.test(stdout), stdout);
  }
});
