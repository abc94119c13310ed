import { deepEqual, equal, ok, throws } from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { zstdDecompressSync } from 'node:zlib';
import { sharedPath, missingShared as skip } from '../../test/helpers/shared.ts';
import { SpymasterError } from '../errors.ts';
import { DbnDecoder, decodeMetadata, encodeMetadata, type Metadata, resolveInstrument } from './index.ts';

const corpus = sharedPath('data', 'dbn-corpus');

interface Decoded {
  metadata: Metadata | null;
  records: Buffer;
  count: number;
  error: SpymasterError | null;
}

function decode(bytes: Uint8Array, chunkBytes: number, fragment = false, shift = 0): Decoded {
  const decoder = new DbnDecoder({ fragment });
  const parts: Buffer[] = [];
  let count = 0;
  let offset = -1;
  let error: SpymasterError | null = null;
  try {
    for (let at = 0; at < bytes.length; at += chunkBytes) {
      const part = bytes.subarray(at, at + chunkBytes);
      const chunk = new Uint8Array(part.length + shift).subarray(shift);
      chunk.set(part);
      decoder.push(chunk);
      for (let batch = decoder.next(); batch !== null; batch = decoder.next()) {
        equal(batch.bytes.byteOffset % 4, 0);
        equal(batch.bytes.length, batch.count * batch.recordBytes);
        equal(batch.words.byteOffset, batch.bytes.byteOffset);
        if (offset >= 0) equal(batch.byteOffset, offset);
        offset = batch.byteOffset + batch.bytes.length;
        parts.push(Buffer.from(batch.bytes));
        count += batch.count;
      }
      chunk.fill(0xee);
    }
    decoder.end();
  } catch (caught) {
    ok(caught instanceof SpymasterError, String(caught));
    error = caught;
  }
  return { metadata: decoder.metadata, records: Buffer.concat(parts), count, error };
}

function corpusFiles(): { name: string; bytes: Buffer; fragment: boolean }[] {
  return readdirSync(corpus)
    .filter((name) => !name.endsWith('.dbz'))
    .map((name) => {
      const raw = readFileSync(join(corpus, name));
      return { name, bytes: name.endsWith('.zst') ? inflate(raw) : raw, fragment: name.includes('.frag') };
    });
}

function inflate(raw: Buffer): Buffer {
  return zstdDecompressSync(raw);
}

test('corpus: metadata and records come out byte for byte, whatever the chunks and alignment', { skip }, () => {
  for (const { name, bytes, fragment } of corpusFiles()) {
    const whole = decode(bytes, bytes.length, fragment);
    equal(whole.error, null, name);
    ok(whole.count > 0 || name.includes('ohlcv-1d'), `${name} has records`);
    const head = whole.metadata === null ? Buffer.alloc(0) : encodeMetadata(whole.metadata);
    ok(Buffer.concat([head, whole.records]).equals(bytes), name);
    for (const chunkBytes of [1, 3, 56, 100, 257]) {
      for (const shift of [0, 1, 2]) {
        const chunked = decode(bytes, chunkBytes, fragment, shift);
        equal(chunked.error, null);
        deepEqual(chunked.metadata, whole.metadata);
        ok(chunked.records.equals(whole.records), `${name} in chunks of ${chunkBytes}, shifted by ${shift}`);
      }
    }
  }
});

test('a cut file delivers its whole records, then fails with the byte of the first that is not whole', { skip }, () => {
  for (const { name, bytes, fragment } of corpusFiles().filter((file) => file.name.includes('.mbo.'))) {
    const metadataBytes = fragment ? 0 : encodeMetadata(decode(bytes, bytes.length).metadata!).length;
    for (let cut = 0; cut < bytes.length; cut++) {
      const { records, error } = decode(bytes.subarray(0, cut), 40, fragment);
      const whole = Math.max(0, Math.floor((cut - metadataBytes) / 56)) * 56;
      equal(records.length, whole, `${name} cut at ${cut}`);
      if (cut === metadataBytes + whole) equal(error, null);
      else {
        equal(error?.code, 'DBN_TRUNCATED');
        equal(error?.fields.byteOffset, cut < metadataBytes ? 0 : metadataBytes + whole);
      }
    }
  }
});

test('a record whose length cannot be is an error at its byte, after the records before it', () => {
  const record = (length: number, rtype: number): Uint8Array => {
    const bytes = new Uint8Array(56);
    bytes[0] = length;
    bytes[1] = rtype;
    return bytes;
  };
  for (const [length, rtype] of [
    [0, 160],
    [1, 160],
    [3, 99],
    [13, 160],
    [4, 1],
  ] as const) {
    const bytes = Buffer.concat([record(14, 160), record(14, 160), record(length, rtype)]);
    const { count, error } = decode(bytes, 64, true);
    equal(count, 2);
    equal(error?.code, 'DBN_CORRUPT');
    equal(error?.fields.byteOffset, 112);
  }
});

