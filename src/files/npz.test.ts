import { deepEqual, equal, match, rejects } from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { crc32 } from 'node:zlib';
import { createAtomicFile } from './atomic.ts';
import { NpzWriter } from './npz.ts';

const folder = mkdtempSync(join(tmpdir(), 'spymaster-npz-'));
after(() => rmSync(folder, { recursive: true }));

const fields = [
  ['id', '<u8'],
  ['px', '<f8'],
] as const;

async function write(name: string, rows: number, ...chunks: Uint8Array[]): Promise<string> {
  const path = join(folder, name);
  const file = await createAtomicFile(path);
  try {
    const writer = new NpzWriter(file, { name: 'data', fields, rowBytes: 16, rows });
    await writer.start();
    for (const chunk of chunks) await writer.write(chunk);
    await writer.finish();
    await file.commit();
  } finally {
    await file.abort();
  }
  return path;
}

/** The only entry of an archive, by way of its directory; every record is asked for its signature. */
function readEntry(path: string): { readonly name: string; readonly bytes: Buffer } {
  const file = readFileSync(path);
  const end = file.length - 22;
  equal(file.readUInt32LE(end), 0x06054b50);
  equal(file.readUInt32LE(end - 20), 0x07064b50);
  const end64 = Number(file.readBigUInt64LE(end - 20 + 8));
  equal(file.readUInt32LE(end64), 0x06064b50);
  equal(Number(file.readBigUInt64LE(end64 + 4)), end - 20 - end64 - 12);
  const directory = Number(file.readBigUInt64LE(end64 + 48));
  equal(directory + Number(file.readBigUInt64LE(end64 + 40)), end64);
  equal(file.readUInt32LE(directory), 0x02014b50);
  const nameLength = file.readUInt16LE(directory + 28);
  const name = file.toString('latin1', directory + 46, directory + 46 + nameLength);
  const extra = directory + 46 + nameLength;
  deepEqual([file.readUInt16LE(extra), file.readUInt16LE(extra + 2)], [1, 24]);
  const [size, stored, entry] = [4, 12, 20].map((at) => Number(file.readBigUInt64LE(extra + at))) as [
    number,
    number,
    number,
  ];
  equal(size, stored);
  equal(file.readUInt32LE(entry), 0x04034b50);
  const start = entry + 30 + file.readUInt16LE(entry + 26) + file.readUInt16LE(entry + 28);
  const bytes = file.subarray(start, start + size);
  const descriptor = start + size;
  deepEqual([file.readUInt32LE(descriptor), file.readUInt32LE(directory + 16)], [0x08074b50, crc32(bytes)]);
  deepEqual(
    [file.readUInt32LE(descriptor + 4), Number(file.readBigUInt64LE(descriptor + 8))],
    [crc32(bytes), bytes.length],
  );
  return { name, bytes };
}

test('an array is a stored .npy, whose head says its fields and rows', async () => {
  const chunks = [Uint8Array.from({ length: 32 }, (_, i) => i), new Uint8Array(16).fill(7)];
  const { name, bytes } = readEntry(await write('three.npz', 3, ...chunks));
  equal(name, 'data.npy');
  const length = bytes.readUInt16LE(8);
  equal((10 + length) % 64, 0);
  equal(bytes.toString('latin1', 0, 8), '\x93NUMPY\x01\0');
  equal(
    bytes.toString('latin1', 10, 10 + length).trim(),
    "{'descr': [('id', '<u8'), ('px', '<f8')], 'fortran_order': False, 'shape': (3,), }",
  );
  equal(bytes[10 + length - 1], 10);
  deepEqual(bytes.subarray(10 + length), Buffer.concat(chunks));
});

test('the same rows give the same bytes, however they are cut, and an array may be empty', async () => {
  const rows = Uint8Array.from({ length: 32 }, (_, i) => 255 - i);
  const whole = await write('whole.npz', 2, rows);
  const cut = await write('cut.npz', 2, rows.subarray(0, 5), rows.subarray(5));
  deepEqual(readFileSync(whole), readFileSync(cut));
  match(readEntry(await write('empty.npz', 0)).bytes.toString('latin1'), /'shape': \(0,\)/);
});

test('an array with other rows than it says is not written', async () => {
  await rejects(write('short.npz', 2, new Uint8Array(16)), /as many rows as it says/);
  equal(existsSync(join(folder, 'short.npz')), false);
});
