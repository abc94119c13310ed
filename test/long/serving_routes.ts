import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Server, startServer } from '../../src/server/index.ts';
import {
  aliasHistorySchema,
  promotionAnswerSchema,
  promotionConcernsSchema,
  type RunsResponse,
  servingComparisonSchema,
} from '../../src/wire/index.ts';
import { createExperimentsLake, type ExperimentsLake } from '../helpers/experiments_lake.ts';

let fixture: ExperimentsLake;
let server: Server;

before(async () => {
  fixture = await createExperimentsLake();
  server = await startServer({ lake: fixture.lake, host: '127.0.0.1', port: 0, webRoot: '' });
});
after(async () => {
  await server?.close();
  fixture?.remove();
});

const get = async (path: string) => (await server.app.inject(path)).json() as unknown;

async function post(path: string, payload: object, headers: Record<string, string> = {}) {
  const authorization = `Bearer ${server.changeToken}`;
  const answer = await server.app.inject({
    method: 'POST',
    url: path,
    payload,
    headers: { authorization, ...headers },
  });
  return { status: answer.statusCode, body: answer.json() };
}

test('a run is promoted with a reason, compared, and rolled back, as the command line does it', async () => {
  const { runs } = (await get('/v1/experiments/runs?min_signals=0')) as RunsResponse;
  const [first, second] = runs;
  ok(first !== undefined && second !== undefined);
  const path = `/v1/experiments/runs/${first.run_id}`;
  const { concerns } = promotionConcernsSchema.parse(await get(`${path}/concerns?threshold=${first.threshold}`));
  ok(concerns.length > 0, 'a random market has no run that survives');
  const body = { alias: 'live', threshold: first.threshold, reason: ' first\ntry ' };
  const refused = await post(`${path}/promote`, body);
  deepEqual([refused.status, refused.body.error.fields.concerns], [422, concerns]);
  match(refused.body.error.message, /^Nothing was published\. /);
  equal((await post(`${path}/promote`, { ...body, reason: ' ', despite_concerns: true })).status, 422);
  equal((await post(`${path}/promote`, { ...body, alias: '../x', despite_concerns: true })).status, 422);
  equal((await post('/v1/experiments/runs/nothing/promote', { ...body, despite_concerns: true })).status, 404);
  const one = promotionAnswerSchema.parse((await post(`${path}/promote`, { ...body, despite_concerns: true })).body);
  const other = await post(`/v1/experiments/runs/${second.run_id}/promote`, {
    ...{ alias: 'live', threshold: second.threshold, reason: 'the other', despite_concerns: true },
  });
  const two = promotionAnswerSchema.parse(other.body);
  const query = new URLSearchParams({ before: one.serving_id, after: 'live' });
  const compared = servingComparisonSchema.parse(await get(`/v1/serving-comparison?${query}`));
  equal(compared.after, two.serving_id);
  ok(compared.differences.some(({ field }) => field === 'source.run_id'));
  equal((await post('/v1/aliases/live/rollback', { to: 'srv_never', reason: 'x' })).status, 404);
  equal((await post('/v1/aliases/live/rollback', { to: one.serving_id, reason: '' })).status, 422);
  deepEqual((await post('/v1/aliases/live/rollback', { to: one.serving_id, reason: 'it was better' })).body, {
    ...{ alias: 'live', serving_id: one.serving_id },
  });
  const { events } = aliasHistorySchema.parse(await get('/v1/aliases/live/history'));
  deepEqual(
    events.map(({ action, to_serving_id, reason }) => [action, to_serving_id, reason]),
    [
      ['promote', one.serving_id, 'first try'],
      ['promote', two.serving_id, 'the other'],
      ['rollback', one.serving_id, 'it was better'],
    ],
  );
  equal((await server.app.inject('/v1/aliases/dead/history')).statusCode, 404);
});

test('a change without the token, from another origin, or with a body of another kind or size changes nothing', async () => {
  const path = '/v1/aliases/live/rollback';
  const body = { to: 'srv', reason: 'x' };
  equal((await post(path, body, { authorization: 'Bearer guessed' })).status, 401);
  const { host } = new URL(server.address);
  const foreign = { host, origin: 'http://localhost:5174' };
  equal((await post(path, body, foreign)).body.error.code, 'ORIGIN');
  equal((await post(path, body, { host, origin: `http://${host}` })).status, 404);
  const authorization = `Bearer ${server.changeToken}`;
  const text = await server.app.inject({
    ...{ method: 'POST', url: path, payload: JSON.stringify(body) },
    headers: { authorization, 'content-type': 'text/plain' },
  });
  equal(text.statusCode, 422);
  equal((await post(path, { ...body, reason: 'x'.repeat(2 << 20) })).status, 413);
  equal((await post(path, { ...body, more: 1 })).status, 422);
});
