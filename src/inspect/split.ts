import { basename, join } from 'node:path';
import { constants, zstdCompressSync } from 'node:zlib';
import {
  dayOf,
  encodeMetadata,
  indexTsWord,
  type Metadata,
  narrowMetadata,
  type RecordBatch,
  readStreamMark,
  rtype,
  type Schema,
  schemaRtypes,
  schemas,
  tsOfWords,
} from '../dbn/index.ts';
import { present } from '../errors.ts';
import { createAtomicFile, refuseExisting } from '../files/index.ts';
import { StreamSymbols } from './record_sinks.ts';
import { type Input, requireMetadata } from './source.ts';

export type SplitBy = 'symbol' | 'schema' | 'day';

/** Bytes that wait in memory, over all files, before the fullest file is written to. */
const maxWaitingBytes = 64 << 20;

/** A part of the input: the key that names its file, and its metadata. */
interface Part {
  readonly key: string;
  readonly metadata: Metadata;
}

/** A written file. */
export interface SplitFile {
  readonly key: string;
  readonly path: string;
  readonly records: number;
}

const controlNames = new Map<number, string>([
  [rtype.error, 'error'],
  [rtype.symbolMapping, 'symbol-mapping'],
  [rtype.system, 'system'],
]);

const controlKey = 'control';
const controlKeys: ReadonlySet<string> = new Set([controlKey, ...controlNames.values()]);

/** Writes the parts of an input to files `<folder>/<name>.<key>.dbn` (`.zst` behind when asked), whole or not at all. */
export async function split(
  input: Input,
  by: SplitBy,
  folder: string,
  options: { readonly zstd: boolean; readonly force: boolean },
): Promise<SplitFile[]> {
  const metadata = requireMetadata(input, 'split');
  const stem =
    input.name === 'standard input' ? 'stdin' : basename(input.name).replace(/(?:\.dbn|\.dbz)?(?:\.zst)?$/, '');
  const writer = new PartsWriter(
    (key) => join(folder, `${stem}.${fileKey(key)}.dbn${options.zstd ? '.zst' : ''}`),
    options,
  );
  const partOf = partition(by, metadata, input.tsOut);
  try {
    for await (const batch of input) {
      const stride = batch.recordBytes;
      for (let from = 0; from < batch.count; ) {
        const part = partOf(batch, from);
        let to = from + 1;
        while (to < batch.count && partOf(batch, to).key === part.key) to++;
        await writer.write(part, batch.bytes.subarray(from * stride, to * stride), to - from);
        from = to;
      }
      if (by !== 'day') await writeGaps(writer, batch);
    }
    return await writer.finish();
  } catch (error) {
    await writer.abort();
    throw error;
  }
}

/** Records of every part are missing where the recording has a gap: its mark stands in all files, beside that of its own kind. */
async function writeGaps(writer: PartsWriter, batch: RecordBatch): Promise<void> {
  for (let index = 0; index < batch.count; index++) {
    if (readStreamMark(batch, index)?.kind !== 'gap') continue;
    const at = index * batch.recordBytes;
    await writer.writeToData(batch.bytes.subarray(at, at + batch.recordBytes));
  }
}

/** A key as a part of a file name. */
function fileKey(key: string): string {
  return key.replace(/[^\w.=+-]+/g, '_');
}

/** Gives the part that a record belongs to. */
function partition(by: SplitBy, metadata: Metadata, tsOut: boolean): (batch: RecordBatch, index: number) => Part {
  const parts = new Map<string, Part>();
  const part = (key: string, make: () => Metadata): Part => {
    let found = parts.get(key);
    if (found === undefined) {
      found = { key, metadata: make() };
      parts.set(key, found);
    }
    return found;
  };
  const timeOf = (batch: RecordBatch, index: number) =>
    tsOfWords(batch.words, index * (batch.recordBytes >>> 2) + indexTsWord(batch));
  if (by === 'schema') {
    return ({ rtype: type }) => {
      const schema = schemaOf(type, metadata.schema);
      return part(schema ?? controlNames.get(type) ?? `rtype-${type}`, () => narrowMetadata(metadata, { schema }));
    };
  }
  if (by === 'day') {
    return (batch, index) => {
      const { date, range } = dayOf(timeOf(batch, index));
      return part(String(date), () => narrowMetadata(metadata, range));
    };
  }
  const symbols = new StreamSymbols(metadata, tsOut);
  let seen: RecordBatch | null = null;
  return (batch, index) => {
    if (batch !== seen) symbols.onBatch(batch);
    seen = batch;
    if (batch.rtype === rtype.system || batch.rtype === rtype.error) return part(controlKey, () => metadata);
    const instrumentId = present(batch.words[index * (batch.recordBytes >>> 2) + 1]);
    const symbol = symbols.get(instrumentId, dayOf(timeOf(batch, index)).date);
    if (symbol === undefined) return part(`id-${instrumentId}`, () => narrowMetadata(metadata, { symbols: new Set() }));
    return part(symbol, () => narrowMetadata(metadata, { symbols: new Set([symbol]) }));
  };
}

