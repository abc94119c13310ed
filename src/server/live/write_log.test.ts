import { equal } from 'node:assert/strict';
import { test } from 'node:test';
import { WriteLogReader, WriteLogWriter } from './write_log.ts';

test('a reader knows when the bytes of each write came, as long as the write is remembered', () => {
  const writer = new WriteLogWriter();
  const reader = new WriteLogReader(writer.log);
  equal(reader.sizeBytes, 0);
  equal(reader.readMs(0), Number.NaN);
  writer.begin(100, 156, 1.5);
  writer.begin(156, 212, 2.5);
  writer.begin(212, 268, 2.5);
  equal(reader.count, 0);
  writer.done(268);
  equal(reader.count, 1);
  equal(reader.sizeBytes, 268);
  // What was written before the log began.
  equal(reader.readMs(44), Number.NaN);
  equal(reader.readMs(100), 1.5);
  equal(reader.readMs(212), 2.5);
  equal(reader.readMs(268), Number.NaN);
  for (let n = 0; n < 5000; n++) writer.begin(268 + n * 56, 324 + n * 56, n);
  equal(reader.readMs(268), Number.NaN);
  equal(reader.readMs(268 + 4990 * 56 + 10), 4990);
});

test('a wait ends by a write', async () => {
  const writer = new WriteLogWriter();
  const reader = new WriteLogReader(writer.log);
  const seen = reader.count;
  const waiting = reader.grown(seen, 60_000);
  writer.done(56);
  await waiting;
  await reader.grown(seen, 60_000);
});
