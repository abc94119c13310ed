import { deepEqual, equal, rejects } from 'node:assert/strict';
import { appendFileSync, truncateSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { mboMetadata } from '../../test/helpers/mbo_metadata.ts';
import { temporaryFolder } from '../../test/helpers/temporary_folder.ts';
import { encodeGapMark, encodeMetadata, MboEncoder, mboRecordBytes } from '../dbn/index.ts';
import { FileLock } from './file_lock.ts';
import {
  type Growth,
  isBeingRecorded,
  noGrowth,
  openGrowingRecords,
  pollingGrowth,
  recordingLockPath,
} from './growing_records.ts';
import { openRecords } from './open_records.ts';

const folder = temporaryFolder('growing-records');
const head = encodeMetadata(mboMetadata('MNQH6', 1, { schema: null }));

/** `count` MBO records, a gap mark after every third. */
function records(count: number): Uint8Array {
  const parts: Uint8Array[] = [];
  for (let i = 0; i < count; i++) {
    const encoder = new MboEncoder(new Uint8Array(mboRecordBytes));
    encoder.writeWords(1, 1, i, 7, i, 0, i, 4, i, 128, i, 7, 0, i);
    parts.push(encoder.bytes);
    if (i % 3 === 2) parts.push(encodeGapMark({ fromNs: BigInt(i), toNs: BigInt(i + 1), cause: 'lost' }, 3, false));
  }
  return Buffer.concat(parts);
}

const file = (name: string, bytes: Uint8Array): string => {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
};

/** The growth of a file that takes one step each time the reader waits; it has ended after the last. */
function stepwise(steps: readonly (() => void)[]): Growth {
  const left = [...steps];
  return {
    grownPast: async () => {
      const step = left.shift();
      step?.();
      return step === undefined ? 'ended' : 'grown';
    },
  };
}

async function drain(path: string, growth: Growth, startByteOffset?: number) {
  await using source = await openGrowingRecords(path, growth, startByteOffset === undefined ? {} : { startByteOffset });
  const parts: Uint8Array[] = [];
  for await (const { bytes } of source) parts.push(bytes.slice());
  return { bytes: Buffer.concat(parts), tornTail: source.tornTail };
}

test('a file that is written in any pieces gives the records of the whole file, from any of them on', async () => {
  const body = records(12);
  const whole = Buffer.concat([head, body]);
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 0, max: whole.length }), { maxLength: 12 }),
      fc.integer({ min: 0, max: 3 }),
      async (cuts, skipped) => {
        const [first = 0, ...rest] = [...cuts].sort((a, b) => a - b);
        const path = file('pieces.dbn', whole.subarray(0, first));
        const steps = [...rest, whole.length].map(
          (to, i) => () => appendFileSync(path, whole.subarray([first, ...rest][i], to)),
        );
        const offset = skipped * mboRecordBytes - (skipped === 3 ? mboRecordBytes : 0);
        const read = await drain(path, stepwise(steps), skipped === 0 ? undefined : head.length + offset);
        deepEqual(read, { bytes: body.subarray(offset), tornTail: null });
      },
    ),
    { numRuns: 60 },
  );
});

test('what is no whole record at the end is left out and told once the file has ended, wherever it was cut', async () => {
  const body = records(3);
  const whole = Buffer.concat([head, body]);
  const ends = [0, 1, 2, 3].map((count) => count * mboRecordBytes).concat(body.length);
  for (let cut = 0; cut <= body.length; cut++) {
    const path = file('torn.dbn', whole.subarray(0, head.length + cut));
    const end = Math.max(...ends.filter((at) => at <= cut));
    const read = await drain(path, noGrowth);
    deepEqual(read.bytes, body.subarray(0, end));
    deepEqual(read.tornTail, cut === end ? null : { byteOffset: head.length + end, bytes: cut - end });
  }
  await rejects(drain(file('torn.dbn', whole.subarray(0, 40)), noGrowth), { code: 'DBN_TRUNCATED' });
  await rejects(drain(file('torn.dbn', new Uint8Array(0)), noGrowth), { code: 'DBN_TRUNCATED' });
  await rejects(drain(join(folder, 'none.dbn'), noGrowth), { code: 'FILE_NOT_FOUND' });
});