test('input that is not DBN is identified in the error', () => {
  const code = (bytes: number[]): string => {
    const { error } = decode(Uint8Array.from([...bytes, 0, 0, 0, 0]), 100);
    return `${error?.code}: ${error?.message}`;
  };
  ok(code([0x28, 0xb5, 0x2f, 0xfd]).startsWith('DBN_NOT_DBN'));
  ok(code([0x28, 0xb5, 0x2f, 0xfd]).includes('decompress'));
  ok(code([0x51, 0x2a, 0x4d, 0x18]).includes('DBZ'));
  ok(code([14, 160, 1, 0]).includes('fragment'));
  ok(code([0x44, 0x42, 0x4e, 9]).startsWith('DBN_UNSUPPORTED'));
});

const metadata: Metadata = {
  version: 3,
  dataset: 'GLBX.MDP3',
  schema: 'mbo',
  start: 1n,
  end: null,
  limit: null,
  recordCount: null,
  stypeIn: 'raw_symbol',
  stypeOut: 'instrument_id',
  tsOut: false,
  symbolCstrLen: 71,
  symbols: ['ESH4', 'ESM4'],
  partial: [],
  notFound: ['XYZ'],
  mappings: [
    {
      rawSymbol: 'ESH4',
      intervals: [
        { startDate: 20231225, endDate: 20231227, symbol: '17077' },
        { startDate: 20240101, endDate: 20240103, symbol: '99' },
      ],
    },
    { rawSymbol: 'ESM4', intervals: [{ startDate: 20231225, endDate: 20240103, symbol: '5602' }] },
  ],
};

test('metadata survives encode and decode in every version', () => {
  for (const version of [1, 2, 3] as const) {
    const ours: Metadata = { ...metadata, version, symbolCstrLen: version === 1 ? 22 : 71 };
    deepEqual(decodeMetadata(encodeMetadata(ours)), ours);
  }
  equal(encodeMetadata(metadata).length % 8, 0);
  throws(() => encodeMetadata({ ...metadata, version: 1, symbols: ['A'.repeat(23)] }), { code: 'SCHEMA_MISMATCH' });
});

test('symbols and a dataset name that fill their fields, without a zero after them, survive encode and decode', () => {
  for (const version of [1, 2, 3] as const) {
    const symbolCstrLen = version === 1 ? 22 : 71;
    const long = 'L'.repeat(symbolCstrLen);
    const intervals = [{ startDate: 20231225, endDate: 20231227, symbol: '17077' }];
    const mappings = [{ rawSymbol: long, intervals }];
    const ours: Metadata = { ...metadata, version, symbolCstrLen, dataset: 'D'.repeat(16), symbols: [long], mappings };
    const bytes = encodeMetadata(ours);
    deepEqual(decodeMetadata(bytes), ours);
    deepEqual(encodeMetadata(decodeMetadata(bytes)), bytes);
  }
});

test('metadata with a count that would take gigabytes is refused before anything is allocated', () => {
  const bytes = encodeMetadata(metadata);
  new DataView(bytes.buffer).setUint32(8 + 100 + 4, 0xffff_fff0, true);
  throws(
    () => decodeMetadata(bytes),
    (error: unknown) => {
      ok(error instanceof SpymasterError);
      equal(error.code, 'DBN_CORRUPT');
      equal(error.fields.byteOffset, 112);
      return true;
    },
  );
});

test('resolveInstrument follows mappings in both directions and says what the file has', () => {
  equal(resolveInstrument(metadata, 'ESH4', '2023-12-25'), 17077);
  equal(resolveInstrument(metadata, 'ESH4', '2024-01-02'), 99);
  throws(() => resolveInstrument(metadata, 'ESH4', '2023-12-27'), { code: 'DATE_OUTSIDE_FILE' });
  throws(() => resolveInstrument(metadata, 'NQH4', '2023-12-25'), { code: 'SYMBOL_UNKNOWN', message: /ESH4, ESM4/ });
  const reverse: Metadata = {
    ...metadata,
    stypeIn: 'instrument_id',
    stypeOut: 'raw_symbol',
    mappings: [{ rawSymbol: '17077', intervals: [{ startDate: 20231225, endDate: 20231226, symbol: 'ESH4' }] }],
  };
  equal(resolveInstrument(reverse, 'ESH4', '2023-12-25'), 17077);
  equal(resolveInstrument({ ...metadata, mappings: [] }, 'ESH4', '2023-12-25'), null);
});
