import { dirname } from 'node:path';
import {
  copySelected,
  DbnDecoder,
  encodeGapMark,
  encodeMetadata,
  type Gap,
  layoutOf,
  type Metadata,
  type RecordBatch,
} from '../../dbn/index.ts';
import { notNull, SpymasterError } from '../../errors.ts';
import {
  type AppendedFile,
  type FileLock,
  fileChunks,
  isMissing,
  lockRecording,
  makeFolder,
  openToAppend,
  openToRead,
  writeError,
} from '../../files/index.ts';
import { RecordingContent } from './recording_content.ts';
import { TailCollector } from './tail.ts';

/** How often what was appended is made durable. */
const syncMs = 1000;
const scanChunkBytes = 1 << 20;
/** More than this is never cut off an existing file: a kill or a power failure costs less than a few seconds of feed. */
const maxTornBytes = 256 << 20;

export interface RecordingOptions {
  /**
   * Called with each run of records behind its write: what a reader of the file from `byteOffset` on would find. Valid during
   * the call.
   */
  readonly onAppend?: ((batch: RecordBatch) => void) | undefined;
  /** Called before each write with the offsets of its first byte and of the first one behind it. */
  readonly onWrite?: ((startByteOffset: number, endByteOffset: number) => void) | undefined;
}

/**
 * A plain DBN file that grows by what a live session sends, one recorder at a time (a lock beside it). It holds whole records
 * at every moment, but for a write that the machine's end cut off, which opening it again removes.
 */
export class Recording implements AsyncDisposable {
  readonly path: string;
  readonly content: RecordingContent;
  /** Null before the first session's. */
  metadata: Metadata | null;
  /** Bytes that were cut off the end of an existing file: part of a record, or zeros. */
  readonly tornBytes: number;
  readonly #lock: FileLock;
  readonly #file: AppendedFile;
  readonly #options: RecordingOptions;
  readonly #timer: NodeJS.Timeout;
  #firstRecord: number;
  #syncedBytes: number;
  #syncing: Promise<void> | null = null;
  #failure: unknown = null;

  private constructor(path: string, lock: FileLock, file: AppendedFile, found: Found, options: RecordingOptions) {
    this.path = path;
    this.content = found.content;
    this.metadata = found.metadata;
    this.tornBytes = found.tornBytes;
    this.#lock = lock;
    this.#file = file;
    this.#options = options;
    this.#firstRecord = found.firstRecord;
    this.#syncedBytes = found.tornBytes > 0 ? -1 : file.bytes;
    this.#timer = setInterval(() => this.#syncLater(), syncMs);
    this.#timer.unref();
  }

  /**
   * Opens the recording at `path`, kept to its last whole record, or a new one. Throws ALREADY_RUNNING while another process
   * records to it, LAKE_NOT_WRITABLE, and DBN_CORRUPT for a file that is damaged before its end.
   */
  static async open(path: string, options: RecordingOptions = {}): Promise<Recording> {
    const lock = takeLock(path);
    try {
      const found = await scan(path);
      return new Recording(path, lock, await openToAppend(path, found.wholeBytes), found, options);
    } catch (error) {
      lock.release();
      throw error;
    }
  }

  get bytes(): number {
    return this.#file.bytes;
  }

  /** Writes the head of the file; nothing was written yet. `metadata` is a live session's. */
  async begin(metadata: Metadata): Promise<void> {
    const head = encodeMetadata(metadata);
    await this.#file.append([head]);
    this.metadata = metadata;
    this.#firstRecord = head.length;
  }

  /**
   * Appends runs of records of one type and length, in one write; a gap stands before them. Throws LAKE_NOT_WRITABLE, after
   * which the file is as it was.
   */
  async append(runs: readonly Uint8Array[], gap: Gap | null = null): Promise<void> {
    if (this.#failure !== null) throw this.#failure;
    const { version, tsOut } = notNull(this.metadata);
    const all = gap === null ? runs : [encodeGapMark(gap, version, tsOut), ...runs];
    let byteOffset = this.#file.bytes;
    this.#options.onWrite?.(
      byteOffset,
      all.reduce((end, { length }) => end + length, byteOffset),
    );
    await this.#file.append(all);
    for (const bytes of all) {
      const batch = batchOfRun(bytes, byteOffset);
      this.content.add(batch);
      this.#options.onAppend?.(batch);
      byteOffset += bytes.length;
    }
  }