test('a torn tail that the recorder cuts off and writes anew, shorter or longer, is read as it then is', async () => {
  const body = records(2);
  const other = records(4).subarray(2 * mboRecordBytes);
  for (const tail of [body.subarray(0, 30), new Uint8Array(4096), new Uint8Array(3 << 20)]) {
    const path = file('rewritten.dbn', Buffer.concat([head, body, tail]));
    const size = head.length + body.length;
    const steps = [
      () => truncateSync(path, size),
      () => appendFileSync(path, other.subarray(0, 20)),
      () => appendFileSync(path, other.subarray(20)),
    ];
    deepEqual(await drain(path, stepwise(steps)), { bytes: Buffer.concat([body, other]), tornTail: null });
  }
});

test('zeros at the end are waited for, and told when nothing comes in their place', async () => {
  const body = records(2);
  const path = file('zeros.dbn', Buffer.concat([head, body, new Uint8Array(4096)]));
  const read = await drain(path, noGrowth);
  deepEqual(read, { bytes: body, tornTail: { byteOffset: head.length + body.length, bytes: 4096 } });
  const damaged = file('damaged.dbn', Buffer.concat([head, body, new Uint8Array(2 << 20), body]));
  await rejects(drain(damaged, noGrowth), { code: 'DBN_CORRUPT' });
});

test('a plain recording is opened as far as it goes, and a historical file that was cut stays an error', async () => {
  const body = records(2);
  const read = async (schema: 'mbo' | null) => {
    const start = encodeMetadata(mboMetadata('MNQH6', 1, { schema }));
    await using source = await openRecords(file('cut.dbn', Buffer.concat([start, body, body.subarray(0, 9)])));
    let count = 0;
    for await (const batch of source) count += batch.count;
    return { count, torn: source.tornTail?.bytes };
  };
  deepEqual(await read(null), { count: 2, torn: 9 });
  await rejects(read('mbo'), { code: 'DBN_TRUNCATED' });
});

test('closing the source, or the signal of its growth, ends a wait', async () => {
  const path = file('waiting.dbn', Buffer.concat([head, records(1)]));
  const never: Growth = { grownPast: () => new Promise(() => {}) };
  const source = await openGrowingRecords(path, never);
  const batches = source[Symbol.asyncIterator]();
  equal((await batches.next()).done, false);
  const waiting = batches.next();
  await source.close();
  equal((await waiting).done, true);

  const abort = new AbortController();
  const polled = drain(
    path,
    pollingGrowth(path, () => false, abort.signal),
  );
  abort.abort(new Error('enough'));
  await rejects(polled, { message: 'enough' });
});

test('a compressed file has ended, and is read as any other', async () => {
  const body = records(2);
  const path = file('whole.dbn.zst', zstdCompressSync(Buffer.concat([head, body])));
  deepEqual(await drain(path, noGrowth), { bytes: body, tornTail: null });
  await using source = await openRecords(path);
  equal(source.tornTail, null);
});

test('polling follows a file while its recorder holds the lock, and reads to the end of one that is removed', async () => {
  const body = records(9);
  for (const isRemoved of [false, true]) {
    const path = file('polled.dbn', head);
    equal(isBeingRecorded(path), false);
    const lock = FileLock.tryTake(recordingLockPath(path));
    equal(isBeingRecorded(path), true);
    await using source = await openGrowingRecords(
      path,
      pollingGrowth(path, () => !isBeingRecorded(path)),
    );
    const parts: Uint8Array[] = [];
    const reading = (async () => {
      for await (const { bytes } of source) parts.push(bytes.slice());
    })();
    for (let at = 0; at < body.length; at += 100) {
      appendFileSync(path, body.subarray(at, at + 100));
      await new Promise((resolve) => setImmediate(resolve));
    }
    if (isRemoved) unlinkSync(path);
    lock?.release();
    await reading;
    deepEqual(Buffer.concat(parts), body);
    equal(source.tornTail, null);
  }
});
