import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Lake, SweepProgressFile } from '../../src/lake/index.ts';
import { type Server, startServer } from '../../src/server/server.ts';
import {
  type ExperimentsEvent,
  experimentDocumentSchema,
  experimentListSchema,
  experimentsEventSchema,
  outcomesSchema,
  runDetailSchema,
  runsSchema,
} from '../../src/wire/index.ts';
import { createExperimentsLake, type ExperimentsLake } from '../helpers/experiments_lake.ts';

let fixture: ExperimentsLake;
let server: Server;
const serve = (lake: Lake) => startServer({ lake, host: '127.0.0.1', port: 0, webRoot: '' });

before(async () => {
  fixture = await createExperimentsLake();
  server = await serve(fixture.lake);
});
after(async () => {
  await server?.close();
  fixture?.remove();
});

const get = async (path: string) => {
  const response = await server.app.inject(`/v1/experiments${path}`);
  return { status: response.statusCode, body: response.json() };
};
const runs = async (query = '') => runsSchema.parse((await get(`/runs${query}`)).body);

test('runs come with their filters, family and sweeps, as the schema has them', async () => {
  const { runs: rows, filters, family, sweeps } = await runs('?min_signals=0&top_n=100&sort=tp_rate');
  deepEqual(new Set(rows.map(({ run_id }) => run_id)), new Set(Array.from(fixture.plan.cells, ({ runId }) => runId)));
  deepEqual(filters, { signals: ['derivative'], datasets: ['market'] });
  equal(family.runs, 12);
  equal(family.tests <= 12 * 6, true);
  deepEqual(
    sweeps.map(({ experiment_name, n_runs }) => [experiment_name, n_runs]),
    [['fixture', 12]],
  );
  const rates = rows.map((row) => row.tp_rate!);
  deepEqual(
    rates,
    [...rates].sort((a, b) => b - a),
  );
  ok(rows.every((row) => !row.can_stream && row.streaming_url === null));
});

test('queries are checked, and refused in the one shape of errors', async () => {
  equal((await runs('?top_n=3')).runs.length, 3);
  equal((await runs('?signal=ads')).runs.length, 0);
  for (const query of ['?sort=luck', '?top_n=0', '?min_signals=x', '?sorted=tp_rate']) {
    const { status, body } = await get(`/runs${query}`);
    equal(status, 422, query);
    equal(body.error.code, 'USAGE');
    match(body.error.message, /^Cannot list runs: /);
  }
  const { status, body } = await get('/runs/nothing/detail');
  equal(status, 404);
  equal(body.error.code, 'RUN_UNKNOWN');
});

test('experiments that have results are listed', async () => {
  const { body } = await get('');
  const { experiments } = experimentListSchema.parse(body);
  deepEqual(
    experiments.map(({ experiment_name, n_runs }) => [experiment_name, n_runs]),
    [['fixture', fixture.plan.cells.length]],
  );
  match(experiments[0]!.evaluated_at_utc, /^\d{4}-\d\d-\d\dT/);
});

test('the document of an experiment has its verdict, sessions and trials; an experiment without results is unknown', async () => {
  const { status, body } = await get('/document?experiment=fixture');
  equal(status, 200);
  const document = experimentDocumentSchema.parse(body);
  // Fields that the schema does not have would be left out of what it parsed.
  deepEqual(document, body);
  deepEqual(
    document.sessions.map(({ date }) => date),
    ['2026-02-06'],
  );
  deepEqual(
    new Set(document.trials.map(({ run_id }) => run_id)),
    new Set(Array.from(fixture.plan.cells, ({ runId }) => runId)),
  );
  equal(document.trials.length, 12 * fixture.plan.thresholds.values.length);
  for (const { n_signals, session_signals } of document.trials) deepEqual(session_signals, [n_signals]);
  const unknown = await get('/document?experiment=nothing');
  deepEqual([unknown.status, unknown.body.error.code], [404, 'EXPERIMENT_UNKNOWN']);
  equal((await get('/document')).status, 422);
});

