import { deepEqual, equal, ok } from 'node:assert/strict';
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import {
  batchOfRecord,
  type DbnRecord,
  type DbnSource,
  decodeDbn,
  decodeMetadata,
  encodeMetadata,
  encodeRecord,
  type Metadata,
  metadataJson,
  openDbn,
  PitSymbolMap,
  type RecordBatch,
  RecordReader,
  RecordText,
  startsZstd,
  streamMappings,
  TsSymbolMap,
  toNumbers,
  type UnknownRecord,
} from '../../src/dbn/index.ts';
import { type ErrorCode, SpymasterError } from '../../src/errors.ts';
import { zstdChunks } from '../../src/files/index.ts';
import { pick, seeded } from '../helpers/seeded.ts';
import { dbnStreams, dbzOf, mboStreams } from './dbn_seeds.ts';
import { type ByteMutator, below, byteMutators, mutateBytes, seedOf } from './mutate.ts';
import type { Random, Target } from './target.ts';

const codes: readonly ErrorCode[] = [
  'DBN_NOT_DBN',
  'DBN_TRUNCATED',
  'DBN_CORRUPT',
  'DBN_UNSUPPORTED',
  'ZSTD_CORRUPT',
  'SCHEMA_MISMATCH',
];

/** Files of every DBN version, plain, in zstd and as DBZ. */
export function makeTarget(kept: readonly Uint8Array[]): Target {
  const plain = [...dbnStreams(), ...mboStreams()];
  return {
    corpus: [...plain, ...plain.map((stream) => new Uint8Array(zstdCompressSync(stream))), ...kept],
    codes,
    mutate: (random) => mutate(random, plain, kept),
    read,
  };
}

const mutators = [...byteMutators, setRecordHead, setRecordHead, setRecordHead, setRecordHead];

/** Changes the stream before it is compressed: what is changed behind goes no further than the decompressor. */
function mutate(random: Random, plain: readonly Uint8Array[], kept: readonly Uint8Array[]): Uint8Array {
  const stream = mutateBytes(random, random() < 0.1 && kept.length > 0 ? kept : plain, mutators);
  const container = random();
  if (container < 0.6) return stream;
  if (container < 0.8) return compressed(stream, random);
  const metadataBytes = headBytesOf(stream) ?? below(random, stream.length + 1);
  return dbzOf(stream, metadataBytes, random() < 0.7 ? recordsIn(stream, metadataBytes) : below(random, 200));
}

/** A zstd stream of one frame or two, now and then changed itself. */
function compressed(stream: Uint8Array, random: Random): Uint8Array {
  const cut = random() < 0.5 ? stream.length : below(random, stream.length + 1);
  const frames = [stream.subarray(0, cut), stream.subarray(cut)].map((part) => zstdCompressSync(part));
  const whole = new Uint8Array(Buffer.concat(frames));
  return random() < 0.7 ? whole : mutateBytes(random, [whole]);
}

/** Gives a record another length or type, or moves its end: lengths and types are what finds the next record. */
function setRecordHead(...[bytes, random]: Parameters<ByteMutator>): Uint8Array {
  const starts: number[] = [];
  for (let at = headBytesOf(bytes) ?? 0; at < bytes.length && bytes[at]! > 0; at += bytes[at]! * 4) starts.push(at);
  if (starts.length === 0) return bytes;
  const at = pick(random, starts);
  const other = pick(random, starts);
  if (random() < 0.5) bytes[at] = random() < 0.5 ? bytes[other]! : below(random, 256);
  else bytes[Math.min(at + 1, bytes.length - 1)] = random() < 0.5 ? (bytes[other + 1] ?? 0) : below(random, 256);
  return bytes;
}

/** Bytes of a stream's metadata as it says; null where it has none. */
function headBytesOf(bytes: Uint8Array): number | null {
  if (bytes.length < 8 || bytes[0] !== 0x44 || bytes[1] !== 0x42 || bytes[2] !== 0x4e) return null;
  return 8 + new DataView(bytes.buffer, bytes.byteOffset).getUint32(4, true);
}

function recordsIn(bytes: Uint8Array, from: number): number {
  let count = 0;
  for (let at = from; at < bytes.length && bytes[at]! > 0; at += bytes[at]! * 4) count++;
  return count;
}

/** How reading a stream ended, and what it gave before. */
interface Reading {
  readonly metadata: Metadata | null;
  readonly bytes: number;
  readonly records: number;
  readonly error: SpymasterError | null;
}

