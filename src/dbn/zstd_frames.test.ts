import { deepEqual, equal, throws } from 'node:assert/strict';
import { test } from 'node:test';
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { seeded } from '../../test/helpers/seeded.ts';
import { SpymasterError } from '../errors.ts';
import { ZstdFrames } from './zstd_frames.ts';

const noise = (bytes: number): Uint8Array => {
  const data = new Uint8Array(bytes);
  const random = seeded(12345);
  for (let i = 0; i < bytes; i++) data[i] = i % 3 === 0 ? random() * 256 : 7;
  return data;
};
const checksummed = { params: { [constants.ZSTD_c_checksumFlag]: 1 } };
const contents = [noise(0), noise(1), noise(300_000), new Uint8Array(500_000).fill(9), noise(70_000)];
const skippable = Uint8Array.from([0x5a, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3]);
const emptySkippable = Uint8Array.from([0x50, 0x2a, 0x4d, 0x18, 0, 0, 0, 0]);
const frames = [
  ...contents.map((content, i) => zstdCompressSync(content, i % 2 === 0 ? {} : checksummed)),
  skippable,
  emptySkippable,
  zstdCompressSync(contents[1]!, checksummed),
];
const stream = Buffer.concat(frames);

function split(bytes: Uint8Array, chunkBytes: number): { frames: Buffer[]; error: unknown } {
  const splitter = new ZstdFrames();
  const found: Buffer[] = [];
  let parts: Uint8Array[] = [];
  try {
    for (let at = 0; at < bytes.length; at += chunkBytes) {
      splitter.push(bytes.subarray(at, at + chunkBytes));
      for (let segment = splitter.next(); segment !== null; segment = splitter.next()) {
        equal(segment.startsFrame, parts.length === 0);
        parts.push(segment.bytes.slice());
        if (!segment.endsFrame) continue;
        found.push(Buffer.concat(parts));
        parts = [];
      }
    }
    splitter.end();
    return { frames: found, error: null };
  } catch (error) {
    return { frames: found, error };
  }
}

test('ZstdFrames finds every frame, skippable ones too, whatever the chunks', () => {
  for (const chunkBytes of [1, 2, 3, 7, 4096, stream.length]) {
    const found = split(stream, chunkBytes);
    equal(found.error, null);
    deepEqual(
      found.frames.map((frame) => frame.length),
      frames.map((frame) => frame.length),
    );
    deepEqual(
      found.frames.slice(0, contents.length).map((frame) => zstdDecompressSync(frame).length),
      contents.map((content) => content.length),
    );
  }
});

test('every part of a skippable frame is marked as such, wherever chunks end', () => {
  for (const chunkBytes of [1, 2, 3, 4, 5]) {
    const splitter = new ZstdFrames();
    const parts: [number, boolean][] = [];
    const bytes = Buffer.concat([skippable, frames[1]!, skippable]);
    for (let at = 0; at < bytes.length; at += chunkBytes) {
      splitter.push(bytes.subarray(at, at + chunkBytes));
      for (let segment = splitter.next(); segment !== null; segment = splitter.next())
        parts.push([segment.frameOffset, segment.skippable]);
    }
    splitter.end();
    for (const [frameOffset, isSkippable] of parts) equal(isSkippable, frameOffset !== skippable.length);
  }
});

test('a compressed block without bytes is damage', () => {
  const { error } = split(Uint8Array.from([0x28, 0xb5, 0x2f, 0xfd, 0x20, 0, 5, 0, 0]), 100);
  throws(() => throwIt(error), { code: 'ZSTD_CORRUPT', fields: { byteOffset: 6 } });
});

test('ZstdFrames tells a cut inside a frame from a cut between frames', () => {
  const small = Buffer.concat([frames[1]!, skippable, frames[7]!]);
  const ends = new Set([0, frames[1]!.length, frames[1]!.length + skippable.length, small.length]);
  for (let cut = 0; cut <= small.length; cut++) {
    const { error } = split(small.subarray(0, cut), 5);
    if (ends.has(cut)) equal(error, null);
    else throws(() => throwIt(error), cutAt(cut));
  }
});

const cutAt =
  (byteOffset: number) =>
  (error: unknown): boolean =>
    error instanceof SpymasterError && error.code === 'DBN_TRUNCATED' && error.fields.byteOffset === byteOffset;

function throwIt(error: unknown): never {
  throw error;
}

test('ZstdFrames names the byte at which the input is no zstd', () => {
  const { frames: whole, error } = split(Buffer.concat([frames[1]!, Buffer.from('DBN\u0002')]), 4);
  equal(whole.length, 1);
  throws(() => throwIt(error), { code: 'ZSTD_CORRUPT', fields: { byteOffset: frames[1]!.length } });
});

test('ZstdFrames says which frames are empty, so that no decompressor is made for them', () => {
  const splitter = new ZstdFrames();
  splitter.push(stream);
  const isEmpty: boolean[] = [];
  for (let segment = splitter.next(); segment !== null; segment = splitter.next()) {
    if (!segment.skippable) isEmpty.push(segment.isEmpty);
  }
  deepEqual(isEmpty, [true, false, false, false, false, false]);
});

test('a frame without content whose header promises some is left to the decompressor', () => {
  const splitter = new ZstdFrames();
  splitter.push(Uint8Array.from([0x28, 0xb5, 0x2f, 0xfd, 0x20, 5, 1, 0, 0]));
  equal(splitter.next()?.isEmpty, false);
});

test('ZstdFrames refuses a window that would take too much memory, and says how to compress anew', () => {
  const magic = [0x28, 0xb5, 0x2f, 0xfd];
  const windowed = (descriptor: number) => split(Uint8Array.from([...magic, 0, descriptor, 1, 0, 0]), 2).error;
  equal(windowed(17 << 3), null); // 128 MiB
  for (const [descriptor, mebibytes] of [
    [(17 << 3) | 1, 144],
    [21 << 3, 2048],
  ] as const) {
    throws(
      () => throwIt(windowed(descriptor)),
      (error: SpymasterError) =>
        error.code === 'DBN_UNSUPPORTED' &&
        error.message.includes(`a window of ${mebibytes} MiB`) &&
        error.message.includes('at most 128 MiB') &&
        error.message.includes('zstd -dc --long=31'),
    );
  }
  // A single segment's window is its content.
  const single = (bytes: number[]) => split(Uint8Array.from([...magic, 0xa0, ...bytes, 1, 0, 0]), 3).error;
  equal(single([0, 0, 0, 8]), null);
  throws(() => throwIt(single([1, 0, 0, 8])), {
    code: 'DBN_UNSUPPORTED',
    fields: { byteOffset: 0, windowBytes: 2 ** 27 + 1, limitBytes: 2 ** 27 },
  });
});
