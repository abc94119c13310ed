import { deepEqual, equal, match, ok, rejects } from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ResultsStore, ServingRegistry } from '../../src/lake/index.ts';
import { dayStream } from '../../src/sweep/day_stream.ts';
import { planSweep, type SweepPlan } from '../../src/sweep/plan.ts';
import { promoteRun } from '../../src/sweep/promote.ts';
import { runSweep } from '../../src/sweep/run_sweep.ts';
import { parseDayStreamName } from '../../src/wire/index.ts';
import { createExperimentsLake, type ExperimentsLake } from '../helpers/experiments_lake.ts';
import { fixtureRequest } from '../helpers/lab_dataset.ts';

const dates = ['2026-03-02', '2026-03-03', '2026-03-04', '2026-03-05', '2026-03-06', '2026-03-09', '2026-03-10'];

/** Two cells. */
const small = {
  tpTicks: [4],
  signalAxes: { derivative: { zscore_window_bins: [40], zscore_min_periods: [20], d2_weight: [0, 1] } },
};

let fixture: ExperimentsLake;
let plan: SweepPlan;
let store: ResultsStore;
let registry: ServingRegistry;

before(async () => {
  fixture = await createExperimentsLake();
  plan = await fixture.sweepSessions(dates, { ...small, experimentName: 'seven' });
  store = await ResultsStore.open(fixture.lake);
  registry = new ServingRegistry(fixture.lake);
});

after(() => {
  registry?.close();
  store?.close();
  fixture?.remove();
});

const named = (name: string) => {
  const parsed = parseDayStreamName(name);
  ok(parsed !== null, name);
  return dayStream(parsed, { lake: fixture.lake, store, registry });
};
const promote = (changes: Partial<Parameters<typeof promoteRun>[0]>) =>
  promoteRun({
    ...{ lake: fixture.lake, store, experimentName: 'seven', runId: plan.cells.at(0).runId, alias: 'seven' },
    ...{ now: () => '2026-04-01T00:00:00.000Z' },
    ...changes,
  });
/** What is streamed: a spec without its id and without the time of its promotion. */
const streamed = ({ spec }: { readonly spec: Awaited<ReturnType<typeof named>>['spec'] }) => ({
  ...spec,
  serving_id: '',
  source: { ...spec.source, promoted_at_utc: '' },
});

test('a day of a run streams what promotion would publish for it, and nothing is published', async () => {
  const { runId } = plan.cells.at(0);
  const before = registry.versions().length;
  for (const session of dates.slice(2, 4)) {
    const day = session.replaceAll('-', '');
    const best = await named(`${runId.slice(0, 10)}.${day}`);
    const named02 = await named(`${runId}.${day}.t0.2`);
    const { version } = await promote({ session });
    deepEqual(streamed(best), streamed(registry.resolve(version.servingId)));
    const { threshold } = best.spec.firing!;
    equal(best.servingId, `${runId}.${day}.t${threshold}`);
    equal(best.spec.serving_id, best.servingId);
    equal(best.servingName, `${runId.slice(0, 10)}.${day}`);
    deepEqual((await named(best.servingId)).spec, best.spec);
    equal(named02.spec.firing!.threshold, 0.2);
    const { version: at02 } = await promote({ session, threshold: 0.2 });
    deepEqual(streamed(named02), streamed(registry.resolve(at02.servingId)));
    equal(best.spec.runtime_snapshot.stream_dt, session);
  }
  equal(registry.versions().length, before + 4);
});

test('a day of an alias is its version, but for the session', async () => {
  const { version } = await promote({ alias: 'newest', threshold: 0.2 });
  const whole = registry.resolve('newest').spec;
  equal(whole.runtime_snapshot.stream_dt, dates.at(-1));
  const other = await named('newest.20260303');
  equal(other.servingId, `${version.servingId}.20260303`);
  deepEqual(streamed(other), {
    ...streamed({ spec: whole }),
    runtime_snapshot: { ...whole.runtime_snapshot, stream_dt: '2026-03-03' },
  });
  deepEqual((await named(`${version.servingId}.20260303`)).spec, other.spec);
  deepEqual(streamed(await named('newest.20260310')), streamed({ spec: whole }));
  await rejects(named('newest.20260303.t0.2'), {
    code: 'USAGE',
    message: /has a threshold of its own; leave .t0.2 out/,
  });
  await rejects(named('newer.20260303'), { code: 'SERVING_UNKNOWN', message: /the nearest known name is "newest"/ });
});

test('a session, a threshold or a run that is not there is an error that lists what is', async () => {
  const { runId } = plan.cells.at(0);
  await rejects(named(`${runId}.20260307`), {
    code: 'SERVING_UNKNOWN',
    message:
      /the run has no such session; of its 7 sessions the nearest are 2026-03-04, 2026-03-05, 2026-03-06, 2026-03-09, 2026-03-10\.$/,
  });
  await rejects(named(`${runId}.99999999`), { code: 'SERVING_UNKNOWN', message: /nearest are/ });
  await rejects(named(`${runId}.20260305.t0.123`), { code: 'USAGE', message: /it was evaluated at 0\.1, / });
  await rejects(named(`${'0'.repeat(31)}1.20260305`), { code: 'RUN_UNKNOWN', message: /no result has an id/ });
  for (const short of [runId.slice(0, 7), runId.toUpperCase()]) {
    await rejects(named(`${short}.20260305`), { code: 'RUN_UNKNOWN', message: /at least its first 8 digits/ });
  }
});

test('the start of a run id that is an alias as well is refused; the whole id is the run', async () => {
  const { runId } = plan.cells.at(0);
  const alias = runId.slice(0, 8);
  await promote({ alias, runId: plan.cells.at(1).runId });
  await rejects(named(`${alias}.20260305`), {
    code: 'RUN_UNKNOWN',
    message: new RegExp(`it may be the serving ${alias}, ${runId}; give the run's whole id`),
  });
  equal((await named(`${runId}.20260305`)).spec.source.run_id, runId);
});

test('a version streams the newest session outside the holdout', async () => {
  const own = { ...small, experimentName: 'held' };
  const held = planSweep(fixtureRequest(8, own));
  await runSweep({
    ...{ lake: fixture.lake, plans: [held], datasets: dates.map((datasetId) => ({ datasetId })), maxWorkers: 1 },
    ...{ timeoutMs: 60_000, keepGoing: false, force: false, codeVersion: 'test', now: () => new Date() },
    holdout: { dates: dates.slice(-2), isOpened: true },
  });
  const { runId } = held.cells.at(0);
  const { version } = await promote({ experimentName: 'held', runId, alias: 'held' });
  equal(registry.resolve(version.servingId).spec.runtime_snapshot.stream_dt, dates.at(-3));
  // What was opened may be looked at.
  equal((await named(`${runId}.20260310`)).spec.runtime_snapshot.stream_dt, '2026-03-10');
  match(version.servingId, /^srv_held_/);
});
