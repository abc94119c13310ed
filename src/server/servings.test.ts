import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createExperimentsLake, type ExperimentsLake } from '../../test/helpers/experiments_lake.ts';
import { servingSpec } from '../../test/helpers/serving_lake.ts';
import { connectTo, metricsOf, serve } from '../../test/helpers/stream_server.ts';
import { servingInfoSchema } from '../wire/index.ts';
import type { Server } from './index.ts';
import { servingLabel, streamKey } from './servings.ts';

const date = '2026-02-06';

let fixture: ExperimentsLake;
let server: Server;
let runId: string;

before(async () => {
  fixture = await createExperimentsLake();
  server = await serve(fixture.lake);
  runId = fixture.plan.cells.at(0).runId;
});
after(async () => {
  await server?.close();
  fixture?.remove();
});

const info = async (name: string) => {
  const response = await server.app.inject(`/v1/servings/${encodeURIComponent(name)}`);
  return { status: response.statusCode, body: response.json() };
};

test('a session of a run is streamed under its name, and what the client sends before that is followed', async () => {
  const client = connectTo(server, `serving=${runId.slice(0, 9)}.20260206.t0.2`);
  await client.opened();
  client.control('pause');
  client.control('seek', { bin_seq: -1 });
  await client.until(() => client.messages.length === 2);
  const [config, error] = client.messages;
  equal(config?.type, 'runtime_config');
  const { serving, firing, stream_dt } = config as Record<string, unknown> as {
    serving: { serving_name: string; serving_id: string; source: { run_id: string; promoted_at_utc: string } };
    firing: { threshold: number; basis: string };
    stream_dt: string;
  };
  deepEqual(
    [serving.serving_name, serving.serving_id],
    [`${runId.slice(0, 9)}.20260206.t0.2`, `${runId}.20260206.t0.2`],
  );
  deepEqual([serving.source.run_id, serving.source.promoted_at_utc], [runId, 'unpublished']);
  deepEqual([firing.threshold, firing.basis, stream_dt], [0.2, 'published', date]);
  match(String(error?.message), /bin_seq/);
  match(await metricsOf(server), /spymaster_stream_clients\{serving_id="session"\} 1/);
  client.socket.close();
  await client.closed;
});

test('what cannot be resolved is refused as an unknown serving is', async () => {
  for (const [name, pattern] of [
    [`${runId}.20260207`, /Cannot stream 2026-02-07 of the run .*it was evaluated on 2026-02-06\.$/],
    [`${runId}.20260206.t0.123`, /it was evaluated at 0\.1, /],
    ['00000000.20260206', /no result has an id that begins so/],
    ['nothing.20260206', /Cannot find the serving "nothing"/],
    ['..%2F..%2Fetc.20260206', /Cannot find the serving/],
    [`${'a'.repeat(300)}.20260206`, /Cannot find the serving/],
  ] as const) {
    const client = connectTo(server, `serving=${name}`);
    equal((await client.closed).code, 1008, name);
    deepEqual(
      client.messages.map(({ type }) => type),
      ['error'],
    );
    match(String(client.messages[0]?.message), pattern);
  }
});

test('a name tells what is known of it', async () => {
  const { status, body } = await info(`${runId}.20260206`);
  equal(status, 200);
  const known = servingInfoSchema.parse(body);
  deepEqual(known, body);
  equal(known.is_published, false);
  deepEqual([known.session, known.evidence?.threshold], [date, known.threshold]);
  const results = (await server.app.inject(`/v1/experiments/runs/${runId}/detail`)).json();
  const row = results.threshold_results.find(({ threshold }: { threshold: number }) => threshold === known.threshold);
  deepEqual([known.evidence?.n_signals, known.evidence?.q_value], [row.n_signals, row.q_value]);
  equal(known.session_result?.n_signals, row.n_signals);
  ok(Math.abs(known.session_result!.net_pnl_ticks - row.n_signals * row.mean_net_pnl_ticks) < 1e-9);

  await fixture.publish(runId, 'winner');
  const published = servingInfoSchema.parse((await info('winner')).body);
  deepEqual([published.is_published, published.evidence, published.session_result], [true, null, null]);
  equal((await info('winner.20260206')).body.serving_id, `srv_${runId.slice(0, 8)}.20260206`);
  deepEqual([(await info('loser')).status, (await info(`${runId}.20260207`)).status], [404, 404]);
});

test('sessions that stream other content under one id are computed apart', () => {
  const spec = servingSpec(`${'0'.repeat(32)}.20260206.t0.2`);
  const later = servingSpec(spec.serving_id, { stream_start_time: '10:00' });
  ok(streamKey(spec).startsWith(`${spec.serving_id}/`) && streamKey(spec) !== streamKey(later));
  equal(streamKey(spec), streamKey({ ...spec, description: 'judged anew' }));
  const published = servingSpec('srv_demo');
  deepEqual(
    [streamKey(published), servingLabel('srv_demo'), servingLabel(spec.serving_id)],
    ['srv_demo', 'srv_demo', 'session'],
  );
});
