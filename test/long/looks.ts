import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { readdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { Lake } from '../../src/lake/index.ts';
import { lookAtComparison } from '../../src/sweep/compare_looks.ts';
import { compareRuns, comparisonJson } from '../../src/sweep/compare_runs.ts';
import { experimentDocument } from '../../src/sweep/experiment_document.ts';
import type { ShownBy } from '../../src/sweep/looks.ts';
import { runDays, withStore, writeDays } from '../helpers/day_experiments.ts';
import { storedRows } from '../helpers/stored_rows.ts';
import { temporaryFolder } from '../helpers/temporary_folder.ts';

const folder = temporaryFolder('looks');
const lake = new Lake(join(folder, 'lake'));
let time = Date.UTC(2026, 2, 2);

before(() => writeDays(lake, 3, 500));

const look = (shownBy: ShownBy) => ({ shownBy, timestampUtc: new Date(time++).toISOString() });

const report = (experiment = 'fixture', shownBy: ShownBy | null = 'report') =>
  withStore(lake, (store) =>
    experimentDocument(store, experiment, '2026-03-02', shownBy === null ? null : look(shownBy)),
  );

const compare = (experiment = 'fixture') =>
  withStore(lake, async (store) => {
    const query = { experiment, sort: 'mean_net_pnl_ticks', minSignals: 0, top: 20 } as const;
    const comparison = await compareRuns(store, query);
    return comparisonJson(comparison, await lookAtComparison(store, comparison, look('compare')));
  });

const looksKept = () => withStore(lake, async (store) => (await storedRows(store, 'looks')).length);

test('a look is the first output on a set of sessions, by whatever shows it; what was added after the first is fresh', async () => {
  await runDays(lake, {}, [0, 2]);
  const unseen = await report('fixture', null);
  deepEqual([unseen.looks.times, unseen.trials[0]?.looks, await looksKept()], [0, 0, 0]);
  for (const shownBy of ['report', 'page', 'report'] as const) {
    const { looks, trials } = await report('fixture', shownBy);
    equal(looks.times, 1);
    match(looks.sentence, /^Looked at once; no session was added/);
    ok(trials.every((trial) => trial.looks === 1 && trial.fresh === null));
  }
  for (const run of (await compare()).runs) deepEqual([run.looks, run.fresh_n_sessions], [1, null]);
  equal(await looksKept(), 1);

  // The same trials in another experiment are the same trials; a day more is another look.
  await runDays(lake, { experimentName: 'daily', tpTicks: [4] }, [0, 3]);
  const { runs } = await compare('daily');
  const { trials, looks, sessions } = await report('daily');
  equal(await looksKept(), 2);
  equal(looks.times, 2);
  equal(sessions.length, 3);
  for (const trial of trials) {
    const { fresh, session_signals: signals, session_net_ticks: net } = trial;
    ok(fresh !== null);
    deepEqual([trial.looks, fresh.n_sessions, fresh.n_signals], [2, 1, signals[2]]);
    if (fresh.mean_net_pnl_ticks === null) equal(fresh.n_signals, 0);
    else ok(Math.abs(fresh.mean_net_pnl_ticks - net[2]! / signals[2]!) < 1e-9);
  }
  for (const run of runs) {
    const { fresh } = trials.find((trial) => trial.run_id === run.run_id && trial.threshold === run.threshold)!;
    deepEqual(
      [run.looks, run.fresh_n_sessions, run.fresh_n_signals, run.fresh_mean_net_pnl_ticks],
      [2, 1, fresh?.n_signals, fresh?.mean_net_pnl_ticks],
    );
    deepEqual(
      [run.fresh_mean_net_pnl_ticks_low, run.fresh_mean_net_pnl_ticks_high, run.fresh_p_profit],
      [fresh?.mean_net_pnl_ticks_low, fresh?.mean_net_pnl_ticks_high, fresh?.p_profit],
    );
  }
});

test('looks are kept by compaction and when results are deleted', async () => {
  await withStore(lake, (store) => store.compact());
  // A part a session, and one of the looks.
  equal(readdirSync(lake.ledger).filter((name) => name.startsWith('part-')).length, 4);
  const { looks } = await report('daily');
  equal(looks.times, 2);
  rmSync(lake.results, { recursive: true });
  await runDays(lake, { experimentName: 'daily', tpTicks: [4] }, [0, 3]);
  equal((await report('daily')).looks.times, 2);
});

test('a look that cannot be kept is counted once and said', async () => {
  rmSync(lake.ledger, { recursive: true });
  symlinkSync(join(lake.root, 'not', 'there'), lake.ledger);
  for (let again = 0; again < 2; again++) {
    const { looks, trials } = await report('daily');
    match(looks.unkept ?? '', /^This look could not be kept, and the next will not count it: Cannot write /);
    equal(looks.times, 1);
    ok(trials.length > 0);
    match((await compare('daily')).unkept_look ?? '', /could not be kept/);
  }
});
