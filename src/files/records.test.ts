import { deepEqual, equal, ok, rejects } from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { constants, zstdCompressSync } from 'node:zlib';
import { dbzOf } from '../../test/fuzz/dbn_seeds.ts';
import { mboMetadata } from '../../test/helpers/mbo_metadata.ts';
import { seeded } from '../../test/helpers/seeded.ts';
import { temporaryFolder } from '../../test/helpers/temporary_folder.ts';
import { encodeMetadata, MboEncoder, type Metadata, mboRecordBytes } from '../dbn/index.ts';
import { SpymasterError } from '../errors.ts';
import { openRecords } from './open_records.ts';

const folder = temporaryFolder('records');

const metadata = mboMetadata('MNQH6', 1, { start: 1n, end: 2n });

/** A DBN stream of `count` records whose order ids count up. */
function stream(count: number, form: Partial<Metadata> = {}): { bytes: Uint8Array; recordsAt: number } {
  const head = encodeMetadata({ ...metadata, ...form });
  const encoder = new MboEncoder(new Uint8Array(count * mboRecordBytes));
  for (let i = 0; i < count; i++) {
    encoder.writeWords(1, 1, i, 7, i, 0, (i * 2654435761) >>> 0, 4, (i * 40503) & 0xffff, 128, i, 7, 0, i);
  }
  return { bytes: Buffer.concat([head, encoder.bytes]), recordsAt: head.length };
}

