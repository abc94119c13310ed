import { deepEqual, equal, notEqual } from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { test } from 'node:test';
import type { Worker } from 'node:worker_threads';
import { SpareThread } from './spare_thread.ts';

/** A thread that does nothing but note what is asked of it. */
class FakeThread extends EventEmitter {
  readonly asked: string[] = [];
  ref = () => this.asked.push('ref');
  unref = () => this.asked.push('unref');
  terminate = async () => this.asked.push('terminate');
}

test('a thread waits for its task, is taken once, and one that ended meanwhile is replaced', async () => {
  const started: FakeThread[] = [];
  const spare = new SpareThread(() => {
    started.push(new FakeThread());
    return started.at(-1) as unknown as Worker;
  });
  const cold = spare.take();
  spare.prepare();
  spare.prepare();
  equal(started.length, 2);
  const waited = spare.take() as unknown as FakeThread;
  equal(waited, started[1]);
  // Nobody else listens to it, and it keeps the process alive again.
  deepEqual([waited.asked, waited.eventNames()], [['unref', 'ref'], []]);
  notEqual(spare.take(), cold);
  spare.prepare();
  started.at(-1)?.emit('exit', 1);
  notEqual(spare.take() as unknown, started[3]);
  spare.prepare();
  await spare[Symbol.asyncDispose]();
  equal(started.at(-1)?.asked.at(-1), 'terminate');
});
