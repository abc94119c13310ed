import { deepEqual, equal, rejects } from 'node:assert/strict';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { mboMetadata } from '../../../test/helpers/mbo_metadata.ts';
import { smallSession } from '../../../test/helpers/small_session.ts';
import { temporaryFolder } from '../../../test/helpers/temporary_folder.ts';
import { decodeDbn, encodeMetadata, type Metadata, type RecordBatch } from '../../dbn/index.ts';
import { encodeHeartbeat, encodeSymbolMapping } from './control_records.ts';
import { Recording } from './recording.ts';

const folder = temporaryFolder('recording');
const liveMetadata: Metadata = mboMetadata('MNQH6', 7, {
  ...{ schema: null, stypeIn: null, symbols: [], mappings: [], end: null },
});
const head = encodeMetadata(liveMetadata);
const session = smallSession(12);
const orders = session.subarray(encodeMetadata(mboMetadata('MNQH6', 7)).length);
const control = { version: 3, tsNs: 5n } as const;
const mapping = encodeSymbolMapping({ instrumentId: 7, stypeIn: 'raw_symbol', asked: 'MNQH6', raw: 'MNQH6' }, control);
const heartbeat = encodeHeartbeat(control);
const lastNs = 1_770_387_961_200_000_000n;

async function recorded(path: string, onAppend?: (batch: RecordBatch) => void): Promise<void> {
  await using recording = await Recording.open(path, { onAppend });
  await recording.begin(liveMetadata);
  await recording.append([mapping, orders]);
  await recording.append([heartbeat]);
}

test('a recording is the head and every record that was appended, and readers see each run behind its write', async () => {
  const path = join(folder, 'whole.dbn');
  const seen: [number, number][] = [];
  await recorded(path, ({ byteOffset, bytes }) => {
    seen.push([byteOffset, bytes.length]);
    equal(statSync(path).size >= byteOffset + bytes.length, true);
  });
  const bytes = readFileSync(path);
  deepEqual(bytes, Buffer.concat([head, mapping, orders, heartbeat]));
  deepEqual(seen, [
    [head.length, mapping.length],
    [head.length + mapping.length, orders.length],
    [bytes.length - heartbeat.length, heartbeat.length],
  ]);
  equal(existsSync(`${path}.lock`), false);
});

test('opened again, it knows what it holds', async () => {
  const path = join(folder, 'again.dbn');
  await recorded(path);
  await using recording = await Recording.open(path);
  const { records, mboRecords, instruments, symbols, lastEventNs, lastReceiveNs, gaps } = recording.content;
  deepEqual([records, mboRecords], [orders.length / 56 + 2, orders.length / 56]);
  deepEqual([[...instruments], symbols.get(7), gaps], [[7], 'MNQH6', []]);
  deepEqual([lastEventNs, lastReceiveNs, recording.tornBytes], [lastNs, lastNs, 0]);
  deepEqual(recording.metadata?.dataset, 'GLBX.MDP3');
});

test('cut at any byte, or followed by zeros, it is kept to its last whole record and goes on from there', async () => {
  const whole = Buffer.concat([head, mapping, orders.subarray(0, 3 * 56), heartbeat]);
  const runs = [head.length, mapping.length, 56, 56, 56, heartbeat.length];
  const bounds = runs.map((_, i) => runs.slice(0, i + 1).reduce((sum, bytes) => sum + bytes, 0));
  for (const zeros of [0, 4096]) {
    // Somewhere inside of each run, and at its very ends.
    const cuts =
      zeros > 0 ? bounds : bounds.flatMap((bound, i) => [bound - (runs[i] ?? 0) + 1, bound - 7, bound - 1, bound]);
    for (const bytes of cuts) {
      const path = join(folder, `cut-${zeros}-${bytes}.dbn`);
      writeFileSync(path, Buffer.concat([whole.subarray(0, bytes), Buffer.alloc(zeros)]));
      await using recording = await Recording.open(path);
      const kept = bounds.findLast((bound) => bound <= bytes) ?? 0;
      deepEqual([recording.bytes, statSync(path).size, recording.tornBytes], [kept, kept, bytes - kept + zeros]);
      if (kept === 0) await recording.begin(liveMetadata);
      await recording.append([heartbeat]);
      const { batches } = decodeDbn(readFileSync(path));
      equal([...batches].at(-1)?.rtype, 0x17);
    }
  }
});

test('records of a type that nobody knows are kept inside of the file, and go at its end', async () => {
  const path = join(folder, 'unknown.dbn');
  const unknown = new Uint8Array(20);
  unknown.set([5, 0x77]);
  writeFileSync(path, Buffer.concat([head, unknown, orders, unknown, unknown]));
  await using recording = await Recording.open(path);
  deepEqual([recording.bytes, recording.tornBytes], [head.length + 20 + orders.length, 40]);
});

test('a gap stands in the write of the first record after it', async () => {
  const path = join(folder, 'gap.dbn');
  await recorded(path);
  await using recording = await Recording.open(path);
  await recording.append([orders.subarray(0, 56)], { fromNs: lastNs, toNs: lastNs + 9n, cause: 'aged_out' });
  deepEqual(recording.content.gaps, [{ fromNs: lastNs, toNs: lastNs + 9n, cause: 'aged_out' }]);
  const { streams } = await recording.tail(0n);
  deepEqual([streams.size, streams.values().next().value?.count], [1, 1]);
});

test('its tail begins at a time', async () => {
  const path = join(folder, 'tail.dbn');
  await recorded(path);
  await using recording = await Recording.open(path);
  const tail = await recording.tail(lastNs - 300_000_000n);
  const stream = tail.streams.values().next().value;
  deepEqual([stream?.count, stream?.beginsInside, tail.lastEventNs], [6, false, lastNs]);
});

test('a second recorder of a file is refused while the first one lives', async () => {
  const path = join(folder, 'locked.dbn');
  await using _first = await Recording.open(path);
  await rejects(Recording.open(path), { code: 'ALREADY_RUNNING' });
});

test('a file that is no DBN is left alone', async () => {
  const path = join(folder, 'text.dbn');
  writeFileSync(path, 'this is a text of somebody');
  await rejects(Recording.open(path), { code: 'DBN_NOT_DBN' });
  equal(readFileSync(path, 'utf8'), 'this is a text of somebody');
});
