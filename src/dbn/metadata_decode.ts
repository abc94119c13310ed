import { SpymasterError } from '../errors.ts';
import { schemas, stypes, undefinedTimestamp } from './codes.ts';
import {
  type DbnVersion,
  datasetBytes,
  type MappingInterval,
  type Metadata,
  metadataFixedBytes,
  metadataPrefixBytes,
  nullSchema,
  nullSType,
  type SymbolMapping,
  symbolCstrLenV1,
} from './metadata.ts';

const utf8 = new TextDecoder('utf-8', { fatal: true });
const uint64Max = undefinedTimestamp;

/** Longest metadata that is accepted, so that a corrupt or hostile length cannot ask for all memory. */
export const maxMetadataBytes = 64 * 1024 * 1024;

/** Most symbols, mappings and intervals of metadata together; each becomes an object or a string. */
export const maxMetadataEntries = 1_000_000;

/**
 * Reads magic, version and length of a metadata block; `bytes` holds at least its first 8 bytes.
 *
 * Throws DBN_NOT_DBN, DBN_UNSUPPORTED (a version that is not known) or DBN_CORRUPT (an impossible length).
 */
export function readMetadataPrefix(bytes: Uint8Array): { version: DbnVersion; totalBytes: number } {
  if (bytes[0] !== 0x44 || bytes[1] !== 0x42 || bytes[2] !== 0x4e) throw notDbn(bytes);
  const version = bytes[3]!;
  if (version !== 1 && version !== 2 && version !== 3) {
    throw new SpymasterError(
      'DBN_UNSUPPORTED',
      `Cannot decode DBN metadata at byte 3: expected version 1, 2 or 3, got ${version}.`,
      { byteOffset: 3, version },
    );
  }
  const length = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(4, true);
  if (length < metadataFixedBytes || length > maxMetadataBytes) {
    throw new SpymasterError(
      'DBN_CORRUPT',
      `Cannot decode DBN metadata at byte 4: expected a length from ${metadataFixedBytes} to ${maxMetadataBytes} bytes, ` +
        `got ${length}.`,
      { byteOffset: 4, length },
    );
  }
  return { version, totalBytes: metadataPrefixBytes + length };
}

/** Formats that are met in place of DBN, by their first four bytes as a little-endian integer. */
const foreignFormats: readonly { readonly isMagic: (magic: number) => boolean; readonly hint: string }[] = [
  { isMagic: (magic) => magic === 0xfd2fb528, hint: 'This is zstd data: decompress it first.' },
  {
    isMagic: (magic) => magic >>> 4 === 0x184d2a5,
    hint: 'This is a zstd skippable frame, as legacy DBZ files start: read it as DBZ.',
  },
  { isMagic: (magic) => (magic & 0xffff) === 0x8b1f, hint: 'This is gzip data: unpack it with `gunzip` first.' },
  {
    isMagic: (magic) => magic === 0x04034b50 || magic === 0x06054b50 || magic === 0x08074b50,
    hint: 'This is a ZIP archive: unpack it with `unzip` and give the DBN file in it.',
  },
  { isMagic: (magic) => (magic & 0xffffff) === 0x685a42, hint: 'This is bzip2 data: unpack it with `bunzip2` first.' },
  { isMagic: (magic) => magic === 0x587a37fd, hint: 'This is xz data: unpack it with `unxz` first.' },
  { isMagic: (magic) => magic === 0x31524150, hint: 'This is a Parquet file: give the DBN file it was made from.' },
];

function notDbn(bytes: Uint8Array): SpymasterError {
  const magic = bytes[0]! | (bytes[1]! << 8) | (bytes[2]! << 16) | (bytes[3]! << 24);
  const seen = Array.from(bytes.subarray(0, 4), (byte) => byte.toString(16).padStart(2, '0')).join(' ');
  const hint =
    foreignFormats.find(({ isMagic }) => isMagic(magic >>> 0))?.hint ??
    'If these are records without metadata, decode them as a fragment.';
  return new SpymasterError(
    'DBN_NOT_DBN',
    `Cannot decode DBN metadata at byte 0: expected "DBN" and a version, got the bytes ${seen}. ${hint}`,
    { byteOffset: 0 },
  );
}

/**
 * Decodes a whole metadata block, magic and length included.
 *
 * Throws DBN_NOT_DBN, DBN_UNSUPPORTED, DBN_TRUNCATED or DBN_CORRUPT, each with the byte offset. Allocates no more than
 * the block itself warrants: counts are checked against the bytes that are there.
 */
export function decodeMetadata(bytes: Uint8Array): Metadata {
  if (bytes.length < metadataPrefixBytes) throw truncatedMetadata(bytes.length, metadataPrefixBytes);
  const { version, totalBytes } = readMetadataPrefix(bytes);
  if (bytes.length < totalBytes) throw truncatedMetadata(bytes.length, totalBytes);
  const reader = new MetadataReader(bytes.subarray(0, totalBytes), metadataPrefixBytes);

  const dataset = reader.cstr(datasetBytes, 'dataset');
  const schemaNumber = reader.u16();
  const schema = schemaNumber === nullSchema ? null : reader.name(schemas, schemaNumber, 2, 'schema');
  const start = reader.u64();
  const end = reader.u64();
  const limit = reader.u64();
  const recordCount = version === 1 ? reader.u64() : uint64Max;
  const stypeInNumber = reader.u8();
  const stypeIn = stypeInNumber === nullSType ? null : reader.name(stypes, stypeInNumber, 1, 'stype_in');
  const stypeOut = reader.name(stypes, reader.u8(), 1, 'stype_out');
  const tsOut = reader.u8() !== 0;
  const symbolCstrLen = version === 1 ? symbolCstrLenV1 : reader.u16();
  if (symbolCstrLen < 2) throw reader.corrupt(2, `expected symbols of at least 2 bytes, got ${symbolCstrLen}`);
  reader.position = metadataPrefixBytes + metadataFixedBytes;
  const lists = reader.lists(symbolCstrLen);
  return {
    version,
    dataset,
    schema,
    start,
    end: end === uint64Max ? null : end,
    limit: limit === 0n ? null : limit,
    recordCount: recordCount === uint64Max ? null : recordCount,
    stypeIn,
    stypeOut,
    tsOut,
    symbolCstrLen,
    ...lists,
  };
}

