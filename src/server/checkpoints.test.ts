import { deepEqual, equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { Checkpoints } from './checkpoints.ts';
import { segmentBins } from './segment.ts';

test('checkpoints of a session of any length fit the budget and stay evenly spread', () => {
  const stateBytes = 1000;
  const checkpoints = new Checkpoints(10 * stateBytes);
  for (let seq = 0; seq <= 500_000; seq++) {
    if (!checkpoints.wants(seq)) continue;
    equal(seq % segmentBins, 0);
    checkpoints.add({ nextSeq: seq, byteOffset: seq * 56, state: new Uint8Array(stateBytes) });
    ok(checkpoints.bytes <= 10 * stateBytes);
  }
  ok(checkpoints.count >= 5, 'no more than half are thinned out');
  const found = Array.from({ length: 50 }, (_, i) => checkpoints.before(i * 10_000)?.nextSeq ?? 0);
  const farthest = Math.max(...found.map((nextSeq, i) => i * 10_000 - nextSeq));
  ok(found.every((nextSeq, i) => nextSeq <= i * 10_000) && farthest <= 500_000 / 5, `${farthest} bins to replay`);
  const { byteOffset, nextSeq } = checkpoints.before(499_999) ?? { byteOffset: 0, nextSeq: 0 };
  equal(byteOffset, nextSeq * 56);
});

test('a state larger than the budget is not kept', () => {
  const checkpoints = new Checkpoints(10);
  const nextSeq = 64 * segmentBins;
  checkpoints.add({ nextSeq, byteOffset: 0, state: new Uint8Array(11) });
  deepEqual([checkpoints.count, checkpoints.bytes, checkpoints.before(1e9)], [0, 0, null]);
});
