import { createHash } from 'node:crypto';
import { constants, zstdCompressSync } from 'node:zlib';
import {
  dateOfNs,
  encodeMetadata,
  indexTsWord,
  type Metadata,
  mboWord,
  narrowMetadata,
  nsOfDate,
  type RecordBatch,
  readStreamMark,
  rtype,
  rtypeMbo,
  tsOfWords,
  undefinedTimestamp,
} from '../dbn/index.ts';
import { present } from '../errors.ts';
import { type AtomicFile, createAtomicFile, openRecords, RecordsHash } from '../files/index.ts';
import {
  assertWritten,
  holds,
  type ImportedSession,
  importedSession,
  type PartToWrite,
  taken,
  type WriteOptions,
} from './imported_session.ts';
import { fileIdentity } from './raw.ts';
import { InstrumentNames, type RawScan } from './raw_scan.ts';
import { indexTimeWord } from './raw_time.ts';

/** Bytes that wait in memory, over all parts, before the fullest part is written to. */
const maxPendingBytes = 48 << 20;
const controlTypes = new Set<number>([rtype.symbolMapping, rtype.system, rtype.error]);

/**
 * Cuts a file into its sessions in one pass, all of them side by side in bounded memory, and gives each its name once it is found to
 * be as it was written. A session that has a file with the same records keeps that one.
 */
export async function writeParts(
  scan: RawScan,
  wanted: readonly PartToWrite[],
  options: WriteOptions,
  symbol?: string,
): Promise<ImportedSession[]> {
  const parts: Part[] = [];
  try {
    for (const part of wanted) parts.push(await Part.open(part));
    await cut(scan, parts, options, symbol);
    const sessions: ImportedSession[] = [];
    // All are looked at before the first gets its name.
    for (const part of parts) await part.finish(scan, options);
    for (const part of parts) sessions.push(await part.place());
    return sessions;
  } finally {
    for (const part of parts) await part.abort();
  }
}

async function cut(scan: RawScan, parts: readonly Part[], options: WriteOptions, symbol?: string): Promise<void> {
  await using source = await openRecords(scan.path);
  const names = new InstrumentNames(source.metadata, symbol);
  const bySymbol = new Map(
    parts.flatMap((part) => part.wanted.session.symbols.map((each) => [`${part.date} ${each.symbol}`, part] as const)),
  );
  const found = new Map<string, Part | null>();
  const partOf = (instrumentId: number, date: number): Part | null =>
    found.getOrInsertComputed(`${date} ${instrumentId}`, () => {
      const name = names.of(instrumentId, date);
      return (name === undefined ? undefined : bySymbol.get(`${date} ${name}`)) ?? null;
    });
  let date = 0;
  let start = 0n;
  for await (const batch of source) {
    names.add(batch);
    options.signal?.throwIfAborted();
    options.onWrite?.(source.bytesRead, source.sizeBytes);
    if (controlTypes.has(batch.rtype)) {
      addGaps(parts, batch, scan.metadata, names);
      continue;
    }
    const stride = batch.recordBytes;
    let run: Part | null = null;
    let from = 0;
    const flush = (to: number) => {
      run?.add(batch.bytes.subarray(from * stride, to * stride), scan.metadata, names);
      from = to;
    };
    for (let i = 0; i < batch.count; i++) {
      const ts = timeOf(batch, i);
      if (ts !== undefinedTimestamp && !(ts >= start && ts < start + 86_400_000_000_000n)) {
        date = dateOfNs(ts);
        start = nsOfDate(date);
      }
      const part = partOf(present(batch.words[i * (stride >>> 2) + mboWord.instrumentId]), date);
      if (part === run) continue;
      flush(i);
      run = part;
    }
    flush(batch.count);
    const waiting = parts.reduce((sum, part) => sum + part.waitingBytes, 0);
    if (waiting > maxPendingBytes) await fullest(parts).flush();
  }
}

/** Marks of a recording's gaps stand in the sessions that had records before them on that day. */
function addGaps(parts: readonly Part[], batch: RecordBatch, metadata: Metadata, names: InstrumentNames): void {
  for (let index = 0; index < batch.count; index++) {
    const mark = readStreamMark(batch, index);
    if (mark?.kind !== 'gap') continue;
    const at = index * batch.recordBytes;
    const date = dateOfNs(timeOf(batch, index));
    for (const part of parts.filter((part) => part.hasRecords && part.date === date)) {
      part.add(batch.bytes.subarray(at, at + batch.recordBytes), metadata, names);
    }
  }
}

