import { equal, match } from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { mock, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { Progress } from './progress.ts';

/** A clock that the test turns. */
function turnClock(): (seconds: number) => void {
  let nowMs = 1000;
  mock.method(performance, 'now', () => nowMs);
  return (seconds) => {
    nowMs += seconds * 1000;
  };
}

const options = { label: 'Replaying', unit: 'events', total: 1000 };

test('without a terminal there is a line every ten seconds and no escape codes', (context) => {
  const turn = turnClock();
  context.after(() => mock.restoreAll());
  const stderr = new PassThrough();
  const progress = new Progress(stderr, options);
  progress.update(10);
  equal(stderr.read(), null, 'nothing for short work');
  turn(10);
  progress.update(258, 40_000);
  turn(1);
  progress.update(260, 41_000);
  progress.stop();
  equal(String(stderr.read()), 'Replaying: 40,000 events  4.00 k/s  30 s left\n');
});

test('a terminal gets a bar that goes away', async (context) => {
  const turn = turnClock();
  context.after(() => mock.restoreAll());
  const stderr = Object.assign(new PassThrough(), { isTTY: true, columns: 100 });
  let shown = '';
  stderr.on('data', (chunk) => {
    shown += String(chunk);
  });
  const progress = new Progress(stderr, options);
  progress.update(0);
  // The bar draws by a timer of its own.
  await setTimeout(300);
  turn(1);
  progress.update(500);
  await setTimeout(300);
  progress.stop();
  await setTimeout(0);
  match(shown, /Replaying \[.*500 events {2}500\/s {2}1\.0 s left/s);
});
