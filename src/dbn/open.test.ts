import { deepEqual, equal, ok, rejects, throws } from 'node:assert/strict';
import { test } from 'node:test';
import { zstdCompressSync } from 'node:zlib';
import { missingShared as skip } from '../../test/helpers/shared.ts';
import { content, corpusFiles, decompress } from '../../test/interop/dbn_corpus.ts';
import {
  type ByteSource,
  decodeDbn,
  encodeMetadata,
  type OpenDbnOptions,
  openDbn,
  type SeekableSource,
  ZstdFrames,
} from './index.ts';

/** A decompressor for `openDbn` that works frame by frame. */
async function* inflate(compressed: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const frames = new ZstdFrames();
  let parts: Uint8Array[] = [];
  for await (const chunk of compressed) {
    frames.push(chunk);
    for (let segment = frames.next(); segment !== null; segment = frames.next()) {
      parts.push(new Uint8Array(segment.bytes));
      if (!segment.endsFrame) continue;
      if (!segment.skippable) yield decompress(Buffer.concat(parts));
      parts = [];
    }
  }
  frames.end();
}

async function* chunksOf(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** The bytes in memory as a source that can be read from anywhere; `asked` gets the offsets. */
function seekable(bytes: Uint8Array, asked: number[]): SeekableSource {
  return {
    readFrom(byteOffset) {
      asked.push(byteOffset);
      return chunksOf(bytes.subarray(byteOffset), 100);
    },
  };
}

async function records(
  source: ByteSource | SeekableSource,
  options: OpenDbnOptions,
): Promise<{ head: unknown; body: Buffer }> {
  const opened = await openDbn(source, options);
  const parts: Buffer[] = [];
  for await (const batch of opened) parts.push(Buffer.from(batch.bytes));
  return { head: opened.metadata, body: Buffer.concat(parts) };
}

test('corpus: openDbn reads plain, zstd, multi-frame, fragment and DBZ files from any source', { skip }, async () => {
  for (const { name, raw, isFragment, isDbz } of corpusFiles()) {
    const options = { fragment: isFragment, decompress: inflate };
    const whole = decodeDbn(raw, { fragment: isFragment, decompress });
    const body = Buffer.concat(Array.from(whole.batches, (batch) => Buffer.from(batch.bytes)));
    if (!isDbz) {
      const head = whole.metadata === null ? Buffer.alloc(0) : encodeMetadata(whole.metadata);
      ok(Buffer.concat([head, body]).equals(content(raw)), name);
    }
    const expected = { head: whole.metadata, body };
    for (const size of [1, 13, raw.length]) deepEqual(await records(chunksOf(raw, size), options), expected, name);
    const response = new Response(new Uint8Array(raw));
    deepEqual(await records(response.body!, options), expected, name);
    const { body: stream } = new Response(new Uint8Array(raw));
    const cannotIterate = { getReader: () => stream!.getReader() } as unknown as ByteSource;
    deepEqual(await records(cannotIterate, options), expected, name);
  }
});

test('corpus: reading starts at any record of any source, and jumps there where it can', { skip }, async () => {
  for (const { name, raw, isFragment } of corpusFiles()) {
    const options = { fragment: isFragment, decompress: inflate };
    const { metadata, batches } = decodeDbn(raw, { fragment: isFragment, decompress });
    const all = Array.from(batches, ({ byteOffset, bytes, recordBytes }) => ({
      byteOffset,
      bytes: Buffer.from(bytes),
      recordBytes,
    }));
    for (const [index, { byteOffset, bytes, recordBytes }] of all.entries()) {
      const later = all.slice(index + 1).map((batch) => batch.bytes);
      for (let at = 0; at <= bytes.length; at += recordBytes) {
        const expected = { head: metadata, body: Buffer.concat([bytes.subarray(at), ...later]) };
        const from = { ...options, startByteOffset: byteOffset + at };
        deepEqual(await records(chunksOf(raw, 50), from), expected, name);
        const asked: number[] = [];
        deepEqual(await records(seekable(raw, asked), from), expected, name);
        const isPlain = (await openDbn(chunksOf(raw, 50), options)).container === 'dbn';
        deepEqual(asked, isPlain ? [0, byteOffset + at] : [0], name);
      }
    }
  }
});

test('records behind those that DBZ metadata counts are refused by both readers', { skip }, async () => {
  const { raw } = corpusFiles().find(({ isDbz }) => isDbz)!;
  const promised = Buffer.concat(Array.from(decodeDbn(raw, { decompress }).batches, ({ bytes }) => Buffer.from(bytes)));
  const appended = Buffer.concat([raw, zstdCompressSync(promised)]);
  const tooMany = { code: 'DBN_CORRUPT', message: /expected \d+ in all, as the metadata says, got more/ };
  throws(() => [...decodeDbn(appended, { decompress }).batches], tooMany);
  await rejects(records(chunksOf(appended, 100), { decompress: inflate }), tooMany);
});

test('the multi-frame file has records of every frame', { skip }, () => {
  const { raw } = corpusFiles().find(({ name }) => name.startsWith('multi-frame'))!;
  const { batches } = decodeDbn(raw, { fragment: true, decompress });
  equal(
    [...batches].reduce((sum, { count }) => sum + count, 0),
    8,
  );
});

test('upgrade gives metadata and records of the newer version, from both readers', { skip }, async () => {
  const { raw } = corpusFiles().find(({ name }) => name === 'test_data.definition.v1.dbn.zst')!;
  for (const [version, recordBytes] of [
    [2, 400],
    [3, 520],
  ] as const) {
    const options = { upgrade: version };
    const { metadata, batches } = decodeDbn(raw, { ...options, decompress });
    equal(metadata!.version, version);
    const body = Buffer.concat(Array.from(batches, (batch) => Buffer.from(batch.bytes)));
    equal(body.length, 2 * recordBytes);
    deepEqual(await records(chunksOf(raw, 100), { ...options, decompress: inflate }), { head: metadata, body });
  }
});

test('zstd without a decompressor says what to do', { skip }, async () => {
  const { raw } = corpusFiles().find(({ name }) => name === 'test_data.mbo.v3.dbn.zst')!;
  await rejects(openDbn(chunksOf(raw, 50)), { code: 'DBN_UNSUPPORTED', message: /decompress/ });
});
