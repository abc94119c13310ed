import { deepEqual, equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { type ConnectionEvent, type ConnectionState, connectionStep, retryDelayMs, unconnected } from './connection.ts';

const run = (...events: ConnectionEvent[]): ConnectionState =>
  events.reduce((state, event) => connectionStep(state, event, 0), unconnected);
const closed = (code: number): ConnectionEvent => ({ event: 'closed', code });

test('a broken connection is tried again, ever more slowly, until it stands', () => {
  const delays: number[] = [];
  let state = run({ event: 'config' }, closed(1006));
  for (let attempt = 0; attempt < 9; attempt++) {
    ok(state.phase === 'waiting');
    delays.push(state.delayMs);
    state = connectionStep(connectionStep(state, { event: 'retry' }, 0), closed(1006), 0);
  }
  deepEqual(delays, [250, 500, 1000, 2000, 4000, 8000, 8000, 8000, 8000]);
  equal(run({ event: 'config' }, closed(1006), { event: 'retry' }, { event: 'config' }).phase, 'streaming');
  equal(retryDelayMs(1, 0.999) >= 187, true);
});

test('a refusal says what the server said and is not tried again', () => {
  const refused = run({ event: 'error', message: 'No such serving.' }, closed(1008));
  deepEqual(refused, { phase: 'refused', message: 'No such serving.' });
  equal(connectionStep(refused, closed(1006), 0), refused);
  ok(run(closed(1008)).phase === 'refused');
});

test('a server that is busy or failing is tried again, with its own words', () => {
  const state = run({ event: 'error', message: 'Too many clients.' }, closed(1013));
  ok(state.phase === 'waiting' && state.reason === 'Too many clients.');
});

test('the end and a broken contract are final, whatever closes after', () => {
  deepEqual(run({ event: 'config' }, { event: 'eof', binCount: 9 }, closed(1000)), { phase: 'ended', binCount: 9 });
  const violated = run({ event: 'config' }, { event: 'violation', message: 'No.', field: 'k' }, closed(1000));
  deepEqual(violated, { phase: 'violated', message: 'No.', field: 'k' });
});
