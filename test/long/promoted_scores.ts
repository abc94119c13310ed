import { deepEqual, equal, match, notEqual, ok, rejects } from 'node:assert/strict';
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { captureOf, defaultRuntimeConfig, pickRuntime } from '../../src/config/index.ts';
import { datasetSource } from '../../src/lake/dataset_source.ts';
import { Lake, ResultsStore, ServingRegistry, SpecFiles } from '../../src/lake/index.ts';
import { flowColumns } from '../../src/replay/flow_columns.ts';
import { openSession } from '../../src/replay/index.ts';
import { signalDefinition } from '../../src/signals/index.ts';
import { CellRunner } from '../../src/sweep/cell_runner.ts';
import { bestThreshold, runDetail } from '../../src/sweep/compare_runs.ts';
import { loadDataset } from '../../src/sweep/dataset.ts';
import { onlineSim } from '../../src/sweep/online_sim.ts';
import { cellRuntime, planSweep } from '../../src/sweep/plan.ts';
import { promoteRun } from '../../src/sweep/promote.ts';
import { type RunExperimentOptions, runExperiment } from '../../src/sweep/run_experiment.ts';
import { sweepRequest } from '../../src/sweep/sweep_request.ts';
import { SyntheticSession } from '../../src/synth/index.ts';

const folder = mkdtempSync(join(tmpdir(), 'spymaster-promote-'));
after(() => rmSync(folder, { recursive: true }));

const instrument = { ...defaultRuntimeConfig, n_absolute_ticks: 1024, grid_radius_ticks: 26 };
const lake = new Lake(join(folder, 'lake'));
const rawPath = join(lake.rawFolder('future_mbo', 'MNQH6'), 'glbx-mdp3-20260206.mbo.dbn');

/** What each signal is swept over, scoring and parameters. */
const sweeps: Readonly<Record<string, string>> = {
  derivative: 'per_signal: {derivative: {d2_weight: [0, 0.5], zscore_window_bins: [80, 120]}}',
  jad: 'per_signal: {jad: {tanh_scale: [2, 3]}}',
  erd: 'scoring: {threshold_neutral: [0.05, 0.2], zscore_window_bins: [40, 90]}\n  per_signal: {erd: {variant: [a, b]}}',
};

before(() => {
  mkdirSync(lake.rawFolder('future_mbo', 'MNQH6'), { recursive: true });
  const session = new SyntheticSession({
    ...{ seed: 5, profile: 'busy', symbol: 'MNQH6', date: 20260206, nextDate: 20260207 },
    ...{ startNs: 1770387900_000_000_000n, durationS: 135, openS: 300, recordsPerS: 150 },
  });
  for (let chunk = session.next(); chunk !== null; chunk = session.next()) appendFileSync(rawPath, chunk);
  const write = (kind: 'pipelines' | 'serving' | 'experiments', name: string, text: string) => {
    mkdirSync(lake.specs(kind), { recursive: true });
    writeFileSync(join(lake.specs(kind), `${name}.yaml`), `name: ${name}\n${text}`);
  };
  write(
    'pipelines',
    'two_minutes',
    `pipeline_code_version: 1
capture: {product_type: future_mbo, symbol: MNQH6, dt: "2026-02-06", start_time: "09:25", end_time: "09:27"}
`,
  );
  for (const [signal, sweep] of Object.entries(sweeps)) {
    const params = signal === 'erd' ? '{zscore_window_bins: 60, zscore_min_periods: 20}' : '{zscore_min_periods: 30}';
    const scoring = '{zscore_window_bins: 60, zscore_min_periods: 20}';
    write(
      'serving',
      `serve_${signal}`,
      `pipeline: two_minutes\nscoring: ${scoring}\nsignal: {name: ${signal}, params: ${params}}
projection: {use_cubic: true, cubic_scale: 0.5, damping_lambda: 2}
`,
    );
    write(
      'experiments',
      `try_${signal}`,
      `serving: serve_${signal}
eval: {tp_ticks: [2, 4], sl_ticks: 4, max_hold_bins: 60, warmup_bins: 50, cooldown_bins: 5, split: {folds: 2}}
sweep:
  ${sweep}
`,
    );
  }
});

const load = (signal: string) =>
  new SpecFiles(lake, instrument).experiment(join(lake.specs('experiments'), `try_${signal}.yaml`));