function file(name: string, bytes: Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

/** Order ids and a hash of all record bytes; `error` is what iterating ended with. */
async function drain(path: string, startByteOffset?: number) {
  const hash = createHash('sha256');
  let count = 0;
  let firstId: number | null = null;
  let error: SpymasterError | null = null;
  let offset: number | null = null;
  try {
    await using source = await openRecords(path, startByteOffset === undefined ? {} : { startByteOffset });
    deepEqual(source.metadata.symbols, ['MNQH6']);
    for await (const batch of source) {
      firstId ??= batch.words[4]!;
      if (offset !== null) equal(batch.byteOffset, offset);
      offset = batch.byteOffset + batch.bytes.length;
      count += batch.count;
      hash.update(batch.bytes);
    }
    equal(source.bytesRead, source.sizeBytes);
  } catch (thrown) {
    ok(thrown instanceof SpymasterError, String(thrown));
    equal(thrown.fields.path, path);
    error = thrown;
  }
  return { count, firstId, hash: hash.digest('hex'), error };
}

test('plain and zstd files give the same records, however they are split into frames', async () => {
  const { bytes, recordsAt } = stream(60_000);
  const hash = createHash('sha256').update(bytes.subarray(recordsAt)).digest('hex');
  const pieces = (size: number) => {
    const parts: Uint8Array[] = [];
    for (let at = 0; at < bytes.length; at += size) parts.push(zstdCompressSync(bytes.subarray(at, at + size)));
    return Buffer.concat(parts);
  };
  const skippable = Buffer.from([0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3]);
  const files = {
    'plain.dbn': bytes,
    'one-frame.dbn.zst': zstdCompressSync(bytes),
    'two-frames.dbn.zst': pieces(2_000_003),
    'tiny-frames.dbn.zst': pieces(1999),
    'skippable-first.dbn.zst': Buffer.concat([skippable, zstdCompressSync(bytes), skippable]),
    'misnamed.dbn': zstdCompressSync(bytes),
  };
  for (const [name, content] of Object.entries(files)) {
    deepEqual(await drain(file(name, content)), { count: 60_000, firstId: 0, hash, error: null }, name);
  }
});

test('reading can start at any record', async () => {
  const { bytes, recordsAt } = stream(50_000);
  const paths = [file('start.dbn', bytes), file('start.dbn.zst', zstdCompressSync(bytes))];
  for (const path of paths) {
    for (const index of [0, 1, 2341, 49_999]) {
      const { count, firstId, error } = await drain(path, recordsAt + index * mboRecordBytes);
      deepEqual({ count, firstId, error }, { count: 50_000 - index, firstId: index, error: null });
    }
    equal((await drain(path, bytes.length)).count, 0);
  }
});

test('a DBZ file gives the same records, from any of them on, and says when records are missing', async () => {
  const { bytes, recordsAt } = stream(50_000, { version: 1, symbolCstrLen: 22 });
  const hash = createHash('sha256').update(bytes.subarray(recordsAt)).digest('hex');
  const path = file('plain.dbz', dbzOf(bytes, recordsAt, 50_000));
  deepEqual(await drain(path), { count: 50_000, firstId: 0, hash, error: null });
  for (const index of [0, 1, 2341, 49_999]) {
    // Offsets of DBZ count from the first record: the metadata is in a frame of its own.
    const { count, firstId, error } = await drain(path, index * mboRecordBytes);
    deepEqual({ count, firstId, error }, { count: 50_000 - index, firstId: index, error: null });
  }
  const short = file('short.dbz', dbzOf(bytes, recordsAt, 50_001));
  for (const start of [0, 49_999]) {
    const { count, error } = await drain(short, start * mboRecordBytes);
    deepEqual([count, error?.code, error?.fields.recordsDue], [50_000 - start, 'DBN_TRUNCATED', 1]);
  }
});

test('a file cut anywhere delivers its whole records and then fails with the byte offset', async () => {
  const { bytes, recordsAt } = stream(40);
  for (let cut = 0; cut < bytes.length; cut += 7) {
    const { count, error } = await drain(file('cut.dbn', bytes.subarray(0, cut)));
    const whole = Math.max(0, Math.floor((cut - recordsAt) / mboRecordBytes));
    equal(count, whole);
    if (cut >= recordsAt && (cut - recordsAt) % mboRecordBytes === 0) equal(error, null);
    else {
      equal(error?.code, 'DBN_TRUNCATED', `cut at ${cut}`);
      equal(typeof error?.fields.byteOffset, 'number');
    }
  }
  const big = stream(60_000).bytes;
  const compressed = Buffer.concat([
    zstdCompressSync(big.subarray(0, 2_000_000)),
    zstdCompressSync(big.subarray(2_000_000)),
  ]);
  for (let cut = 1; cut < compressed.length; cut += Math.ceil(compressed.length / 23)) {
    const { count, error } = await drain(file('cut.dbn.zst', compressed.subarray(0, cut)));
    ok(['DBN_TRUNCATED', 'DBN_NOT_DBN'].includes(error?.code ?? ''), `${cut}: ${error}`);
    if (cut > compressed.length / 2)
      ok(count > 10_000, `${count} records of a file cut at ${cut} of ${compressed.length}`);
  }
});

test('damaged files give typed errors only', async () => {
  const params = { [constants.ZSTD_c_checksumFlag]: 1 };
  const compressed = zstdCompressSync(stream(3000).bytes, { params });
  const random = seeded(1);
  let failures = 0;
  for (let round = 0; round < 120; round++) {
    const damaged = Uint8Array.from(compressed);
    damaged[Math.floor(random() * damaged.length)]! ^= 1 << Math.floor(random() * 8);
    if ((await drain(file('damaged.dbn.zst', damaged))).error !== null) failures++;
  }
  ok(failures > 115, `only ${failures} of 120 damaged files were noticed`);
});

test('files that are not DBN are refused', async () => {
  await rejects(openRecords(join(folder, 'absent.dbn')), { code: 'FILE_NOT_FOUND' });
  await rejects(openRecords(folder), { code: 'FILE_UNREADABLE' });
  await rejects(openRecords(file('text.dbn', Buffer.from('date,open,high\n1,2,3\n'))), { code: 'DBN_NOT_DBN' });
  await rejects(openRecords(file('text.zst', zstdCompressSync(Buffer.from('date,open,high\n')))), {
    code: 'DBN_NOT_DBN',
  });
  await rejects(openRecords(file('empty.dbn', new Uint8Array(0))), { code: 'DBN_TRUNCATED' });
});

test('a file may be left in the middle, or opened and not read', async () => {
  const path = file('left.dbn.zst', zstdCompressSync(stream(60_000).bytes));
  const source = await openRecords(path);
  for await (const batch of source) {
    ok(batch.count > 0);
    break;
  }
  await (await openRecords(path)).close();
});