/** The schema of a record: the file's own where that fits, since tbbo records look like mbp-1 records. */
function schemaOf(type: number, own: Schema | null): Schema | null {
  if (own !== null && schemaRtypes[own].includes(type)) return own;
  return schemas.find((schema) => schemaRtypes[schema].includes(type)) ?? null;
}

type AtomicFile = Awaited<ReturnType<typeof createAtomicFile>>;

/** A file of the split: what waits in memory, and what is written already under a temporary name. */
interface PartFile {
  readonly key: string;
  readonly path: string;
  readonly file: AtomicFile;
  waiting: Uint8Array[];
  waitingBytes: number;
  records: number;
}

/** Any number of files that grow side by side, in bounded memory. */
class PartsWriter {
  readonly #files = new Map<string, PartFile>();
  readonly #pathOf: (key: string) => string;
  readonly #options: { readonly zstd: boolean; readonly force: boolean };
  #waitingBytes = 0;

  constructor(pathOf: (key: string) => string, options: { readonly zstd: boolean; readonly force: boolean }) {
    this.#pathOf = pathOf;
    this.#options = options;
  }

  async write(part: Part, bytes: Uint8Array, records: number): Promise<void> {
    await this.#append(this.#files.get(part.key) ?? (await this.#open(part)), bytes, records);
  }

  /** Appends a record to every file of market data that there is. */
  async writeToData(record: Uint8Array): Promise<void> {
    for (const file of this.#files.values()) if (!controlKeys.has(file.key)) await this.#append(file, record, 1);
  }

  async #append(file: PartFile, bytes: Uint8Array, records: number): Promise<void> {
    this.#wait(file, bytes);
    file.records += records;
    if (this.#waitingBytes > maxWaitingBytes) {
      const fullest = [...this.#files.values()].reduce((most, other) =>
        other.waitingBytes > most.waitingBytes ? other : most,
      );
      await this.#flush(fullest);
    }
  }

  async finish(): Promise<SplitFile[]> {
    for (const file of this.#files.values()) {
      await this.#flush(file);
      await file.file.commit();
    }
    return [...this.#files.values()].map(({ key, path, records }) => ({ key, path, records }));
  }

  async abort(): Promise<void> {
    for (const { file } of this.#files.values()) await file.abort();
  }

  async #open(part: Part): Promise<PartFile> {
    const path = this.#pathOf(part.key);
    const { force } = this.#options;
    refuseExisting(path, { force });
    const file: PartFile = {
      key: part.key,
      path,
      file: await createAtomicFile(path, { force }),
      waiting: [],
      waitingBytes: 0,
      records: 0,
    };
    this.#files.set(part.key, file);
    this.#wait(file, encodeMetadata(part.metadata));
    return file;
  }

  #wait(file: PartFile, bytes: Uint8Array): void {
    file.waiting.push(new Uint8Array(bytes));
    file.waitingBytes += bytes.length;
    this.#waitingBytes += bytes.length;
  }

  async #flush(file: PartFile): Promise<void> {
    if (file.waitingBytes === 0) return;
    const bytes = Buffer.concat(file.waiting);
    this.#waitingBytes -= file.waitingBytes;
    file.waiting = [];
    file.waitingBytes = 0;
    // Each flush is a frame of its own: an open compressor per file would take too much memory.
    const params = { [constants.ZSTD_c_checksumFlag]: 1 };
    await file.file.write(this.#options.zstd ? zstdCompressSync(bytes, { params }) : bytes);
  }
}
