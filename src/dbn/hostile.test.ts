import { deepEqual, equal, ok, rejects } from 'node:assert/strict';
import { test } from 'node:test';
import { missingShared as skip } from '../../test/helpers/shared.ts';
import { content, corpusFiles, decompress } from '../../test/interop/dbn_corpus.ts';
import { SpymasterError } from '../errors.ts';
import {
  DbnDecoder,
  type DecodeDbnOptions,
  decodeDbn,
  encodeMetadata,
  openDbn,
  RecordReader,
  RecordText,
} from './index.ts';

interface Outcome {
  readonly bytes: number;
  readonly error: SpymasterError | null;
}

/** Decodes as far as it goes; anything thrown that is not one of our errors fails the test. */
function attempt(raw: Uint8Array, options: DecodeDbnOptions): Outcome {
  let bytes = 0;
  try {
    const { batches } = decodeDbn(raw, options);
    for (const batch of batches) bytes += batch.bytes.length;
  } catch (error) {
    ok(error instanceof SpymasterError, String(error));
    equal(typeof error.fields.byteOffset, 'number', error.message);
    return { bytes, error };
  }
  return { bytes, error: null };
}

test('corpus: cut at every byte, a file delivers its whole records and then says where it ends', { skip }, () => {
  for (const { name, raw, isFragment, isDbz } of corpusFiles()) {
    if (isDbz || raw.readUInt32LE(0) === 0xfd2fb528) continue;
    const metadata = isFragment ? null : decodeDbn(raw).metadata!;
    const headBytes = metadata === null ? 0 : encodeMetadata(metadata).length;
    const ends = [headBytes];
    while (ends.at(-1)! < raw.length) ends.push(ends.at(-1)! + raw[ends.at(-1)!]! * 4);
    for (let cut = 0; cut < raw.length; cut++) {
      const { bytes, error } = attempt(raw.subarray(0, cut), { fragment: isFragment });
      const end = ends.findLast((at) => at <= cut) ?? 0;
      equal(bytes, Math.max(0, end - headBytes), `${name} cut at ${cut}`);
      if (ends.includes(cut)) equal(error, null);
      else deepEqual([error?.code, error?.fields.byteOffset], ['DBN_TRUNCATED', end], `${name} cut at ${cut}`);
    }
  }
});

test('corpus: a compressed or DBZ file cut at any byte fails with a typed error and an offset', { skip }, () => {
  for (const { name, raw, isFragment } of corpusFiles()) {
    if (raw.readUInt32LE(0) !== 0xfd2fb528 && !name.endsWith('.dbz')) continue;
    const whole = attempt(raw, { fragment: isFragment, decompress });
    equal(whole.error, null);
    for (let cut = 0; cut < raw.length; cut++) {
      const { bytes, error } = attempt(raw.subarray(0, cut), { fragment: isFragment, decompress });
      ok(bytes <= whole.bytes);
      // A cut between two frames of a fragment cannot be told from its end.
      if (error === null) ok(isFragment, `${name} cut at ${cut}`);
    }
  }
});

test('every single-bit flip of metadata gives a typed error or a stream that still adds up', { skip }, () => {
  const names = ['mbo.v1.dbn.zst', 'mbo.dbn', 'mbo.v3.dbn', 'status.v3.dbn.zst', 'mbo.dbz'];
  for (const { name, raw, isDbz } of corpusFiles().filter((file) =>
    names.some((end) => file.name === `test_data.${end}`),
  )) {
    const bytes = new Uint8Array(isDbz ? raw : content(raw));
    const metadata = decodeDbn(bytes, { decompress }).metadata!;
    const headBytes = isDbz ? 8 + raw.readUInt32LE(4) : encodeMetadata(metadata).length;
    for (let bit = 0; bit < headBytes * 8; bit++) {
      bytes[bit >>> 3]! ^= 1 << (bit & 7);
      const outcome = attempt(bytes, { decompress });
      ok(outcome.bytes <= bytes.length * 50, `${name} bit ${bit}`);
      bytes[bit >>> 3]! ^= 1 << (bit & 7);
    }
  }
});