async function options(signal: string, changes: Partial<RunExperimentOptions> = {}): Promise<RunExperimentOptions> {
  return {
    lake,
    experiment: await load(signal),
    defaultWorkers: 2,
    memoryBytes: 4e9,
    keepGoing: false,
    force: false,
    codeVersion: 'test',
    now: () => new Date(),
    notice: () => {},
    ...changes,
  };
}

for (const signal of Object.keys(sweeps)) {
  test(`a promoted ${signal} streams the scores that were evaluated, bit for bit`, async () => {
    const report = await runExperiment(await options(signal));
    const plan = report.plans[0]!;
    equal(report.ran, new Set(Array.from(plan.cells, ({ trialHash }) => trialHash)).size);
    // The last cell differs from the serving's own values on every axis.
    const cell = plan.cells.at(plan.cells.length - 1);
    using store = await ResultsStore.open(lake);
    const promotion = await promoteRun({
      ...{ lake, store, experimentName: `try_${signal}`, runId: cell.runId },
      ...{ alias: `best_${signal}`, now: () => '2026-02-07T00:00:00.000Z' },
    });
    equal(promotion.isReused, false);

    using registry = new ServingRegistry(lake);
    const { spec } = registry.resolve(`best_${signal}`);
    const { runtime_snapshot: snapshot } = spec;
    equal(spec.source.run_id, cell.runId);
    const { thresholdResults: judged } = await runDetail(store, cell.runId);
    const best = bestThreshold(judged, 5);
    const { thresholds } = signalDefinition(signal);
    ok(best !== null);
    deepEqual(spec.firing, {
      ...{ kind: thresholds.kind, threshold: best.threshold, cooldown_bins: 5, warmup_bins: 50 },
      ...(thresholds.kind === 'past_percentile' && { window_bins: 3000 }),
    });
    deepEqual(spec.projection, { use_cubic: true, cubic_scale: 0.5, damping_lambda: 2 });
    equal(spec.serving_id, `srv_try_${signal}_${cell.runId.slice(0, 8)}_${cell.configHash.slice(0, 8)}`);
    const capture = captureOf(snapshot);
    await using session = await openSession({
      path: rawPath,
      runtime: pickRuntime(snapshot),
      date: snapshot.stream_dt,
      capture,
      signal: spec.signal,
    });
    const streamed: number[] = [];
    await session.run({
      onBin: (bin) => {
        streamed.push(bin.signal.score);
        return undefined;
      },
    });

    const { columns: names } = signalDefinition(signal);
    const { datasetId } = report.sessions[0]!;
    const dataset = await loadDataset(lake, datasetId, snapshot.grid_radius_ticks, names);
    const flow =
      signal === 'erd'
        ? await flowColumns(await datasetSource(lake, datasetId), cellRuntime(plan, cell), dataset.binCount, 0)
        : {};
    const runner = new CellRunner(
      plan,
      dataset.series,
      { ...dataset.columns, ...flow },
      { startOfDayMs: 0, isOnly: true },
    );
    const evaluated = Array.from(runner.scores(cell));
    equal(evaluated.length, 1200);
    // The stream goes on to the end of the session; over the dataset's window it is the same.
    deepEqual(streamed.slice(0, evaluated.length), evaluated);
    ok(evaluated.filter((score) => score !== 0).length > 100);
    notEqual(new Set(evaluated).size, 1);
  });
}

test('promotion reuses a version, refuses what is not of the experiment, and audits', async () => {
  await runExperiment(await options('jad'));
  using store = await ResultsStore.open(lake);
  const { cells } = planSweep(sweepRequest(await load('jad')));
  const promote = (runId: string, experimentName = 'try_jad') =>
    promoteRun({ lake, store, experimentName, runId, alias: 'live', now: () => new Date().toISOString() });
  const first = await promote(cells.at(0).runId);
  const again = await promote(cells.at(0).runId);
  deepEqual([first.isReused, again.isReused], [false, true]);
  equal(again.version.servingId, first.version.servingId);
  await promote(cells.at(1).runId);
  await rejects(promote(cells.at(0).runId, 'try_derivative'), {
    code: 'RUN_UNKNOWN',
    message: /it is a run of try_jad/,
  });
  await rejects(promote('0'.repeat(32)), { code: 'RUN_UNKNOWN' });

  using registry = new ServingRegistry(lake);
  equal(registry.history('live').length, 2);
  const path = lake.path(...first.version.path.split('/'));
  writeFileSync(path, readFileSync(path, 'utf8').replace('09:25', '09:26'));
  await rejects(async () => registry.resolve(first.version.servingId), { code: 'CHECKSUM_MISMATCH' });
});