export function truncatedMetadata(gotBytes: number, expectedBytes: number): SpymasterError {
  return new SpymasterError(
    'DBN_TRUNCATED',
    `Cannot decode DBN metadata at byte 0: expected ${expectedBytes} bytes, got ${gotBytes === 0 ? 'none: the file is empty' : gotBytes}. ` +
      'The file was cut: fetch it again.',
    { byteOffset: 0, gotBytes, expectedBytes },
  );
}

/** A bounds-checked cursor over metadata; every error names the byte, counted from `origin`. */
export class MetadataReader {
  position: number;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #origin: number;
  #entries = 0;

  constructor(bytes: Uint8Array, position: number, origin = 0) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.position = position;
    this.#origin = origin;
  }

  /** The error of something that lies `back` bytes before the position. */
  corrupt(back: number, what: string): SpymasterError {
    const byteOffset = this.#origin + this.position - back;
    return new SpymasterError('DBN_CORRUPT', `Cannot decode DBN metadata at byte ${byteOffset}: ${what}.`, {
      byteOffset,
    });
  }

  #take(bytes: number): number {
    const at = this.position;
    const left = this.#bytes.length - at;
    if (bytes > left) throw this.corrupt(0, `expected ${bytes} more bytes inside the metadata, got ${left}`);
    this.position = at + bytes;
    return at;
  }

  u8(): number {
    return this.#view.getUint8(this.#take(1));
  }

  u16(): number {
    return this.#view.getUint16(this.#take(2), true);
  }

  u32(): number {
    return this.#view.getUint32(this.#take(4), true);
  }

  u64(): bigint {
    return this.#view.getBigUint64(this.#take(8), true);
  }

  name<T extends string>(names: readonly T[], number: number, bytes: number, field: string): T {
    const found = names[number];
    if (found === undefined)
      throw this.corrupt(bytes, `expected a ${field} from 0 to ${names.length - 1}, got ${number}`);
    return found;
  }

  /** A string in a field of fixed size, up to its first zero; without one it fills the field. */
  cstr(bytes: number, field: string): string {
    const at = this.#take(bytes);
    const content = this.#bytes.subarray(at, at + bytes);
    const zero = content.indexOf(0);
    try {
      return utf8.decode(zero < 0 ? content : content.subarray(0, zero));
    } catch {
      throw this.corrupt(bytes, `expected UTF-8 text in ${field}`);
    }
  }

  /** A count of things of at least `bytesEach`, checked against what is left before anything is allocated. */
  count(bytesEach: number, field: string): number {
    const count = this.u32();
    const left = this.#bytes.length - this.position;
    if (count * bytesEach > left) {
      throw this.corrupt(4, `expected at most ${Math.floor(left / bytesEach)} ${field} in ${left} bytes, got ${count}`);
    }
    this.#entries += count;
    if (this.#entries > maxMetadataEntries) throw this.#tooMany(field);
    return count;
  }

  #tooMany(field: string): SpymasterError {
    const byteOffset = this.#origin + this.position - 4;
    return new SpymasterError(
      'DBN_UNSUPPORTED',
      `Cannot decode DBN metadata at byte ${byteOffset}: with these ${field} it lists ${this.#entries} symbols, mappings and ` +
        `intervals, more than the ${maxMetadataEntries} that are read; ask for fewer symbols.`,
      { byteOffset, entries: this.#entries, limit: maxMetadataEntries },
    );
  }

  date(field: string): number {
    const date = this.u32();
    const month = Math.floor(date / 100) % 100;
    const day = date % 100;
    if (date < 10000101 || date > 99991231 || month < 1 || month > 12 || day < 1 || day > 31) {
      throw this.corrupt(4, `expected ${field} as YYYYMMDD, got ${date}`);
    }
    return date;
  }

  strings(symbolBytes: number, field: string): string[] {
    return Array.from({ length: this.count(symbolBytes, field) }, () => this.cstr(symbolBytes, field));
  }

  /** The part of variable length: schema definition (always empty so far), symbol lists, mappings. */
  lists(symbolBytes: number): Pick<Metadata, 'symbols' | 'partial' | 'notFound' | 'mappings'> {
    const definitionBytes = this.u32();
    if (definitionBytes !== 0) {
      throw this.corrupt(4, `expected no schema definition (0 bytes), got ${definitionBytes} bytes`);
    }
    return {
      symbols: this.strings(symbolBytes, 'symbols'),
      partial: this.strings(symbolBytes, 'partial symbols'),
      notFound: this.strings(symbolBytes, 'symbols that were not found'),
      mappings: Array.from({ length: this.count(symbolBytes + 4, 'mappings') }, () => this.#mapping(symbolBytes)),
    };
  }

  #mapping(symbolBytes: number): SymbolMapping {
    const rawSymbol = this.cstr(symbolBytes, 'a mapping');
    const intervals: MappingInterval[] = [];
    for (let left = this.count(symbolBytes + 8, 'intervals'); left > 0; left--) {
      const startDate = this.date('start_date');
      const endDate = this.date('end_date');
      intervals.push({ startDate, endDate, symbol: this.cstr(symbolBytes, 'an interval') });
    }
    return { rawSymbol, intervals };
  }
}
