import { deepEqual, equal, rejects } from 'node:assert/strict';
import { test } from 'node:test';
import { SpymasterError } from '../../errors.ts';
import { type Segment, segmentBins, segmentFrame, segmentText } from '../segment.ts';
import type { LiveBin } from './head_protocol.ts';
import { LiveSource } from './live_source.ts';

const bin = (seq: number): LiveBin => ({
  seq,
  frame: Uint8Array.of(seq & 255, seq >> 8),
  text: `bin ${seq}`,
  depth: Uint8Array.of(seq & 255),
  events: '',
  features: '',
  timing: { firstEventMs: 1, lastEventMs: 2, readyMs: 3 },
  eventCount: 1,
  receivedMs: seq * 100,
  readMs: seq * 100 + 1,
});
const bins = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => bin(from + i));
const never = new AbortController().signal;

function liveSource() {
  const full: Segment[] = [];
  const asked: number[] = [];
  const source = new LiveSource({
    past: {
      segment: async (index) => {
        asked.push(index);
        return full[index] as Segment;
      },
    },
    onFull: (segment) => full.push(segment),
  });
  return { source, full, asked };
}

test('the last segment grows under its readers, and is a segment as any other when it is full', async () => {
  const { source, full, asked } = liveSource();
  const waiting = source.segment(0, never);
  source.take(bins(0, 3));
  const segment = await waiting;
  deepEqual([segment.count, segment.end], [3, null]);
  // An engine that was started again makes the same bins once more.
  source.take(bins(0, segmentBins + 2));
  deepEqual([segment.count, segment.end, source.binCount], [segmentBins, null, segmentBins + 2]);
  deepEqual([...segmentFrame(segment, 63)], [63, 0]);
  equal(Buffer.from(segmentText(segment, 10)).toString(), 'bin 10');
  const [stored] = full;
  deepEqual(stored?.bytes, segment.bytes);
  equal(await source.segment(0, never), stored);
  deepEqual(asked, [0]);
  equal(source.receivedMs(65), 6500);
  source.finish({ kind: 'eof', binCount: 66 });
  const last = await source.segment(1, never);
  deepEqual([last.count, last.end], [2, { kind: 'eof', binCount: 66 }]);
  const behind = await source.segment(5, never);
  deepEqual([behind.count, behind.end], [0, { kind: 'eof', binCount: 66 }]);
});

test('who waits for a segment hears of the end, of a failure, and may give up', async () => {
  const { source } = liveSource();
  source.take(bins(0, segmentBins));
  const gone = new AbortController();
  const given = source.segment(1, gone.signal);
  gone.abort(new Error('gone'));
  await rejects(given, /gone/);
  const waiting = source.segment(1, never);
  source.finish({ kind: 'eof', binCount: segmentBins });
  deepEqual((await waiting).end, { kind: 'eof', binCount: segmentBins });

  const failing = liveSource().source;
  const hopeless = failing.segment(0, never);
  failing.fail(new SpymasterError('SCHEMA_MISMATCH', 'no'));
  await rejects(hopeless, { code: 'SCHEMA_MISMATCH' });
  await rejects(failing.segment(0, never), { code: 'SCHEMA_MISMATCH' });
});