function timeOf(batch: RecordBatch, index: number): bigint {
  const at = index * (batch.recordBytes >>> 2);
  const word = batch.rtype === rtypeMbo ? indexTimeWord(batch.words, at) : at + indexTsWord(batch);
  return tsOfWords(batch.words, word);
}

function fullest(parts: readonly Part[]): Part {
  return parts.reduce((most, part) => (part.waitingBytes > most.waitingBytes ? part : most));
}

/** The file of a session while it is written. */
class Part {
  readonly wanted: PartToWrite;
  /** YYYYMMDD. */
  readonly date: number;
  waitingBytes = 0;
  readonly #file: AtomicFile;
  readonly #hash = createHash('sha256');
  readonly #records = new RecordsHash();
  #waiting: Uint8Array[] = [];
  #hasMetadata = false;
  /** What is there already with the same records. */
  #present: ImportedSession | null = null;
  #sha256 = '';

  private constructor(wanted: PartToWrite, file: AtomicFile) {
    this.wanted = wanted;
    this.date = Number(wanted.session.date.replaceAll('-', ''));
    this.#file = file;
  }

  static async open(wanted: PartToWrite): Promise<Part> {
    return new Part(wanted, await createAtomicFile(wanted.path));
  }

  get hasRecords(): boolean {
    return this.#hasMetadata;
  }

  add(records: Uint8Array, metadata: Metadata, names: InstrumentNames): void {
    if (!this.#hasMetadata) this.#wait(encodeMetadata(this.#metadata(metadata, names)));
    this.#hasMetadata = true;
    this.#records.update(records);
    this.#wait(records);
  }

  /** Writes what waits as a frame of its own: an open compressor per part would take too much memory. */
  async flush(): Promise<void> {
    if (this.waitingBytes === 0) return;
    const bytes = zstdCompressSync(Buffer.concat(this.#waiting), { params: { [constants.ZSTD_c_checksumFlag]: 1 } });
    this.#waiting = [];
    this.waitingBytes = 0;
    this.#hash.update(bytes);
    await this.#file.write(bytes);
  }

  /** Ends the file and compares it with what is there; throws FILE_EXISTS, CHECKSUM_MISMATCH. */
  async finish({ path: source }: RawScan, { signal }: WriteOptions): Promise<void> {
    await this.flush();
    const { session, path, there } = this.wanted;
    this.#sha256 = this.#hash.digest('hex');
    const [found] = there;
    if (found === undefined) {
      await assertWritten(this.#file.temporaryPath, this.#sha256, path);
      return;
    }
    const { bytes, sha256 } = this.#records.identity(true);
    if (there.length > 1 || !(await holds(found, bytes, sha256, { signal }))) throw taken(source, session, there);
    this.#present = await importedSession(session, 'present', found, await fileIdentity(found));
  }

  async place(): Promise<ImportedSession> {
    if (this.#present !== null) return this.#present;
    const sizeBytes = this.#file.bytesWritten;
    await this.#file.commit();
    return importedSession(this.wanted.session, 'imported', this.wanted.path, { sizeBytes, sha256: this.#sha256 });
  }

  abort(): Promise<void> {
    return this.#file.abort();
  }

  #wait(bytes: Uint8Array): void {
    this.#waiting.push(new Uint8Array(bytes));
    this.waitingBytes += bytes.length;
  }

  /** Metadata of the part. Mapping records stand at a recording's start alone, so they become mappings here. */
  #metadata(whole: Metadata, names: InstrumentNames): Metadata {
    const start = nsOfDate(this.date);
    const end = start + 86_400_000_000_000n;
    const symbols = new Set(this.wanted.session.symbols.map(({ symbol }) => symbol));
    const part = narrowMetadata(whole, { symbols, start, end });
    const streamed = [...names.streamed].filter(([, symbol]) => symbols.has(symbol));
    if (streamed.length === 0 || part.mappings.length > 0) return part;
    const endDate = dateOfNs(end);
    return {
      ...part,
      stypeOut: 'instrument_id',
      symbols: streamed.map(([, symbol]) => symbol),
      mappings: streamed.map(([instrumentId, symbol]) => ({
        rawSymbol: symbol,
        intervals: [{ startDate: this.date, endDate, symbol: String(instrumentId) }],
      })),
    };
  }
}