  /** The recording's tail from a time on. */
  async tail(startNs: bigint): Promise<TailCollector> {
    const from = this.content.checkpointBefore(startNs) ?? this.#firstRecord;
    const tail = new TailCollector(startNs, from === this.#firstRecord);
    const { file } = await openToRead(this.path);
    try {
      const chunks = fileChunks(file, this.path, from, scanChunkBytes);
      for await (const batch of recordsFrom(chunks, new DbnDecoder({ fragment: true }))) tail.add(batch);
    } finally {
      await file.close();
    }
    return tail;
  }

  /** Makes durable what was appended. Throws LAKE_NOT_WRITABLE. */
  async sync(): Promise<void> {
    await this.#syncing;
    // A failed fsync is reported once: the next one would succeed without the data.
    if (this.#failure !== null) throw this.#failure;
    const { bytes } = this.#file;
    if (bytes === this.#syncedBytes) return;
    await this.#file.sync();
    this.#syncedBytes = bytes;
  }

  /** Makes the file durable and gives up its lock. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    try {
      await this.sync();
    } finally {
      await this.#file.close();
      this.#lock.release();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** Syncs without anybody waiting; a failure is that of the next append. */
  #syncLater(): void {
    if (this.#syncing !== null || this.#file.bytes === this.#syncedBytes) return;
    const { bytes } = this.#file;
    this.#syncing = this.#file
      .sync()
      .then(() => {
        this.#syncedBytes = bytes;
      })
      .catch((error: unknown) => {
        this.#failure ??= error;
      })
      .finally(() => {
        this.#syncing = null;
      });
  }
}

/** A run of records of one type and length as a batch; `bytes` are copied where they do not start on a 4-byte boundary. */
export function batchOfRun(bytes: Uint8Array, byteOffset: number): RecordBatch {
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
  const recordBytes = 4 * (aligned[0] as number);
  return {
    rtype: aligned[1] as number,
    recordBytes,
    count: aligned.length / recordBytes,
    bytes: aligned,
    words: new Uint32Array(aligned.buffer, aligned.byteOffset, aligned.length >>> 2),
    byteOffset,
  };
}

/** The records of a run at some places, in order; null where there are none. */
export function recordsAt(batch: RecordBatch, indexes: readonly number[]): RecordBatch | null {
  if (indexes.length === 0) return null;
  if (indexes.length === batch.count) return batch;
  return batchOfRun(copySelected(batch, Uint32Array.from(indexes), indexes.length), batch.byteOffset);
}

function takeLock(path: string): FileLock {
  try {
    makeFolder(dirname(path));
  } catch (cause) {
    throw writeError(path, cause);
  }
  const lock = lockRecording(path);
  if (lock !== null) return lock;
  throw new SpymasterError(
    'ALREADY_RUNNING',
    `Cannot record to ${path}: another process is recording to it; let it go on, or end it first.`,
    { path },
  );
}

/** What is in an existing file. */
interface Found {
  readonly content: RecordingContent;
  readonly metadata: Metadata | null;
  readonly firstRecord: number;
  readonly wholeBytes: number;
  readonly tornBytes: number;
}

/** Reads a file up to its last whole record; all is null and 0 where there is none, or only part of its metadata. */
async function scan(path: string): Promise<Found> {
  const input = await openToRead(path).catch((error: unknown) => {
    if (isMissing(error)) return null;
    throw error;
  });
  const content = new RecordingContent();
  if (input === null) return { content, metadata: null, firstRecord: 0, wholeBytes: 0, tornBytes: 0 };
  const decoder = new DbnDecoder();
  let unknown: RecordBatch[] = [];
  let firstRecord = 0;
  try {
    for await (const batch of recordsFrom(fileChunks(input.file, path, 0, scanChunkBytes), decoder)) {
      if (content.records === 0 && unknown.length === 0) firstRecord = batch.byteOffset;
      // A type that nobody knows counts once known ones follow: at the very end it may be of a write that was cut off.
      if (layoutOf(batch.rtype, batch.recordBytes) === null) {
        unknown.push({ ...batch, bytes: new Uint8Array(0), words: new Uint32Array(0) });
        continue;
      }
      for (const skipped of unknown) content.add(skipped);
      unknown = [];
      content.add(batch);
    }
  } catch (error) {
    if (!(error instanceof SpymasterError) || error.code !== 'DBN_CORRUPT') throw error;
  } finally {
    await input.file.close();
  }
  const { metadata } = decoder;
  const whole = metadata === null ? 0 : (unknown[0]?.byteOffset ?? decoder.byteOffset);
  if (metadata !== null && content.records === 0) firstRecord = whole;
  const tornBytes = input.sizeBytes - whole;
  if (tornBytes > maxTornBytes) {
    throw new SpymasterError(
      'DBN_CORRUPT',
      `Cannot go on with the recording ${path}: it is damaged at byte ${whole}, and ${tornBytes} bytes follow, which are more than ` +
        'an interrupted write leaves; move the file away to begin a new one.',
      { path, byteOffset: whole },
    );
  }
  return { content, metadata, firstRecord, wholeBytes: whole, tornBytes };
}

/** The whole records in a file's bytes; part of one at the end is left out. */
async function* recordsFrom(
  chunks: AsyncIterable<Uint8Array>,
  decoder: DbnDecoder,
): AsyncGenerator<RecordBatch, void, undefined> {
  for await (const chunk of chunks) {
    decoder.push(chunk);
    for (let batch = decoder.next(); batch !== null; batch = decoder.next()) yield batch;
  }
}