async function read(input: Uint8Array): Promise<string> {
  const random = seeded(seedOf(input));
  const options = {
    fragment: random() < 0.2,
    ...(random() < 0.5 ? {} : { upgrade: pick(random, [2, 3] as const) }),
  };
  const whole = readWhole(input, options, random);
  const parts = await readInParts(input, options, random);
  // Of a cut zstd stream only one that is read in parts gives the part that is there.
  if (!startsZstd(input)) {
    deepEqual([parts.bytes, parts.records, parts.error?.message], [whole.bytes, whole.records, whole.error?.message]);
    deepEqual(parts.metadata, whole.metadata);
  }
  const error = whole.error ?? parts.error;
  if (error === null) return whole.records === 0 ? 'empty' : 'read';
  equal(typeof error.fields.byteOffset, 'number', error.message);
  throw error;
}

function readWhole(input: Uint8Array, options: Parameters<typeof decodeDbn>[1], random: Random): Reading {
  let metadata: Metadata | null = null;
  let bytes = 0;
  let records = 0;
  let error: SpymasterError | null = null;
  try {
    const decoded = decodeDbn(input, { ...options, decompress: (frame) => zstdDecompressSync(frame) });
    metadata = decoded.metadata;
    if (metadata !== null) useMetadata(metadata);
    for (const batch of decoded.batches) {
      bytes += batch.bytes.length;
      records += batch.count;
      useBatch(batch, metadata?.tsOut ?? false, random);
    }
  } catch (thrown) {
    error = ours(thrown);
  }
  return { metadata, bytes, records, error };
}

async function readInParts(
  input: Uint8Array,
  options: Parameters<typeof openDbn>[1],
  random: Random,
): Promise<Reading> {
  let source: DbnSource | null = null;
  let bytes = 0;
  let records = 0;
  let error: SpymasterError | null = null;
  try {
    source = await openDbn(partsOf(input, random), { ...options, decompress: zstdChunks });
    for await (const batch of source) {
      bytes += batch.bytes.length;
      records += batch.count;
    }
  } catch (thrown) {
    error = ours(thrown);
  }
  return { metadata: source?.metadata ?? null, bytes, records, error };
}

async function* partsOf(input: Uint8Array, random: Random): AsyncGenerator<Uint8Array> {
  const most = pick(random, [7, 64, 1000, 65_536]);
  for (let at = 0; at < input.length; ) {
    const to = at + 1 + below(random, most);
    yield input.slice(at, to);
    at = to;
  }
}

function ours(thrown: unknown): SpymasterError {
  if (thrown instanceof SpymasterError) return thrown;
  throw thrown;
}

/** Metadata that was read can be written, and reads as it was. */
function useMetadata(metadata: Metadata): void {
  const { recordCount: _count, ...rest } = metadata;
  const { recordCount: _again, ...again } = decodeMetadata(encodeMetadata(metadata));
  deepEqual(again, rest);
  JSON.stringify([metadataJson(metadata, true), metadataJson(metadata, false)]);
  const map = new TsSymbolMap(metadata);
  map.instrumentsOf(map.symbols);
  ok(new PitSymbolMap(metadata, 20260206).size >= 0);
}

/** What one does with records: read and write one, print them, find the symbols that they map. */
function useBatch(batch: RecordBatch, tsOut: boolean, random: Random): void {
  const index = below(random, batch.count);
  const record = new RecordReader({ tsOut }).read(batch, index);
  const again = encoded(record);
  if (again !== null) deepEqual(new RecordReader({ tsOut }).read(batchOfRecord(again), 0), record);
  streamMappings(batch);
  if (record.layout === 'unknown') return;
  toNumbers(record as DbnRecord);
  const isPretty = random() < 0.5;
  const format = pick(random, ['json', 'csv'] as const);
  const text = new RecordText({ format, prettyPrices: isPretty, prettyTimes: isPretty, tsOut }).lines(batch);
  if (format === 'json') for (const line of text.trimEnd().split('\n')) JSON.parse(line);
}

/** A record's bytes; null where text that is no UTF-8 was read as signs that need more bytes than it has. */
function encoded(record: DbnRecord | UnknownRecord): Uint8Array | null {
  try {
    return encodeRecord(record);
  } catch (error) {
    ok(error instanceof SpymasterError && error.code === 'SCHEMA_MISMATCH', String(error));
    ok(Object.values(record).some((value) => typeof value === 'string' && value.includes('\ufffd')));
    return null;
  }
}
