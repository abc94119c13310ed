import { deepEqual, equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { runGroup } from '../calibration/end_to_end.ts';
import { experimentTable } from '../calibration/experiment_table.ts';
import { sweptSignals } from '../calibration/null_lake.ts';

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
