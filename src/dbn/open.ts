import { assert, SpymasterError } from '../errors.ts';
import { type RecordBatch, sliceBatch } from './batch.ts';
import {
  type ByteSource,
  type Chunks,
  chunksOf,
  concat,
  once,
  prepend,
  type SeekableSource,
  takeBytes,
} from './byte_source.ts';
import { dbzCompressedLists, dbzFrameBytes, decodeDbzMetadata, isDbz, listsTooLong } from './dbz.ts';
import { DbnDecoder } from './decoder.ts';
import type { Metadata } from './metadata.ts';
import { maxMetadataBytes, truncatedMetadata } from './metadata_decode.ts';
import { upgradeBatch, upgradeMetadata } from './upgrade.ts';
import { ZstdFrames } from './zstd_frames.ts';

interface FormOptions {
  /** True for records without metadata. */
  readonly fragment?: boolean;
  /** For a fragment, whose metadata does not say it: each record ends in the gateway's send time. */
  readonly tsOut?: boolean;
  /** Gives metadata and records the form of a newer version; as they are by default. */
  readonly upgrade?: 2 | 3;
}

export interface OpenDbnOptions extends FormOptions {
  /** Decompresses a zstd stream of any number of frames; needed for zstd and DBZ. Skippable frames give nothing. */
  readonly decompress?: (compressed: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>;
  /**
   * Delivers the records from this one on: its offset in the decompressed stream, as a `RecordBatch` gave it. A seekable
   * source of plain DBN is read from there, others from their first byte.
   */
  readonly startByteOffset?: number;
}

/** A stream's metadata, and its records to iterate once; a batch is valid until the next one is asked for. */
export interface DbnSource extends AsyncIterable<RecordBatch> {
  /** Null for a fragment. */
  readonly metadata: Metadata | null;
  readonly tsOut: boolean;
  readonly container: 'dbn' | 'zstd' | 'dbz';
  /** Ends the source, for one who does not iterate to the end or break out; calling it again does nothing. */
  close(): Promise<void>;
}

/**
 * Opens a DBN stream: plain, zstd (told by its first bytes) or legacy DBZ, and reads its metadata.
 *
 * Iterating delivers every whole record, then throws if the stream was cut. Throws DBN_NOT_DBN, DBN_TRUNCATED,
 * DBN_CORRUPT and DBN_UNSUPPORTED with the byte offset, and what `decompress` throws.
 */
export async function openDbn(source: ByteSource | SeekableSource, options: OpenDbnOptions = {}): Promise<DbnSource> {
  const chunks = chunksOf(source);
  try {
    const head = await takeBytes(chunks, new Uint8Array(0), 12);
    const opened = isDbz(head) ? await openDbz(chunks, head, options) : await openPlain(chunks, head, options);
    const { startByteOffset } = options;
    const canJump = startByteOffset !== undefined && opened.container === 'dbn' && 'readFrom' in source;
    return sourceOf(canJump ? await jump(opened, source, startByteOffset) : opened, options);
  } catch (error) {
    await chunks.return();
    throw error;
  }
}

/** A stream of which the metadata was read. */
interface Opened {
  readonly container: DbnSource['container'];
  readonly metadata: Metadata | null;
  readonly decoder: DbnDecoder;
  /** What the decoder gave while it read the metadata. */
  readonly first: RecordBatch | null;
  /** Where the decoder's bytes come from, and what these are made of. */
  readonly bytes: AsyncIterator<Uint8Array>;
  readonly chunks: Chunks;
}

async function openPlain(chunks: Chunks, head: Uint8Array, options: OpenDbnOptions): Promise<Opened> {
  const isCompressed = startsZstd(head);
  const compressed = prepend(head, chunks);
  const parts = isCompressed ? decompressor(options)(compressed) : compressed;
  const bytes = parts[Symbol.asyncIterator]();
  const decoder = new DbnDecoder({ fragment: options.fragment ?? false });
  let first: RecordBatch | null = null;
  while (options.fragment !== true && decoder.metadata === null) {
    const { value: chunk, done } = await bytes.next();
    if (done) decoder.end();
    else {
      decoder.push(chunk);
      first = firstBatch(decoder);
    }
  }
  const { metadata } = decoder;
  return { container: isCompressed ? 'zstd' : 'dbn', metadata, decoder, first, bytes, chunks };
}

/** The same stream, read from another place on. */
async function jump(opened: Opened, source: SeekableSource, byteOffset: number): Promise<Opened> {
  await closeBytes(opened);
  const { metadata } = opened;
  // What is left out cannot be counted.
  const form = metadata === null ? { fragment: true } : { metadata: { ...metadata, recordCount: null } };
  const decoder = new DbnDecoder({ ...form, byteOffset });
  const chunks = prepend(new Uint8Array(0), source.readFrom(byteOffset)[Symbol.asyncIterator]());
  return { ...opened, decoder, first: null, bytes: chunks, chunks };
}

/** Ends both: a generator that never started does not pass its end on. */
async function closeBytes({ bytes, chunks }: Opened): Promise<void> {
  await bytes.return?.();
  await chunks.return();
}

/** The first batch, or null: what is wrong with the first record is for the iteration to say, once there is metadata. */
function firstBatch(decoder: DbnDecoder): RecordBatch | null {
  try {
    return decoder.next();
  } catch (error) {
    if (decoder.metadata === null) throw error;
    return null;
  }
}

async function openDbz(chunks: Chunks, head: Uint8Array, options: OpenDbnOptions): Promise<Opened> {
  const frameBytes = dbzFrameBytes(head);
  const bytes = await takeBytes(chunks, head, frameBytes);
  if (bytes.length < frameBytes) throw truncatedMetadata(bytes.length, frameBytes);
  const decompress = decompressor(options);
  const frame = bytes.subarray(0, frameBytes);
  const lists: Uint8Array[] = [];
  let listBytes = 0;
  for await (const part of decompress(once(dbzCompressedLists(frame)))) {
    listBytes += part.length;
    if (listBytes > maxMetadataBytes) throw listsTooLong();
    lists.push(new Uint8Array(part));
  }
  const metadata = decodeDbzMetadata(frame, concat(lists));
  const records = decompress(prepend(bytes.subarray(frameBytes), chunks));
  return {
    container: 'dbz',
    metadata,
    decoder: new DbnDecoder({ metadata }),
    first: null,
    bytes: records[Symbol.asyncIterator](),
    chunks,
  };
}

function sourceOf(opened: Opened, options: OpenDbnOptions): DbnSource {
  const { decoder, first, bytes, container } = opened;
  const { startByteOffset = 0 } = options;
  const { upgraded, ...form } = formOf(opened.metadata, options);
  const close = () => closeBytes(opened);
  return {
    ...form,
    container,
    close,
    async *[Symbol.asyncIterator]() {
      try {
        let batch = first ?? decoder.next();
        for (;;) {
          for (; batch !== null; batch = decoder.next()) {
            const wanted = batchFrom(batch, startByteOffset);
            if (wanted !== null) yield upgraded(wanted);
          }
          const part = await bytes.next();
          if (part.done) break;
          decoder.push(part.value);
          batch = decoder.next();
        }
        decoder.end();
      } finally {
        await close();
      }
    },
  };
}

/** The records of a batch from an offset of the stream on, which is a record's own start; null when all lie before it. */
function batchFrom(batch: RecordBatch, startByteOffset: number): RecordBatch | null {
  const before = startByteOffset - batch.byteOffset;
  if (before <= 0) return batch;
  if (before >= batch.bytes.length) return null;
  const skipped = before / batch.recordBytes;
  assert(Number.isInteger(skipped), 'reading starts at the start of a record');
  return sliceBatch(batch, skipped, batch.count - skipped);
}

interface Form {
  readonly metadata: Metadata | null;
  readonly tsOut: boolean;
  readonly upgraded: (batch: RecordBatch) => RecordBatch;
}

/** The form that metadata and records are wanted in. */
function formOf(metadata: Metadata | null, { upgrade, tsOut: said }: FormOptions): Form {
  const tsOut = metadata?.tsOut ?? said ?? false;
  if (upgrade === undefined) return { metadata, tsOut, upgraded: (batch) => batch };
  return {
    metadata: metadata === null ? null : upgradeMetadata(metadata, upgrade),
    tsOut,
    upgraded: (batch) => upgradeBatch(batch, upgrade, tsOut),
  };
}

export interface DecodeDbnOptions extends FormOptions {
  /** Decompresses one zstd frame; needed for zstd and DBZ. */
  readonly decompress?: (frame: Uint8Array) => Uint8Array;
}

/**
 * Decodes a whole stream that is in memory; like `openDbn`, but at once, and of a cut zstd stream it delivers whole
 * frames only. Batches are views, valid until the next one.
 */
export function decodeDbn(
  bytes: Uint8Array,
  options: DecodeDbnOptions = {},
): { readonly metadata: Metadata | null; readonly tsOut: boolean; readonly batches: Iterable<RecordBatch> } {
  const parts = contentOf(bytes, options);
  let decoder = new DbnDecoder({ fragment: options.fragment ?? false });
  let first: RecordBatch | null = null;
  if (isDbz(bytes)) {
    const frame = bytes.subarray(0, dbzFrameBytes(bytes));
    if (frame.length < dbzFrameBytes(bytes)) throw truncatedMetadata(bytes.length, dbzFrameBytes(bytes));
    const compressed = dbzCompressedLists(frame);
    const lists = decompressFrame(options, compressed, frame.length - compressed.length);
    if (lists.length > maxMetadataBytes) throw listsTooLong();
    decoder = new DbnDecoder({ metadata: decodeDbzMetadata(frame, lists) });
  }
  while (decoder.metadata === null && options.fragment !== true) {
    const { value: part, done } = parts.next();
    if (done) decoder.end();
    else {
      decoder.push(part);
      first = firstBatch(decoder);
    }
  }
  const { metadata, tsOut, upgraded } = formOf(decoder.metadata, options);
  function* batches(): Generator<RecordBatch> {
    for (let batch = first ?? decoder.next(); batch !== null; batch = decoder.next()) yield upgraded(batch);
    for (const part of parts) {
      decoder.push(part);
      for (let batch = decoder.next(); batch !== null; batch = decoder.next()) yield upgraded(batch);
    }
    decoder.end();
  }
  return { metadata, tsOut, batches: { [Symbol.iterator]: batches } };
}

/** The decompressed content of a stream in memory, a part per zstd frame. */
function* contentOf(bytes: Uint8Array, options: DecodeDbnOptions): Generator<Uint8Array, void> {
  if (!startsZstd(bytes) && !isDbz(bytes)) {
    yield bytes;
    return;
  }
  const frames = new ZstdFrames();
  frames.push(bytes);
  for (let frame = frames.next(); frame !== null; frame = frames.next()) {
    if (!frame.skippable && !frame.isEmpty && frame.endsFrame)
      yield decompressFrame(options, frame.bytes, frame.frameOffset);
  }
  frames.end();
}

function decompressFrame(options: DecodeDbnOptions, frame: Uint8Array, byteOffset: number): Uint8Array {
  const decompress = decompressor(options);
  try {
    return decompress(frame);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new SpymasterError(
      'ZSTD_CORRUPT',
      `Cannot decompress the zstd frame that starts at compressed byte ${byteOffset}: ${why}. The data is damaged.`,
      { byteOffset },
      cause,
    );
  }
}

function decompressor<F>(options: { readonly decompress?: F }): F {
  if (options.decompress !== undefined) return options.decompress;
  throw new SpymasterError(
    'DBN_UNSUPPORTED',
    'Cannot decode zstd data without a decompressor: pass one as `decompress`, or decompress the data first.',
    { byteOffset: 0 },
  );
}

/** True when bytes start with a zstd frame, skippable or not. */
export function startsZstd(head: Uint8Array): boolean {
  if (head.length < 4) return false;
  if (head[0] === 0x28 && head[1] === 0xb5 && head[2] === 0x2f && head[3] === 0xfd) return true;
  return head[0]! >>> 4 === 5 && head[1] === 0x2a && head[2] === 0x4d && head[3] === 0x18;
}
