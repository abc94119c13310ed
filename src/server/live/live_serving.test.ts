import { deepEqual, equal, rejects } from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { test } from 'node:test';
import { servingSpec } from '../../../test/helpers/serving_lake.ts';
import { present, SpymasterError } from '../../errors.ts';
import { liveStatusSchema } from '../../wire/index.ts';
import type { EngineRequest } from '../engine_protocol.ts';
import { SegmentCache } from '../segment_cache.ts';
import type { HeadReply, HeadRequest } from './head_protocol.ts';
import { LiveServing } from './live_serving.ts';

/** A thread of which a test plays the part. */
class FakeThread<Request> extends EventEmitter {
  readonly requests: Request[] = [];

  postMessage(request: Request): void {
    this.requests.push(request);
  }

  async terminate(): Promise<void> {}
}

const spec = servingSpec('srv_a_00000001_00000001');
/** 09:31 in New York on the day of the spec, UNIX milliseconds. */
const startMs = Date.parse('2026-02-06T14:31:00Z');
const never = new AbortController().signal;

function liveServing() {
  const heads: FakeThread<HeadRequest>[] = [];
  const crashes: SpymasterError[] = [];
  const live = new LiveServing({
    version: { servingId: spec.serving_id, servingName: 'demo', spec },
    ...{ symbol: 'MNQH6', cache: new SegmentCache(1 << 20) },
    startHead: () => {
      const head = new FakeThread<HeadRequest>();
      heads.push(head);
      return head;
    },
    startPast: () => new FakeThread<EngineRequest>(),
    onCrash: (error) => crashes.push(error),
    onDelay: () => {},
  });
  const say = (at: number, reply: HeadReply) => present(heads[at]).emit('message', reply);
  const bin = (at: number, seq: number, receivedMs: number) =>
    say(at, {
      kind: 'bins',
      bins: [
        {
          ...{
            seq,
            frame: Uint8Array.of(seq),
            text: `bin ${seq}`,
            depth: Uint8Array.of(0),
            events: '',
            features: '',
            eventCount: 1,
            receivedMs,
            readMs: 0,
          },
          timing: { firstEventMs: 1, lastEventMs: 2, readyMs: 3 },
        },
      ],
    });
  return { live, heads, crashes, say, bin };
}

test('a session is streamed once it has begun; the next recording takes its place, and it ends behind its last bin', async (t) => {
  const { live, heads, say, bin } = liveServing();
  t.after(() => live.close());
  equal(live.serves('demo'), true);
  deepEqual([live.status().connection, live.status().serving_id], ['connecting', null]);
  const first = live.session(never);
  live.begin({ path: '/a.dbn', symbol: 'MNQH6', date: '2026-02-06' });
  // The same recording goes on: nothing begins anew.
  live.begin({ path: '/a.dbn', symbol: 'MNQH6', date: '2026-02-06' });
  equal(heads.length, 1);
  say(0, { kind: 'begun', receivedMs: startMs - 10 * 60_000 + 30_000 });
  const session = await first;
  equal(live.serves('srv_a_00000001_00000001.20260206'), true);
  equal(session.facts.warm_up_short_min, 21);
  say(0, { kind: 'gap', gap: { fromNs: 1n, toNs: 2n, cause: 'disconnected' } });
  bin(0, 0, startMs + 150);
  live.report({ connection: 'retrying', retryInMs: 900, bytes: 1000, lastReceiveNs: null, delayMs: 4 });
  say(0, { kind: 'progress', byteOffset: 900, receivedMs: startMs + 150 });
  const status = liveStatusSchema.parse(live.status());
  deepEqual([status.bin_count, status.newest?.bin_seq, status.retry_in_ms, status.engine.lag_bytes], [1, 0, 900, 100]);
  deepEqual(status.gaps, [{ from_ns: '1', to_ns: '2', cause: 'disconnected' }]);
  equal(status.clock_ns, String(BigInt(startMs + 150) * 1_000_000n));

  live.begin({ path: '/b.dbn', symbol: 'MNQH6', date: '2026-02-09' });
  deepEqual(heads[0]?.requests.at(-1), { kind: 'ended' });
  const next = live.session(never);
  say(1, { kind: 'begun', receivedMs: startMs });
  equal((await next).recording.date, '2026-02-09');
  equal(session.source.isOver, false);
  say(0, { kind: 'end', end: { kind: 'eof', binCount: 1 } });
  deepEqual((await session.source.segment(0, never)).end, { kind: 'eof', binCount: 1 });
  deepEqual([live.status().date, live.status().bin_count], ['2026-02-09', 0]);
});

test('a head thread that dies is started again and makes the same bins; a recorder that gives up ends the wait for a session', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { live, heads, crashes, say, bin } = liveServing();
  live.begin({ path: '/a.dbn', symbol: 'MNQH6', date: '2026-02-06' });
  say(0, { kind: 'begun', receivedMs: startMs });
  bin(0, 0, startMs);
  present(heads[0]).emit('exit', 1);
  equal(crashes.length, 1);
  t.mock.timers.tick(1000);
  equal(heads.length, 2);
  bin(1, 0, startMs);
  bin(1, 1, startMs);
  equal(live.status().bin_count, 2);
  await live.close();

  const waiting = liveServing().live;
  const asked = waiting.session(never);
  waiting.fail(new SpymasterError('LIVE_REFUSED', 'The key was refused.'));
  await rejects(asked, { code: 'LIVE_REFUSED' });
  equal(waiting.status().failure, 'The key was refused.');
});

test("a live server is ready from the recording's first order event on, and says in words what is missing before", async (t) => {
  const { live, heads, say } = liveServing();
  t.after(() => live.close());
  const reasons = () => live.unreadyReasons(50);
  const report = { retryInMs: null, bytes: 0, lastReceiveNs: null, delayMs: null };
  deepEqual(await reasons(), ['No recording of MNQH6 has begun: the recorder is connecting to the live gateway.']);
  live.report({ ...report, connection: 'closed_market' });
  deepEqual(await reasons(), ['No recording of MNQH6 has begun: the market is closed.']);
  live.begin({ path: '/a.dbn', symbol: 'MNQH6', date: '2026-02-06' });
  const answered = async () => {
    const asking = reasons();
    deepEqual(heads.at(-1)?.requests.at(-1), { kind: 'ping' });
    say(heads.length - 1, { kind: 'pong' });
    return asking;
  };
  deepEqual(await answered(), ['The recording of MNQH6 of 2026-02-06 has no order event yet.']);
  say(0, { kind: 'begun', receivedMs: startMs });
  deepEqual(await answered(), []);
  deepEqual(await reasons(), ['The engine of MNQH6 live has not answered for 0.05 s.']);
  present(heads[0]).emit('exit', 1);
  deepEqual(await reasons(), ['The engine of MNQH6 live stopped and is being started again.']);
  live.fail(new SpymasterError('LIVE_REFUSED', 'The key is refused.'));
  deepEqual(await reasons(), ['Nothing is recorded any more. The key is refused.']);
});
