import { deepEqual, equal, match, ok, rejects } from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { truncateSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { createServingLake, type ServingLake, servingSpec } from '../../test/helpers/serving_lake.ts';
import { StreamClient } from '../../test/helpers/stream_client.ts';
import { OverviewBuilder, parseServerMessage, type SessionOverview, sessionOverviewSchema } from '../wire/index.ts';
import { systemClock } from './clock.ts';
import { type Server, startServer } from './index.ts';
import { Overviews, type OverviewThread } from './overviews.ts';

let lake: ServingLake;
let server: Server;

before(async () => {
  lake = createServingLake(20);
  server = await startServer({ lake: lake.lake, host: '127.0.0.1', port: 0, webRoot: join(lake.lake.root, 'none') });
});

after(async () => {
  await server.close();
  lake.remove();
});

/** Asks until the answer is of the whole session, or of all that its file holds: after a second it is what there is. */
async function overviewOf(serving: string, of = server): Promise<SessionOverview> {
  for (;;) {
    const answer = await fetch(`${of.address}/v1/servings/${serving}/overview`);
    equal(answer.status, 200);
    const overview = sessionOverviewSchema.parse(await answer.json());
    if (overview.is_complete || overview.failure !== null) return overview;
  }
}

/** The overview that the bins of a stream make. */
async function streamed(of = server): Promise<{ binCount: number; columns: SessionOverview['columns'] }> {
  const client = new StreamClient(`${of.address.replace('http', 'ws')}/v1/vacuum-pressure/stream?serving=demo`);
  await client.opened();
  client.control('speed', { speed: 'max' });
  await client.closed;
  const builder = new OverviewBuilder();
  for (const { text } of client.bins) {
    const update = parseServerMessage(text);
    if (update.type !== 'grid_update') continue;
    const { mid_price: midPrice, has_bid: hasBid, has_ask: hasAsk } = update;
    builder.add({ midPrice, hasBid, hasAsk, eventCount: update.bin_event_count, bookValid: update.book_valid });
  }
  const about = { serving_id: '', start_ns: '', cell_width_ms: 100 };
  const { columns } = builder.overview(about, { is_complete: true, failure: null });
  return { binCount: client.bins.length, columns };
}

test('the overview is what the stream sends, by alias and by id, asked for before and after', async () => {
  const before = await overviewOf('demo');
  const { binCount, columns } = await streamed();
  equal(binCount, 200);
  const { spec } = lake;
  deepEqual(before, {
    serving_id: spec.serving_id,
    start_ns: '1770388260000000000',
    cell_width_ms: 100,
    bin_count: 200,
    is_complete: true,
    failure: null,
    bins_per_column: 1,
    columns,
  });
  // The stream has kept the book before the warm-up by now.
  deepEqual(await overviewOf(spec.serving_id), before);
});

test('an unknown serving is 404 with the nearest name', async () => {
  const answer = await fetch(`${server.address}/v1/servings/dmeo/overview`);
  equal(answer.status, 404);
  const { error } = (await answer.json()) as { error: { code: string; message: string } };
  equal(error.code, 'SERVING_UNKNOWN');
  match(error.message, /demo/);
});

test('a file that was cut gives the bins that stream, and says why there are no more', async (t) => {
  const cut = createServingLake(10);
  t.after(() => cut.remove());
  truncateSync(cut.rawFile, 56 * 4500);
  const of = await startServer({ lake: cut.lake, host: '127.0.0.1', port: 0, webRoot: join(cut.lake.root, 'none') });
  t.after(() => of.close());
  const overview = await overviewOf('demo', of);
  const { binCount, columns } = await streamed(of);
  ok(binCount > 0 && binCount < 100);
  deepEqual([overview.bin_count, overview.columns], [binCount, columns]);
  match(overview.failure ?? '', /byte/);
});

/** A thread that says what the test says. */
class FakeThread extends EventEmitter implements OverviewThread {
  async terminate(): Promise<void> {
    this.emit('exit', 1);
  }
  tell(isComplete: boolean): void {
    const about = { serving_id: 'srv', start_ns: '0', cell_width_ms: 100 };
    const overview = new OverviewBuilder().overview(about, { is_complete: isComplete, failure: null });
    this.emit('message', { kind: 'overview', overview });
    if (isComplete) this.emit('exit', 0);
  }
}

test('one thread at a time; a thread that dies fails waiting requests, and the next request starts another', async (t) => {
  const threads: FakeThread[] = [];
  const overviews = new Overviews({
    after: systemClock.after,
    startThread: () => {
      threads.push(new FakeThread());
      return threads.at(-1)!;
    },
  });
  t.after(() => overviews.close());
  const stays = new AbortController().signal;
  const [first, second] = [servingSpec('srv_a'), servingSpec('srv_b')];
  const answers = [overviews.of(first, stays), overviews.of(first, stays), overviews.of(second, stays)];
  equal(threads.length, 1);
  threads[0]!.tell(true);
  ok((await answers[0]!).is_complete && (await answers[1]!).is_complete);
  equal(threads.length, 2);
  threads[1]!.emit('exit', 134);
  await rejects(answers[2]!, /Cannot sum up the session: it ended with code 134/);
  const again = overviews.of(second, stays);
  equal(threads.length, 3);
  threads[2]!.tell(false);
  equal((await again).is_complete, false, 'what is known is answered after a while');
  const leaving = new AbortController();
  const left = overviews.of(second, leaving.signal);
  leaving.abort(new Error('gone'));
  await rejects(left, /gone/);
  const closing = overviews.of(servingSpec('srv_c'), stays);
  const refused = rejects(closing, /the server is stopping/);
  await overviews.close();
  await refused;
});