test('a detail has every threshold and fold, and how to promote the run until an alias serves it', async () => {
  const { runId } = fixture.plan.cells.at(0);
  const detail = async () => runDetailSchema.parse((await get(`/runs/${runId}/detail`)).body);
  const first = await detail();
  equal(first.threshold_results.length, fixture.plan.thresholds.values.length);
  deepEqual(
    first.fold_results.map(({ threshold }) => threshold),
    fixture.plan.thresholds.values,
  );
  equal(first.fold_results[0]!.test_signals.length, 3);
  equal(first.can_stream, false);
  ok(first.promote_command.includes(`promote fixture.yaml --run-id ${runId} --alias fixture --lake-root`));
  await fixture.publish(runId, 'winner');
  const second = await detail();
  deepEqual(
    [second.can_stream, second.streaming_url, second.aliases],
    [true, '/vacuum-pressure.html?serving=winner', ['winner']],
  );
  ok((await runs('?min_signals=0')).runs.find((run) => run.run_id === runId)!.can_stream);
});

test('the listed trades are those that the results sum up', async () => {
  for (const run of (await runs('?top_n=1')).runs) {
    const { body } = await get(`/runs/${run.run_id}/outcomes?threshold=${run.threshold}`);
    const outcomes = outcomesSchema.parse(body);
    const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
    equal(outcomes.bin.length, run.n_signals);
    equal(outcomes.side.filter((side) => side === 1).length, run.n_up);
    ok(Math.abs(mean(outcomes.gain_ticks) - run.mean_pnl_ticks!) < 1e-12);
    ok(Math.abs(mean(outcomes.mid_gain_ticks) - run.mean_mid_pnl_ticks!) < 1e-12);
    const { states } = outcomes;
    const sum = (counts: readonly number[]) => counts.reduce((a, b) => a + b, 0);
    // Of 2000 bins the first 100 warm up.
    deepEqual([states.bins, sum(states.all), sum(states.transitions.flat())], [1900, 1900, 1899]);
    deepEqual([sum(states.long), sum(states.short)], [run.n_up, run.n_down]);
    equal(outcomes.result.filter((result) => result === 1).length / run.n_signals, run.tp_rate);
  }
  const refused = await get(`/runs/${fixture.plan.cells.at(0).runId}/outcomes?threshold=0.123`);
  equal(refused.status, 422);
  match(refused.body.error.message, /it was evaluated at 0\.1, /);
});

test('a HEAD of the event stream has its headers and ends', async () => {
  const answer = await fetch(`${server.address}/v1/experiments/events`, { method: 'HEAD' });
  equal(answer.status, 200);
  match(answer.headers.get('content-type')!, /^text\/event-stream/);
  equal(await answer.text(), '');
});

test('the event stream reports running sweeps and added results', async () => {
  const abort = new AbortController();
  const response = await fetch(`${server.address}/v1/experiments/events`, { signal: abort.signal });
  match(response.headers.get('content-type')!, /^text\/event-stream/);
  const lines = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  const next = async (holds: (event: ExperimentsEvent) => boolean) => {
    for (;;) {
      const end = text.indexOf('\n\n');
      if (end < 0) {
        text += (await lines.read()).value ?? '';
        continue;
      }
      const data = /^data: (.*)$/m.exec(text.slice(0, end))?.[1];
      text = text.slice(end + 2);
      if (data === undefined) continue;
      const event = experimentsEventSchema.parse(JSON.parse(data));
      if (holds(event)) return event;
    }
  };
  const first = await next(() => true);
  deepEqual(first.sweeps, []);
  const identity = { sweep_id: 's', experiment_name: 'e', signal_name: 'ads' };
  const progress = await SweepProgressFile.start(fixture.lake, identity, { now: () => new Date() });
  progress.begin({ phase: 'cells', dataset_id: 'd', total: 9, skipped: 1 });
  const running = await next((event) => event.sweeps[0]?.phase === 'cells');
  deepEqual([running.sweeps[0]!.total, running.sweeps[0]!.is_stalled], [9, false]);
  await progress.end({ outcome: 'done', ran: 8, skipped: 1, failed: 0, message: '' });
  await next((event) => event.sweeps.length === 0);
  await fixture.sweep({ experimentName: 'more', tpTicks: [4], cooldownBins: [9] });
  await next((event) => event.results_version !== first.results_version);
  abort.abort();
  await lines.closed.catch(() => {});
  equal((await runs('?experiment=more&min_signals=0')).runs.length, 6);
});

test('a lake without results answers with none', async () => {
  const root = mkdtempSync(join(tmpdir(), 'spymaster-empty-'));
  const empty = await serve(new Lake(root));
  const response = await empty.app.inject('/v1/experiments/runs');
  deepEqual(runsSchema.parse(response.json()).runs, []);
  await empty.close();
  rmSync(root, { recursive: true });
});