test('every single-bit flip of records leaves something to read or print, or a typed error', { skip }, () => {
  const names = ['mbo.v3.dbn', 'statistics.v3.dbn.zst', 'definition.v3.dbn.frag', 'status.v3.dbn.zst'];
  for (const { raw, isFragment } of corpusFiles().filter((file) =>
    names.some((end) => file.name === `test_data.${end}`),
  )) {
    const bytes = new Uint8Array(content(raw));
    const metadata = isFragment ? null : decodeDbn(bytes).metadata!;
    const start = metadata === null ? 0 : encodeMetadata(metadata).length;
    for (let bit = start * 8; bit < bytes.length * 8; bit++) {
      bytes[bit >>> 3]! ^= 1 << (bit & 7);
      try {
        const text = new RecordText({ format: 'json', prettyPrices: true, prettyTimes: true, tsOut: false });
        const reader = new RecordReader();
        for (const batch of decodeDbn(bytes, { fragment: isFragment }).batches) {
          reader.read(batch, batch.count - 1);
          text.lines(batch);
        }
      } catch (error) {
        ok(error instanceof SpymasterError, String(error));
        equal(typeof error.fields.byteOffset, 'number');
      }
      bytes[bit >>> 3]! ^= 1 << (bit & 7);
    }
  }
});

test('lengths of 0, 1 and 255 words, for every record type', () => {
  for (const words of [0, 1, 3, 4, 255]) {
    for (let rtype = 0; rtype < 256; rtype++) {
      const bytes = new Uint8Array(Math.max(4, words * 4) * 2);
      bytes.set([words, rtype]);
      bytes.set([words, rtype], words * 4);
      const { bytes: delivered, error } = attempt(bytes, { fragment: true });
      if (words < 4) deepEqual([delivered, error?.code], [0, 'DBN_CORRUPT']);
      else if (error === null) equal(delivered, bytes.length);
      else deepEqual([delivered, error.code, words], [0, 'DBN_CORRUPT', 4]);
    }
  }
});

test('metadata that claims much takes no more memory than has arrived', () => {
  const head = new Uint8Array(1 << 20);
  head.set([0x44, 0x42, 0x4e, 2]);
  new DataView(head.buffer).setUint32(4, 60 * 1024 * 1024, true);
  const decoder = new DbnDecoder();
  const before = process.memoryUsage().arrayBuffers;
  decoder.push(head);
  equal(decoder.next(), null);
  ok(process.memoryUsage().arrayBuffers - before < 8 << 20);
  new DataView(head.buffer).setUint32(4, 0xffff_ffff, true);
  equal(attempt(head, {}).error?.code, 'DBN_CORRUPT');
});

test('an endless stream ends at its first wrong byte, and its source is closed', async () => {
  let chunks = 0;
  let closed = false;
  async function* endless(): AsyncGenerator<Uint8Array> {
    const record = new Uint8Array(56);
    record.set([14, 160]);
    try {
      for (;;) {
        chunks++;
        yield chunks < 100 ? record : new Uint8Array(56);
      }
    } finally {
      closed = true;
    }
  }
  const source = await openDbn(endless(), { fragment: true });
  let count = 0;
  const consume = async (): Promise<void> => {
    for await (const batch of source) count += batch.count;
  };
  await rejects(consume(), { code: 'DBN_CORRUPT', fields: { byteOffset: 99 * 56, recordBytes: 0, expectedBytes: 16 } });
  equal(count, 99);
  equal(closed, true);
});

test('an endless stream that is nothing at all is refused at once', async () => {
  async function* zeros(): AsyncGenerator<Uint8Array> {
    for (;;) yield new Uint8Array(1000);
  }
  await rejects(openDbn(zeros()), { code: 'DBN_NOT_DBN' });
});