test('a run that an earlier release published with less gets a version beside that one', async () => {
  const { plans } = await runExperiment(await options('jad'));
  const plan = plans[0]!;
  using store = await ResultsStore.open(lake);
  const now = () => new Date().toISOString();
  const { runId, configHash } = plan.cells.at(2);
  const promote = () => promoteRun({ lake, store, experimentName: 'try_jad', runId, alias: 'earlier', now });
  using registry = new ServingRegistry(lake);
  const usualId = `srv_try_jad_${runId.slice(0, 8)}_${configHash.slice(0, 8)}`;
  const { spec: other } = registry.resolve('best_jad');
  const earlier = {
    ...{ serving_id: usualId, description: 'as it was', runtime_snapshot: other.runtime_snapshot },
    source: { ...other.source, run_id: runId, config_hash: configHash },
  };
  registry.publish(earlier, { now, alias: 'earlier' });
  const promotion = await promote();
  equal(promotion.isReused, false);
  match(promotion.version.servingId, new RegExp(`^${usualId}_[0-9a-f]{8}$`));
  equal(registry.resolve('earlier').spec.firing?.warmup_bins, 50);
  deepEqual(registry.resolve(usualId).spec, earlier);
  const again = await promote();
  deepEqual([again.isReused, again.version.servingId], [true, promotion.version.servingId]);
});

test('an online simulation streams every bin and reports what each took', async () => {
  for (const signalName of ['derivative', 'ads', 'erd']) {
    const { sessions } = await runExperiment(await options('derivative'));
    let clock = 0;
    const report = await onlineSim({
      ...{ lake, datasetId: sessions[0]!.datasetId, signalName, signalParameters: {}, binBudgetMs: 0.5 },
      // A clock that ticks a quarter of a millisecond at each look.
      nowMs: () => (clock += 0.25),
      residentBytes: () => 1e8,
    });
    equal(report.bins, 1200);
    ok(report.readyBins > 1000 && report.p50Us >= 250 && report.p50Us <= report.p99Us && report.p99Us <= report.maxUs);
    if (signalName === 'erd') deepEqual([report.p50Us, report.misses], [250, 0]);
    else ok(report.misses > 0);
  }
});

test('a tracking server that is down slows nothing; what it missed goes out with the next sweep', async (t) => {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url?.split('?')[0]}`);
    request.resume().on('end', () => {
      const info = { run_id: 'r1', artifact_uri: 'mlflow-artifacts:/1/r1/artifacts' };
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ experiment: { experiment_id: '1' }, run: { info } }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  const { port } = server.address() as { port: number };
  const experiment = await load('jad');
  const tracked = (trackingUri: string) => ({
    ...experiment,
    spec: {
      ...experiment.spec,
      tracking: { ...experiment.spec.tracking, backend: 'mlflow' as const, tracking_uri: trackingUri },
    },
  });
  const notices: string[] = [];
  const notice = (text: string) => notices.push(text);
  // Nothing listens on port 9 of this machine.
  const down = await options('jad', { experiment: tracked('http://127.0.0.1:9'), force: true, notice });
  equal((await runExperiment(down)).ran, 4);
  ok(
    notices.some((text) => /did not take 5 runs/.test(text)),
    notices.join(),
  );

  const up = await options('jad', { experiment: tracked(`http://127.0.0.1:${port}/`), force: true, notice });
  await runExperiment(up);
  equal(requests.filter((request) => request === 'POST /api/2.0/mlflow/runs/create').length, 10);
  equal(requests.filter((request) => request.startsWith('PUT /api/2.0/mlflow-artifacts/artifacts/1/r1/')).length, 10);
  equal(requests.filter((request) => request === 'POST /api/2.0/mlflow/runs/update').length, 10);
  ok(
    notices.some((text) => /Sent 5 runs/.test(text)),
    notices.join(),
  );
});
