import { deepEqual, equal, ok, rejects } from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { test } from 'node:test';
import type { Channel } from '../wire/index.ts';
import type { EngineRequest } from './engine_protocol.ts';
import { SegmentWriter } from './segment.ts';
import { SegmentCache } from './segment_cache.ts';
import { ServingSource } from './serving_source.ts';

/** An engine thread that answers when the test says so. */
class FakeThread extends EventEmitter {
  readonly requests: EngineRequest[] = [];

  postMessage(request: EngineRequest): void {
    this.requests.push(request);
  }

  answer(index: number, channels: readonly Channel[] = []): void {
    const segment = new SegmentWriter(index, 8, channels).finish({ kind: 'eof', binCount: 0 });
    this.emit('message', { kind: 'segment', index, segment, tookMs: 1 });
  }

  async terminate(): Promise<void> {
    this.emit('exit', 1);
  }
}

function createSource() {
  const threads: FakeThread[] = [];
  const crashes: string[] = [];
  const source = new ServingSource({
    key: 'srv',
    cache: new SegmentCache(1 << 20),
    startThread: () => {
      const thread = new FakeThread();
      threads.push(thread);
      return thread;
    },
    onCrash: ({ message }) => crashes.push(message),
  });
  return { source, threads, crashes };
}

const signal = () => new AbortController().signal;

test('a segment is computed once for all waiting requests, and then comes from the cache', async () => {
  const { source, threads } = createSource();
  const waiting = [1, 2, 3].map(() => source.segment(5, signal()));
  threads[0]?.answer(5);
  const segments = await Promise.all(waiting);
  ok(segments.every((segment) => segment === segments[0]));
  equal(await source.segment(5, signal()), segments[0]);
  deepEqual(threads[0]?.requests, [{ kind: 'segment', index: 5, channels: [] }]);
});

test('a segment has the channels that are wanted: one under way is asked for more, one that is kept is made again with all it had', async () => {
  const { source, threads } = createSource();
  const plain = source.segment(5, signal());
  const depth = source.segment(5, signal(), ['depth']);
  const asked = (channels: readonly Channel[]) => ({ kind: 'segment', index: 5, channels });
  deepEqual(threads[0]?.requests, [asked([]), asked(['depth'])]);
  // It was made before the second request arrived.
  threads[0]?.answer(5);
  deepEqual((await plain).channels, []);
  threads[0]?.answer(5, ['depth']);
  const kept = await depth;
  equal(await source.segment(5, signal()), kept);
  equal(await source.segment(5, signal(), ['depth']), kept);
  const more = source.segment(5, signal(), ['events']);
  deepEqual(threads[0]?.requests.at(-1), asked(['depth', 'events']));
  threads[0]?.answer(5, ['depth', 'events']);
  equal(await source.segment(5, signal(), ['depth']), await more);
  equal(threads[0]?.requests.length, 3);
});

test('a segment is cancelled when its last waiting request is gone', async () => {
  const { source, threads } = createSource();
  const [first, second] = [new AbortController(), new AbortController()];
  const waiting = [first, second].map((controller) => source.segment(5, controller.signal));
  first.abort();
  await rejects(waiting[0] as Promise<unknown>, { name: 'AbortError' });
  equal(threads[0]?.requests.length, 1);
  second.abort();
  await rejects(waiting[1] as Promise<unknown>, { name: 'AbortError' });
  deepEqual(threads[0]?.requests.at(-1), { kind: 'cancel', index: 5 });
  const again = source.segment(5, signal());
  deepEqual(threads[0]?.requests.at(-1), { kind: 'segment', index: 5, channels: [] });
  threads[0]?.answer(5);
  equal((await again).index, 5);
});

test('a thread that dies fails waiting requests; the next request starts another; stopping is no crash', async () => {
  const { source, threads, crashes } = createSource();
  const lost = source.segment(0, signal());
  threads[0]?.emit('error', new Error('out of memory'));
  threads[0]?.emit('exit', 1);
  await rejects(lost, { code: 'ENGINE_STOPPED', message: /stopped: out of memory\. Connect again/ });
  equal(crashes.length, 1);
  const next = source.segment(0, signal());
  threads[0]?.answer(0);
  threads[1]?.answer(0);
  equal((await next).index, 0);
  const stopped = source.segment(1, signal());
  const stopping = source.stop();
  await rejects(stopped, { code: 'ENGINE_STOPPED' });
  await stopping;
  deepEqual([crashes.length, source.isRunning], [1, false]);
});
